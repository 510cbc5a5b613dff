// A button and its dialog of emoji; the chosen one goes to the caret of the target's textarea.
const GROUPS = [
  [0, "Smileys and emotion", "😀"],
  [1, "People and body", "👋"],
  [3, "Animals and nature", "🐻"],
  [4, "Food and drink", "🍔"],
  [5, "Travel and places", "✈️"],
  [6, "Activities", "⚽"],
  [7, "Objects", "💡"],
  [8, "Symbols", "❤️"],
  [9, "Flags", "🏁"],
];
const NEWEST = 15.1; // younger emoji are empty boxes on many phones
const RECENT = "recent-emoji";
let loading;

function load(url) {
  loading ??= fetch(url)
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then((all) => all.filter((one) => one.version <= NEWEST && one.group !== 2))
    .then((all) => all.map((one) => ({ ...one, words: [one.annotation, ...(one.tags ?? [])].join(" ").toLowerCase() })))
    .catch((problem) => {
      loading = undefined;
      throw problem;
    });
  return loading;
}

export default {
  template: `<span class="emoji-host">
    <button type="button" class="icon-button" aria-label="Insert emoji" aria-haspopup="dialog"
      :aria-expanded="open ? 'true' : 'false'" :disabled="disabled" @click="show">
      <i class="q-icon notranslate material-symbols-outlined" aria-hidden="true">mood</i>
    </button>
    <dialog ref="dialog" class="emoji" aria-label="Insert emoji" @click.self="close" @close="closed" @keydown="move">
      <template v-if="open">
        <div class="emoji-search">
          <input ref="search" v-model="query" type="search" aria-label="Search emoji" placeholder="Search emoji"
            autocomplete="off" spellcheck="false" @keydown.enter.prevent="first" />
        </div>
        <div v-if="!query" class="emoji-groups" role="group" aria-label="Groups">
          <button v-for="[id, label, face] in groups" :key="id" type="button" :aria-label="label" :title="label"
            :aria-current="id === current ? 'true' : 'false'" @click="jump(id)">{{ face }}</button>
        </div>
        <div ref="list" class="emoji-list" @scroll.passive="follow" @mouseover="name" @focusin="name">
          <p v-if="failed" class="emoji-none">The emoji could not be loaded. Close this and try again.</p>
          <p v-else-if="!emoji.length" class="emoji-none">Loading…</p>
          <p v-else-if="query && !sections.length" class="emoji-none">No emoji for “{{ query }}”.</p>
          <section v-for="part in sections" :key="part.id" :data-group="part.id" class="emoji-section" :aria-label="part.label">
            <h3 aria-hidden="true">{{ part.label }}</h3>
            <div class="emoji-grid" role="group" :aria-label="part.label">
              <button v-for="one in part.emoji" :key="one.emoji" type="button" :aria-label="one.annotation"
                tabindex="-1" @click="insert(one, $event)">{{ one.emoji }}</button>
            </div>
          </section>
        </div>
        <div class="emoji-name" aria-hidden="true">{{ named || "Enter inserts, Shift+Enter keeps this open" }}</div>
        <div class="sr-only" role="status">{{ query && emoji.length ? found + " found" : "" }}</div>
      </template>
    </dialog>
  </span>`,
  emits: ["inserted"],
  props: { target: { type: String, required: true }, source: { type: String, required: true }, disabled: Boolean },
  data() {
    return { open: false, query: "", emoji: [], recent: [], current: 0, named: "", failed: false, groups: GROUPS };
  },
  computed: {
    sections() {
      const words = this.query.toLowerCase().split(/\s+/).filter(Boolean);
      if (words.length) {
        const rank = (one) => (one.annotation.startsWith(words[0]) ? 0 : one.annotation.includes(words[0]) ? 1 : 2);
        const hits = this.emoji.filter((one) => words.every((word) => one.words.includes(word)));
        hits.sort((a, b) => rank(a) - rank(b) || a.order - b.order);
        return hits.length ? [{ id: "found", label: "Found", emoji: hits }] : [];
      }
      const recent = this.recent.map((char) => this.emoji.find((one) => one.emoji === char)).filter(Boolean);
      const parts = GROUPS.map(([id, label]) => ({ id, label, emoji: this.emoji.filter((one) => one.group === id) }));
      if (recent.length) parts.unshift({ id: "recent", label: "Recent", emoji: recent });
      return parts.filter((part) => part.emoji.length);
    },
    found() {
      return this.sections.reduce((sum, part) => sum + part.emoji.length, 0);
    },
  },
  watch: {
    query() {
      this.named = "";
    },
    sections() {
      this.$nextTick(this.rove);
    },
  },
  methods: {
    async show(event) {
      const button = event.currentTarget;
      this.open = true;
      this.query = this.named = "";
      this.recent = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
      await this.$nextTick();
      this.$refs.dialog.showModal();
      this.place(button);
      this.$refs.search.focus();
      try {
        this.failed = false;
        this.emoji = Object.freeze(await load(this.source));
      } catch {
        this.failed = true;
      }
      this.$nextTick(this.rove);
    },
    place(button) {
      const box = button.getBoundingClientRect();
      const { style, offsetWidth, offsetHeight } = this.$refs.dialog;
      const below = box.bottom + 6 + offsetHeight <= innerHeight;
      const top = below ? box.bottom + 6 : Math.max(8, box.top - 6 - offsetHeight);
      style.top = `${top}px`;
      style.left = `${Math.max(8, Math.min(box.left, innerWidth - offsetWidth - 8))}px`;
    },
    close() {
      this.$refs.dialog.close();
    },
    closed() {
      this.open = false;
    },
    buttons() {
      return [...(this.$refs.list?.querySelectorAll(".emoji-grid button") ?? [])];
    },
    rove(to) {
      const all = this.buttons();
      const chosen = to instanceof HTMLElement ? to : all[0];
      for (const button of all) button.tabIndex = button === chosen ? 0 : -1;
    },
    move(event) {
      const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
      const isSearch = event.target === this.$refs.search;
      if (event.key === "Enter" && event.shiftKey && event.target.closest(".emoji-grid")) {
        event.preventDefault();
        event.target.dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: true }));
        return;
      }
      if (!isSearch && event.key.length === 1 && event.key !== " ") this.$refs.search.focus();
      if (!step || (isSearch && event.key !== "ArrowDown")) return;
      const all = this.buttons();
      const at = all.indexOf(document.activeElement);
      if (at < 0 && !isSearch) return;
      event.preventDefault();
      const next = at < 0 ? all[0] : step[0] ? all[at + step[0]] : this.across(all, all[at], step[1]);
      if (next) {
        this.rove(next);
        next.focus();
      } else if (event.key === "ArrowUp") {
        this.$refs.search.focus();
      }
    },
    across(all, from, direction) {
      const box = from.getBoundingClientRect();
      const beyond = all
        .map((button) => ({ button, at: button.getBoundingClientRect() }))
        .filter(({ at }) => (direction > 0 ? at.top > box.top + 4 : at.top < box.top - 4));
      const nearest = Math.min(...beyond.map(({ at }) => Math.abs(at.top - box.top)));
      const row = beyond.filter(({ at }) => Math.abs(Math.abs(at.top - box.top) - nearest) < 4);
      row.sort((a, b) => Math.abs(a.at.left - box.left) - Math.abs(b.at.left - box.left));
      return row[0]?.button;
    },
    first() {
      const best = this.query && this.sections[0]?.emoji[0];
      if (best) this.insert(best, {});
    },
    insert(one, event) {
      const host = document.getElementById(this.target);
      const field = host?.matches("textarea, input") ? host : host?.querySelector("textarea, input");
      if (!field) return;
      field.setRangeText(one.emoji, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
      const recent = JSON.parse(localStorage.getItem(RECENT) ?? "[]").filter((char) => char !== one.emoji);
      localStorage.setItem(RECENT, JSON.stringify([one.emoji, ...recent].slice(0, 16)));
      this.$emit("inserted", one.emoji);
      if (event.shiftKey) return;
      this.close();
      field.focus();
    },
    name(event) {
      this.named = event.target.closest?.(".emoji-grid button")?.ariaLabel ?? this.named;
    },
    jump(id) {
      const section = this.$refs.list.querySelector(`[data-group="${id}"]`);
      this.$refs.list.scrollTop = section.offsetTop;
      this.current = id;
      this.rove(section.querySelector("button"));
    },
    follow() {
      const top = this.$refs.list.scrollTop + 8;
      const passed = [...this.$refs.list.querySelectorAll("section")].filter((part) => part.offsetTop <= top).pop();
      this.current = Number(passed?.dataset.group) || 0;
    },
  },
};
