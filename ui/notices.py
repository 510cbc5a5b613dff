"""Quiet notices in a live region, and questions before what hurts."""

from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

from nicegui import Client, ui

from ui.tags import Tag, icon, icon_button

Action = Callable[[], Awaitable[None] | None]
SECONDS = 6.0
"""How long a notice stays; one with a way out stays until it is answered or closed."""

_regions: WeakKeyDictionary[Client, Tag] = WeakKeyDictionary()


def region() -> Tag:
    """The live region of this tab; the frame makes it before there is anything to say."""
    client = ui.context.client
    found = _regions.get(client)
    if found is None or found.is_deleted:
        with client.layout:
            found = Tag("div", classes="notices", role="status", aria_live="polite", aria_atomic="false")
        _regions[client] = found
    return found


def success(text: str) -> None:
    """Say that something was done."""
    _notice("success", "check_circle", text, seconds=SECONDS)


def undo(text: str, on_undo: Action) -> None:
    """Say that something was done, and offer to take it back."""
    _notice("success", "check_circle", text, label="Undo", action=on_undo, seconds=2 * SECONDS)


def problem(text: str, label: str = "", action: Action | None = None) -> None:
    """Say what went wrong, with a way out where there is one; it stays until it is closed."""
    _notice("problem", "error", text, label=label, action=action)


def _notice(
    kind: str, symbol: str, text: str, *, label: str = "", action: Action | None = None, seconds: float = 0
) -> None:
    with region(), Tag("div", classes=f"notice notice-{kind}") as box:
        with Tag("span", classes="notice-icon"):
            icon(symbol)
        with Tag("span", classes="notice-body"):
            Tag("span", text, classes="notice-text")
            if label and action is not None:
                ui.button(label, on_click=lambda: _answer(box, action)).props("flat no-caps")
        icon_button("close", "Close notice").on("click", box.delete, args=[])
        if seconds:
            ui.timer(seconds, box.delete, once=True)


async def _answer(box: Tag, action: Action) -> None:
    with region():  # the notice is about to go, and the action may want to say something
        box.delete()
        result = action()
        if isinstance(result, Awaitable):
            await result


async def confirm(
    title: str, text: str, action: str, *, danger: bool = False, cancel: str = "Cancel"
) -> bool:
    """Ask before what hurts; the confirm button repeats the action's name. False when dismissed."""
    with ui.dialog() as dialog, ui.card().classes("confirm"):
        heading = Tag("h2", title)
        body = Tag("p", text, classes="confirm-text")
        with Tag("div", classes="confirm-actions"):
            ui.button(cancel, on_click=lambda: dialog.submit(False)).props("outline no-caps autofocus")
            ui.button(
                action, on_click=lambda: dialog.submit(True), color="negative" if danger else "primary"
            ).props("unelevated no-caps")
    dialog.props["aria-labelledby"] = heading.html_id
    dialog.props["aria-describedby"] = body.html_id
    answer = await dialog
    remove(dialog)
    return bool(answer)


def remove(dialog: ui.dialog) -> None:
    """Delete a dialog, unless it went with what it was opened from, which was drawn anew meanwhile."""
    if not dialog.is_deleted:
        dialog.delete()
