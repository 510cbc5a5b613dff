"""Single-key shortcuts of a page: "/" goes to the search, "c" creates."""

from collections.abc import Mapping

from nicegui import ui


class Shortcuts(ui.element, component="components/shortcuts.js"):
    """Presses or focuses what a key stands for, unless somebody is typing or a dialog is open."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        """`keys` maps a key to the id of a field, a button or a link."""
        super().__init__()
        self.props["keys"] = dict(keys)
