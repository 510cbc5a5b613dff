// The SMS tab's table. All words come ready from Python; `live` holds the rows that changed since they were loaded.
export default {
  template: `
    <div class="grid" tabindex="-1" :aria-busy="loading ? 'true' : 'false'">
      <table role="table" aria-label="SMS campaigns">
        <thead role="rowgroup">
          <tr role="row">
            <th v-for="column in columns" :key="column.key" role="columnheader" scope="col"
              :class="'col-' + column.key" :aria-sort="ariaSort(column.key)" @click="$emit('sort', column.key)">
              <button type="button" class="sort">
                <span>{{ column.label }}</span>
                <svg viewBox="0 0 12 12" aria-hidden="true" :class="{ up: sort === column.key && !descending }">
                  <path d="M6 2v8M2.8 6.8 6 10l3.2-3.2" fill="none" stroke="currentColor" stroke-width="1.5"
                    stroke-linecap="round" stroke-linejoin="round" />
                </svg>
              </button>
            </th>
            <th role="columnheader" scope="col" class="col-actions"><span class="sr-only">Actions</span></th>
          </tr>
        </thead>
        <tbody v-if="loading" role="rowgroup">
          <tr v-for="n in 8" :key="n" role="row" class="ghost">
            <td v-for="column in columns" :key="column.key" role="cell" :class="'col-' + column.key">
              <span class="sr-only">Loading</span><i :style="{ width: 38 + (n * 29 + column.key.length * 17) % 45 + '%' }" />
            </td>
            <td role="cell" class="col-actions"><span class="sr-only">Loading</span></td>
          </tr>
        </tbody>
        <tbody v-else role="rowgroup">
          <tr v-for="row in shown" :key="row.id" role="row" :class="{ 'is-open': open === row.id }">
            <td role="cell" class="col-status">
              <span class="pill" :class="'pill-' + row.status"><span class="pill-dot" aria-hidden="true" /><span>{{ row.word }}</span></span>
            </td>
            <th role="rowheader" scope="row" class="col-name">
              <a :href="row.href" :title="long(row.name)"><bdi class="two-lines">{{ row.name }}</bdi></a>
              <div v-if="row.progress" class="going">
                <span class="dbar-track" :class="{ 'has-some': row.progress.bar.length }" role="progressbar"
                  :aria-label="'Progress of ' + row.name" aria-valuemin="0" :aria-valuemax="row.progress.total"
                  :aria-valuenow="row.progress.done" :aria-valuetext="row.progress.words">
                  <i v-for="part in row.progress.bar" :key="part.state" :class="'state-' + part.state" :style="{ flexGrow: part.count }" />
                </span>
                <span class="going-words">{{ row.progress.words }}<span v-if="row.progress.rate" class="going-rate">{{ row.progress.rate }}</span></span>
              </div>
              <p v-if="row.trouble" class="trouble">{{ row.trouble }}</p>
            </th>
            <td role="cell" class="col-start" :data-label="labels.start">
              <template v-if="row.day"><span class="day">{{ row.day }}</span> <span class="clock">{{ row.clock }}</span></template>
              <span v-else class="none"><span aria-hidden="true">—</span> Not scheduled</span>
            </td>
            <td role="cell" class="col-created_by" :data-label="labels.created_by"><bdi>{{ row.by }}</bdi></td>
            <td role="cell" class="col-messages" :data-label="labels.messages">{{ row.messages }}</td>
            <td role="cell" class="col-list" :data-label="labels.list"><bdi class="two-lines" :title="long(row.list)">{{ row.list }}</bdi></td>
            <td role="cell" class="col-actions">
              <div class="row-actions">
                <a v-if="row.view" class="view" :href="row.view" :aria-describedby="$.uid + 'n' + row.id">View Campaign Details</a>
                <span :id="$.uid + 'n' + row.id" hidden>{{ row.name }}</span>
                <button v-if="row.actions.length" type="button" class="icon-button" :aria-label="'More actions for ' + row.name"
                  aria-haspopup="menu" :aria-expanded="open === row.id ? 'true' : 'false'" :popovertarget="menuId"
                  :id="menuId + '-' + row.id" @click="pick(row.id)" @keydown.down.prevent="$event.target.click()">
                  <svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="4.5" r="1.6" /><circle cx="10" cy="10" r="1.6" /><circle cx="10" cy="15.5" r="1.6" /></svg>
                </button>
              </div>
            </td>
          </tr>
        </tbody>
      </table>
      <div ref="menu" :id="menuId" popover="auto" role="menu" class="row-menu" :class="{ 'is-placed': placed }"
        :aria-labelledby="menuId + '-' + target" @toggle="toggled" @keydown="walk">
        <button v-for="action in choices" :key="action.name" type="button" role="menuitem" tabindex="-1"
          :class="{ danger: action.danger }" @click="act(action.name)">
          <q-icon :name="'sym_o_' + action.symbol" aria-hidden="true" /><span>{{ action.name }}</span>
        </button>
      </div>
    </div>
  `,
  emits: ["sort", "act"],
  props: {
    columns: { type: Array, required: true },
    rows: { type: Array, default: () => [] },
    live: { type: Object, default: () => ({}) },
    sort: String,
    descending: Boolean,
    loading: Boolean,
  },
  data() {
    return { open: null, target: null, placed: false, menuId: `row-menu-${this.$.uid}`, held: false };
  },
  computed: {
    shown() {
      return this.rows.map((row) => this.live[row.id] ?? row);
    },
    labels() {
      return Object.fromEntries(this.columns.map((column) => [column.key, column.label]));
    },
    choices() {
      return this.shown.find((row) => row.id === this.target)?.actions ?? [];
    },
  },
  mounted() {
    addEventListener("scroll", this.close, { passive: true, capture: true });
    addEventListener("resize", this.close);
  },
  beforeUnmount() {
    removeEventListener("scroll", this.close, { capture: true });
    removeEventListener("resize", this.close);
  },
  beforeUpdate() {
    this.held = this.$el.contains(document.activeElement);
  },
  updated() {
    // the row that had the focus is gone: stay near it instead of falling back to the top of the page
    if (this.held && document.activeElement === document.body) this.$el.focus({ preventScroll: true });
  },
  methods: {
    long(text) {
      return text.length > 32 ? text : null; // it may be cut
    },
    ariaSort(key) {
      if (key !== this.sort) return "none";
      return this.descending ? "descending" : "ascending";
    },
    pick(id) {
      this.target = id;
    },
    async toggled(event) {
      const opens = event.newState === "open";
      this.open = opens ? this.target : null;
      this.placed = false;
      if (!opens) return;
      await this.$nextTick();
      this.place();
      this.items()[0]?.focus({ preventScroll: true });
    },
    place() {
      const button = document.getElementById(`${this.menuId}-${this.target}`)?.getBoundingClientRect();
      const menu = this.$refs.menu;
      if (!button) return;
      const below = button.bottom + 4 + menu.offsetHeight <= innerHeight - 8;
      menu.style.top = `${below ? button.bottom + 4 : Math.max(8, button.top - 4 - menu.offsetHeight)}px`;
      menu.style.left = `${Math.max(8, button.right - menu.offsetWidth)}px`;
      this.placed = true;
    },
    close(event) {
      if (this.open !== null && !this.$refs.menu.contains(event.target)) this.$refs.menu.hidePopover();
    },
    items() {
      return [...this.$refs.menu.querySelectorAll("[role=menuitem]")];
    },
    walk(event) {
      const items = this.items();
      const at = items.indexOf(document.activeElement);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        items.at(to % items.length)?.focus();
      } else if (event.key === "Tab") {
        this.$refs.menu.hidePopover();
      } else if (event.key.length === 1 && /\S/.test(event.key)) {
        event.preventDefault();
        const letter = event.key.toLowerCase();
        [...items.slice(at + 1), ...items].find((item) => item.innerText.trim().toLowerCase().startsWith(letter))?.focus();
      }
    },
    act(name) {
      const id = this.target;
      this.$refs.menu.hidePopover();
      this.$emit("act", { id, name });
    },
  },
};
