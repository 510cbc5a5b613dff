// Types again what was typed into a field and never reached the server, such as while it was away.
const SENT = 20; // the last texts that went out: the server may have kept any of them before it left

export default {
  template: `<span hidden></span>`,
  props: { target: { type: String, required: true }, name: { type: String, required: true }, kept: String },
  watch: {
    kept(now) {
      if (this.read()?.text === now) this.forget();
    },
  },
  mounted() {
    const host = document.getElementById(this.target);
    this.field = host?.matches("textarea, input") ? host : host?.querySelector("textarea, input");
    this.field?.addEventListener("input", this.note);
    const { text, sent = [] } = this.read() ?? {};
    this.forget();
    // somebody else's words are not typed over
    if (!this.field || !sent.includes(this.kept) || text === this.kept) return;
    this.field.value = text;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  },
  beforeUnmount() {
    this.field?.removeEventListener("input", this.note);
  },
  methods: {
    read() {
      return JSON.parse(sessionStorage.getItem(this.name) ?? "null");
    },
    note() {
      const text = this.field.value;
      let { sent = [this.kept] } = this.read() ?? {};
      if (window.socket?.connected) sent = [...sent, text].slice(-SENT);
      sessionStorage.setItem(this.name, JSON.stringify({ text, sent }));
    },
    forget() {
      sessionStorage.removeItem(this.name);
    },
  },
};
