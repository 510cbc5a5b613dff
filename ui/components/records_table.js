// A table of records: sortable headers, a link in each row, and boxes to select rows. Words come ready from Python.
export default {
  template: `
    <div class="grid records" tabindex="-1" :aria-busy="loading ? 'true' : 'false'">
      <table role="table" :aria-label="label">
        <thead role="rowgroup">
          <tr role="row">
            <th v-if="selectable" role="columnheader" scope="col" class="col-pick">
              <label class="pick"><span class="sr-only">Select all on this page</span>
                <input ref="all" type="checkbox" :checked="picked.length > 0 && picked.length === rows.length" @change="pickAll" />
              </label>
            </th>
            <th v-for="column in columns" :key="column.key" role="columnheader" scope="col"
              :class="['col-' + column.key, { 'is-end': column.end, 'is-plain': !column.sortable }]" :aria-sort="ariaSort(column)"
              @click="column.sortable && $emit('sort', column.key)">
              <button v-if="column.sortable" type="button" class="sort">
                <span>{{ column.label }}</span>
                <svg viewBox="0 0 12 12" aria-hidden="true" :class="{ up: sort === column.key && !descending }">
                  <path d="M6 2v8M2.8 6.8 6 10l3.2-3.2" fill="none" stroke="currentColor" stroke-width="1.5"
                    stroke-linecap="round" stroke-linejoin="round" />
                </svg>
              </button>
              <span v-else class="no-sort">{{ column.label }}</span>
            </th>
          </tr>
        </thead>
        <tbody v-if="loading" role="rowgroup">
          <tr v-for="n in 8" :key="n" role="row" class="ghost">
            <td v-if="selectable" role="cell" class="col-pick"><span class="sr-only">Loading</span></td>
            <td v-for="column in columns" :key="column.key" role="cell" :class="'col-' + column.key">
              <span class="sr-only">Loading</span><i :style="{ width: 38 + (n * 29 + column.key.length * 17) % 45 + '%' }" />
            </td>
          </tr>
        </tbody>
        <tbody v-else role="rowgroup">
          <tr v-for="row in rows" :key="row.id" role="row" :class="{ 'is-picked': isPicked(row.id) }">
            <td v-if="selectable" role="cell" class="col-pick">
              <label class="pick"><span class="sr-only">Select {{ row.name }}</span>
                <input type="checkbox" :checked="isPicked(row.id)" @change="$emit('pick', { id: row.id, on: $event.target.checked })" />
              </label>
            </td>
            <template v-for="(column, place) in columns" :key="column.key">
              <th v-if="place === 0" role="rowheader" scope="row" class="col-name">
                <a :href="row.href" :title="long(row.name)"><bdi class="two-lines">{{ row.name }}</bdi></a>
                <span v-if="row.note" class="row-note">{{ row.note }}</span>
              </th>
              <td v-else role="cell" :class="['col-' + column.key, { 'is-end': column.end }]" :data-label="column.label">
                <span v-if="row.cells[column.key]?.dot" class="pill"><span class="pill-dot" :class="'dot-' + row.cells[column.key].dot" aria-hidden="true" /><span>{{ row.cells[column.key].text }}</span></span>
                <template v-else-if="row.cells[column.key]?.text"><bdi :class="{ 'two-lines': column.key === 'lists' }" :title="long(row.cells[column.key].text, column.key)">{{ row.cells[column.key].text }}</bdi>
                  <span v-if="row.cells[column.key].more" class="more">{{ row.cells[column.key].more }}</span></template>
                <span v-else class="none"><span aria-hidden="true">—</span><span class="sr-only">None</span></span>
              </td>
            </template>
          </tr>
        </tbody>
      </table>
    </div>
  `,
  emits: ["sort", "pick", "pick-page"],
  props: {
    label: { type: String, required: true },
    columns: { type: Array, required: true },
    rows: { type: Array, default: () => [] },
    picked: { type: Array, default: () => [] },
    selectable: Boolean,
    sort: String,
    descending: Boolean,
    loading: Boolean,
  },
  watch: {
    picked() {
      this.tellSome();
    },
    rows() {
      this.$nextTick(this.tellSome);
    },
  },
  methods: {
    long(text, key) {
      return key === "email" || text.length > 24 ? text : null; // it may be cut
    },
    ariaSort(column) {
      if (!column.sortable) return null;
      if (column.key !== this.sort) return "none";
      return this.descending ? "descending" : "ascending";
    },
    isPicked(id) {
      return this.picked.includes(id);
    },
    pickAll(event) {
      this.$emit("pick-page", event.target.checked);
    },
    tellSome() {
      const box = this.$refs.all;
      if (box) box.indeterminate = this.picked.length > 0 && this.picked.length < this.rows.length;
    },
  },
};
