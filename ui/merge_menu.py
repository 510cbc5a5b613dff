"""The button "Insert field": puts a merge field at the caret of a text, with a fallback to write over."""

import json
from collections.abc import Sequence

from nicegui import ui

from domain.merge_fields import written
from ui.tags import Tag, icon

FALLBACKS = {"first_name": "there"}

INSERT = """() => {
  const host = document.getElementById(%s);
  const field = host.matches("textarea") ? host : host.querySelector("textarea");
  field.setRangeText(%s, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  requestAnimationFrame(() => field.focus());
}"""


class MergeMenu(Tag):
    """Made beside its text; `offer` says which fields there are."""

    def __init__(self, field: ui.textarea) -> None:
        super().__init__("div", classes="merge-menu")
        self._field = field
        self.names: Sequence[str] = ()
        with self:
            button = Tag(
                "button",
                classes="icon-button",
                type="button",
                aria_label="Insert field",
                title="Insert field",
            )
            with button:
                icon("data_object")
                self._menu = ui.menu()

    def offer(self, names: Sequence[str]) -> None:
        """Offer these fields."""
        if list(names) == list(self.names):
            return
        self.names = list(names)
        self._menu.clear()
        with self._menu:
            for name in names:
                text = written(name, FALLBACKS.get(name, ""))
                item = ui.menu_item(text).props("role=menuitem")
                item.on("click", js_handler=INSERT % (json.dumps(self._field.html_id), json.dumps(text)))
