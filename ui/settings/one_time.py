"""The dialog that shows what can be read this once, such as a link or a key, with a button that copies it."""

from nicegui import ui

from ui import notices
from ui.tags import Tag, icon_button


async def show(title: str, text: str, address: str, what: str = "link") -> None:
    """Show it until it is closed; it can't be shown again."""
    with ui.dialog().props("persistent") as dialog, ui.card().classes("confirm"):
        heading = Tag("h2", title)
        Tag("p", text, classes="confirm-text")
        with Tag("div", classes="paste-line"):
            Tag("code", address, tabindex=0, aria_label=what.capitalize())
            copy = icon_button("content_copy", f"Copy the {what}")
        with Tag("div", classes="confirm-actions"):
            ui.button("Done", on_click=lambda: dialog.submit(None))

    def to_clipboard() -> None:
        ui.clipboard.write(address)
        notices.success("Copied.")

    copy.on("click", to_clipboard, args=[])
    dialog.props["aria-labelledby"] = heading.html_id
    await dialog
    dialog.delete()
