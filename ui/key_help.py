"""The keys of the whole app, and the dialog behind "?" that lists them."""

from nicegui import ui

from ui.shortcuts import Shortcuts
from ui.tags import Tag, icon

PLACES = {
    "g c": ("/campaigns/sms", "Go to campaigns"),
    "g p": ("/contacts", "Go to contacts (people)"),
    "g l": ("/lists", "Go to lists"),
    "g i": ("/inbox", "Go to the inbox"),
    "g s": ("/suppressions", "Go to suppressions"),
}
CREATE = "c"
GROUPS = (
    ("Everywhere", (("?", "Show these keys"), *((keys, words) for keys, (_, words) in PLACES.items()))),
    ("On a page with a table", (("/", "Search"), (CREATE, "Create, or add"))),
    (
        "In tables, menus and dialogs",
        (
            ("Tab", "To the next control; Shift + Tab back"),
            ("Enter", "Open, or sort by the column"),
            ("Space", "Select the row, tick the box"),
            ("↑ ↓", "Through a menu or a list of options"),
            ("Esc", "Close what is open"),
        ),
    ),
)


class KeyHelp(Tag):
    """The button in the sidebar; "?" presses it from everywhere."""

    def __init__(self, *, edits: bool) -> None:
        self._edits = edits
        super().__init__("button", classes="nav-link key-help", type="button", aria_haspopup="dialog")
        with self:
            icon("keyboard")
            Tag("span", "Keyboard shortcuts")
            Tag("kbd", "?", aria_hidden="true")
        self.on("click", self._open, args=[])

    def listen(self, links: dict[str, Tag]) -> None:
        """Hear the keys; `links` are the navigation's, by path."""
        places = {keys: links[path].html_id for keys, (path, _) in PLACES.items() if path in links}
        Shortcuts({"?": self.html_id, **places})

    async def _open(self) -> None:
        with ui.dialog() as dialog, ui.card().classes("confirm keys"):
            heading = Tag("h2", "Keyboard shortcuts")
            for title, lines in GROUPS:
                Tag("h3", title)
                with Tag("dl"):
                    for keys, words in lines:
                        if keys == CREATE and not self._edits:
                            continue
                        with Tag("div"):
                            with Tag("dt"):
                                for key in keys.split():
                                    Tag("kbd", key)
                            Tag("dd", words)
            with Tag("div", classes="confirm-actions"):
                ui.button("Close", on_click=dialog.close).props("outline autofocus")
        dialog.props["aria-labelledby"] = heading.html_id
        await dialog
        dialog.delete()
