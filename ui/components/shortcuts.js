// Single keys that focus a field or press a button of the page.
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
      const root = document.getElementById(this.keys[event.key]);
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
