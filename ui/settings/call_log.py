"""The log of one outgoing webhook: every call with what came of it, brought up to date in place."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from domain.outgoing_webhooks import CallState, Kind
from storage.tables import WebhookCall
from ui.formats import plural, relative
from ui.tags import Tag, icon

SYMBOLS = {CallState.WAITING: "schedule", CallState.DELIVERED: "check_circle", CallState.FAILED: "error"}
WORDS = {CallState.WAITING: "Waits", CallState.DELIVERED: "Delivered", CallState.FAILED: "Failed"}


@dataclass(frozen=True, slots=True)
class Call:
    """One of them, as it stands."""

    id: int
    event_id: str
    kind: Kind
    state: CallState
    attempts: int
    status: int | None
    detail: str
    due_at: datetime
    created_at: datetime


def call(row: WebhookCall) -> Call:
    """The row's facts."""
    return Call(
        row.id or 0,
        row.event_id,
        Kind(row.kind),
        CallState(row.state),
        row.attempts,
        row.status,
        row.detail,
        row.due_at,
        row.created_at,
    )


class CallLog(Tag):
    """The list, newest first; rows that stay are changed where they stand, so the focus stays too."""

    def __init__(self, on_again: Callable[[int], Awaitable[None]]) -> None:
        super().__init__("ul", classes="items", aria_label="Calls")
        self._on_again = on_again
        self._rows: dict[int, Row] = {}

    def show(self, calls: Sequence[Call], now: datetime) -> None:
        """These and no others."""
        wanted = {one.id for one in calls}
        for number in self._rows.keys() - wanted:
            self._rows.pop(number).delete()
        for place, one in enumerate(calls):
            row = self._rows.get(one.id)
            if row is None:
                with self:
                    row = self._rows[one.id] = Row(one, self._on_again)
            if self.default_slot.children.index(row) != place:
                row.move(target_index=place)
            row.show(one, now)


class Row(Tag):
    """One call."""

    def __init__(self, one: Call, on_again: Callable[[int], Awaitable[None]]) -> None:
        super().__init__("li", classes="item")
        self._state: CallState | None = None
        with self:
            self._icon = Tag("span", classes="item-icon", aria_hidden="true")
            with Tag("div", classes="item-main"):
                Tag("span", one.kind.label, classes="strong")
                self._words = Tag("span", classes="muted small")
                Tag("code", one.event_id, classes="muted small")
            self._again = ui.button("Send again", on_click=lambda: on_again(one.id)).props("outline")
            self._again.props["aria-label"] = f"Send {one.event_id} again"

    def show(self, one: Call, now: datetime) -> None:
        """Say how it stands now."""
        self._words.text = words(one, now)
        if one.state is self._state:
            return
        self._icon.classes(remove=f"call-{self._state}", add=f"call-{one.state}")
        self._state = one.state
        self._icon.clear()
        with self._icon:
            icon(SYMBOLS[one.state])
        self._again.set_enabled(one.state is not CallState.WAITING)


def words(one: Call, now: datetime) -> str:
    """What came of it so far, in one line."""
    answer = f"answer {one.status}" if one.status else ""
    tries = plural(one.attempts, "try", "tries") if one.attempts else "not tried yet"
    parts = [f"{WORDS[one.state]}, {tries}", answer, one.detail.rstrip("."), relative(one.created_at, now)]
    if one.state is CallState.WAITING and one.attempts:
        parts.append(f"next {relative(one.due_at, now)}")
    return " · ".join(part for part in parts if part)
