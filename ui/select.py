"""A choice of one or several options, from a list that opens as a menu and can be searched by typing."""

from typing import Any

from nicegui import ui

# Quasar makes the list inside a listbox focusable, which hides the options from screen readers.
_FREE_OPTIONS = """() => requestAnimationFrame(() => {
  const inner = document.querySelectorAll("[role=listbox] > [tabindex]");
  inner.forEach(node => node.removeAttribute("tabindex"));
})"""


class Select(ui.select):
    """NiceGUI's own, with options that are written once.

    There, whatever changes about a select writes all its options anew, and watches each of them: with all
    the time zones of the world that takes longer than the whole rest of a page.
    """

    _written: tuple[list[Any], list[Any]] | None = None

    def __init__(self, options: list[Any] | dict[Any, str], **how: Any) -> None:
        super().__init__(options, **how)
        self.props["behavior"] = "menu"
        self.on("popup-show", js_handler=_FREE_OPTIONS)

    def _update_options(self) -> None:
        now = (list(self._values), list(self._labels))
        if now != self._written:
            self._written = now
            written = [{"value": place, "label": label} for place, label in enumerate(self._labels)]
            dict.__setitem__(self._props, "options", written)
        chosen = self.value
        model = self._value_to_model_value(chosen)
        if self._props.get(self.VALUE_PROP) != model:
            self._props[self.VALUE_PROP] = model
        if not isinstance(chosen, list) and chosen not in self._values:
            self.value = None
