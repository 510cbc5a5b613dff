"""The button that opens the emoji dialog and inserts at the caret of a text field."""

from nicegui import ui

from ui import assets


class EmojiButton(ui.element, component="components/emoji_picker.js"):
    """The button "Insert emoji" for one text field; the emoji arrive as the field's own input event."""

    def __init__(self, field: ui.element) -> None:
        super().__init__()
        self.props["target"] = field.html_id
        self.props["source"] = assets.url("vendor/emoji/data.json")

    def set_enabled(self, enabled: bool) -> None:
        """Lock the button together with its field."""
        self.props["disabled"] = not enabled
