// Brings back what was typed or chosen and never reached the server, such as while it was away.
const SENT = 20; // the last values that went out: the server may have kept any of them before it left
const CONTROL = "textarea, input";

const ticks = (field) => field.type === "checkbox";

export default {
  template: `<span hidden></span>`,
  props: {
    target: { type: String, required: true },
    name: { type: String, required: true },
    kept: String,
    chosen: Boolean, // a list's choice, which only the server can make again
  },
  watch: {
    kept(now) {
      if (this.read()?.text === now) this.forget();
    },
  },
  mounted() {
    const host = document.getElementById(this.target);
    this.field = host?.matches(CONTROL) ? host : host?.querySelector(CONTROL);
    if (this.field && !this.chosen) this.field.addEventListener(this.event(), this.typed);
    const { text, sent = [] } = this.read() ?? {};
    this.forget();
    // somebody else's words are not typed over
    if (!this.field || !sent.includes(this.kept) || text === this.kept) return;
    this.again(text);
  },
  beforeUnmount() {
    this.field?.removeEventListener(this.event(), this.typed);
  },
  methods: {
    event() {
      return ticks(this.field) ? "change" : "input";
    },
    typed() {
      this.note(ticks(this.field) ? String(this.field.checked) : this.field.value);
    },
    note(text) {
      let { sent = [this.kept] } = this.read() ?? {};
      if (window.socket?.connected) sent = [...sent, text].slice(-SENT);
      sessionStorage.setItem(this.name, JSON.stringify({ text, sent }));
    },
    again(text) {
      if (this.chosen) {
        this.note(text);
        this.$emit("again", text);
        return;
      }
      if (ticks(this.field)) this.field.checked = text === "true";
      else this.field.value = text;
      this.field.dispatchEvent(new Event(this.event(), { bubbles: true }));
    },
    read() {
      return JSON.parse(sessionStorage.getItem(this.name) ?? "null");
    },
    forget() {
      sessionStorage.removeItem(this.name);
    },
  },
};
