// Keys that focus a field or press a button: single ones, and pairs such as "g c", pressed one after the other.
const FIRST = "g";
const TOGETHER = 1500; // milliseconds
export default {
  template: `<span hidden></span>`,
  props: { keys: { type: Object, required: true } },
  mounted() {
    document.addEventListener("keydown", this.press);
  },
  beforeUnmount() {
    document.removeEventListener("keydown", this.press);
  },
  methods: {
    press(event) {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || event.repeat) return;
      if (event.target.closest("input, textarea, select, [contenteditable], [role=menu], [role=dialog]")) return;
      if (document.querySelector(".q-dialog, dialog[open]")) return;
      const second = this.first && event.timeStamp - this.first < TOGETHER;
      this.first = event.key === FIRST ? event.timeStamp : 0;
      const root = document.getElementById(this.keys[second ? `${FIRST} ${event.key}` : event.key]);
      if (!root) return;
      event.preventDefault();
      const field = root.matches("input") ? root : root.querySelector("input");
      if (field) {
        field.focus();
        field.select();
      } else root.click();
    },
  },
};
