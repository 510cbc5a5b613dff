// Leads to the sign-in when the session is over, whoever noticed: the server tells open pages, and a page that
// slept asks once its socket is refused. What was typed is kept in this tab, and offered to the same person.
const KEPT = "typed";
const DAY = 24 * 3600 * 1000;
const ENDED = "We kept what you typed before you were signed out.";
const CHANGED = "What you may do here has changed. We kept what you typed before.";
const FIELDS = "input:not([type=password], [type=file], [type=checkbox], [type=radio], [type=hidden]), textarea";

const label = (field) =>
  (field.getAttribute("aria-label") || field.labels?.[0]?.innerText || field.placeholder || field.name || "").trim();

const named = () => {
  const seen = new Map();
  return [...document.querySelectorAll(FIELDS)].map((field) => {
    const name = label(field);
    const place = seen.get(name) ?? 0;
    seen.set(name, place + 1);
    return { field, name, place };
  });
};

export default {
  template: `
    <div v-if="kept" class="banner kept" role="status">
      <p class="grow">{{ kept.said }}</p>
      <button type="button" class="text-button" @click="putBack">Put it back</button>
      <button type="button" class="text-button is-quiet" @click="forget">Forget it</button>
    </div>
  `,
  props: { person: { type: Number, required: true } },
  data() {
    return { kept: null };
  },
  created() {
    this.typed = new Set();
  },
  async mounted() {
    window.signedOut = this.ask;
    document.addEventListener("input", this.note, true);
    document.addEventListener("visibilitychange", this.cameBack);
    await this.$nextTick(); // the page is mounted after its parts, and has its socket then
    window.socket?.on("connect_error", this.ask);
    this.find();
  },
  beforeUnmount() {
    document.removeEventListener("input", this.note, true);
    document.removeEventListener("visibilitychange", this.cameBack);
    window.socket?.off("connect_error", this.ask);
  },
  methods: {
    note(event) {
      if (event.isTrusted && event.target.matches?.(FIELDS)) this.typed.add(event.target);
    },
    cameBack() {
      if (document.visibilityState === "visible" && !window.socket?.connected) this.ask();
    },
    async ask(told) {
      if (this.leaving) return;
      const answer = await fetch("/session", { cache: "no-store" }).catch(() => null); // no network: it may come back
      if (this.leaving || !answer || (answer.status !== 401 && told !== true)) return;
      this.leaving = true;
      this.keep(answer.status === 401 ? ENDED : CHANGED);
      const here = encodeURIComponent(location.pathname + location.search);
      if (answer.status === 401) location.assign(`/login?ended=1&next=${here}`);
      else location.reload(); // signed in still, as somebody who may do other things
    },
    keep(said) {
      const fields = named()
        .filter(({ field }) => this.typed.has(field) && field.value)
        .map(({ field, name, place }) => ({ name, place, value: field.value }));
      if (!fields.length) return;
      const kept = { person: this.person, path: location.pathname, at: Date.now(), said, fields };
      sessionStorage.setItem(KEPT, JSON.stringify(kept));
    },
    find() {
      const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
      if (!kept || kept.path !== location.pathname) return;
      if (kept.person !== this.person || Date.now() - kept.at > DAY) this.forget();
      else this.compare(kept, 20);
    },
    compare(kept, tries) {
      // the page fills itself after this: what it shows already needs no putting back
      const shown = named();
      const here = (one) => shown.find(({ name, place }) => name === one.name && place === one.place)?.field.value;
      if (kept.fields.every((one) => here(one) === one.value)) this.forget();
      else if (tries) setTimeout(() => this.compare(kept, tries - 1), 100);
      else this.kept = kept;
    },
    putBack() {
      for (const { field, name, place } of named()) {
        const one = this.kept.fields.find((each) => each.name === name && each.place === place);
        if (!one || field.readOnly || field.disabled) continue;
        const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
        Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, one.value);
        field.dispatchEvent(new Event("input", { bubbles: true }));
        this.typed.add(field);
        this.kept.fields = this.kept.fields.filter((each) => each !== one);
      }
      if (!this.kept.fields.length) this.forget(); // the rest belongs into a dialog that must be opened first
    },
    forget() {
      sessionStorage.removeItem(KEPT);
      this.kept = null;
    },
  },
};
