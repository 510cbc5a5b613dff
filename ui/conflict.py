"""The banner of a message that was changed in two windows at once, with both ways out."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from ui.draft import Kept, Values, values
from ui.formats import minutes
from ui.tags import Tag, icon

SHOWN = 300
"""Characters of the other text that are shown."""


class Conflict(Tag):
    """Nothing is overwritten until somebody decides."""

    def __init__(self, *, on_mine: Callable[[], Awaitable[None]], on_theirs: Callable[[], object]) -> None:
        super().__init__("div", classes="banner banner-warn", role="alert")
        self._on_mine, self._on_theirs = on_mine, on_theirs
        self._theirs: Kept | None = None
        self.set_visibility(False)

    def show(self, theirs: Kept | None, mine: Values) -> None:
        """Show what stands in the other window, or nothing."""
        if theirs is self._theirs:
            return
        self._theirs = theirs
        self.clear()
        self.set_visibility(theirs is not None)
        if theirs is None:
            return
        with self:
            icon("sync_problem")
            with Tag("div", classes="grow"):
                Tag(
                    "p", "This message was changed in another window while you were typing.", classes="strong"
                )
                for line in _differences(theirs, mine):
                    Tag("p", line, classes="banner-quote", dir="auto")
            with Tag("div", classes="line"):
                ui.button("Keep mine", on_click=self._on_mine).props("outline dense")
                ui.button("Take theirs", on_click=self._on_theirs).props("outline dense")


def _differences(theirs: Kept, mine: Values) -> list[str]:
    there = values(theirs)
    lines = []
    if there["text"] != mine["text"]:
        cut = "…" if len(there["text"]) > SHOWN else ""
        lines.append(f"There: “{there['text'][:SHOWN]}{cut}”" if there["text"] else "There: no text")
    if any(there[name] != mine[name] for name in ("local_date", "local_time")):
        when = " ".join(filter(None, (there["local_date"], there["local_time"])))
        lines.append(f"There: {when or 'no date and time'}")
    if there["recipient_local"] != mine["recipient_local"]:
        lines.append(
            "There: " + ("recipients' local time" if there["recipient_local"] else "one time for all")
        )
    if there["expire_after_minutes"] != mine["expire_after_minutes"]:
        lines.append(f"There: expires after {minutes(there['expire_after_minutes'])}")
    if there["shorten_links"] != mine["shorten_links"]:
        lines.append("There: links " + ("shortened and counted" if there["shorten_links"] else "as written"))
    return lines
