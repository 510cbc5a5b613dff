"""The table of the SMS tab: one component that is told what differs, so that focus and menus stay."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.campaigns import Action, Status
from domain.deliveries import State
from domain.tallies import Tally
from storage.grid import SORTABLE, Row
from ui.actions import DANGEROUS, SYMBOLS, Subject
from ui.formats import clock, day, number, plural
from ui.line_words import in_words

COLUMNS = {
    "status": "Status",
    "name": "Campaign Name",
    "start": "Start Date",
    "created_by": "Created By",
    "messages": "# of Messages",
    "list": "Contact List",
}
NOT_IN_MENU = frozenset({Action.VIEW, Action.SCHEDULE})
UNDER_WAY = frozenset({Status.RUNNING.value, Status.PAUSED.value})
GOING_ON = frozenset({Status.SCHEDULED.value, Status.RUNNING.value})
Payload = dict[str, object]


class CampaignTable(ui.element, component="components/campaign_table.js"):
    """Rows of campaigns with sortable headers and a menu of actions each."""

    def __init__(
        self,
        *,
        on_sort: Callable[[str], Awaitable[None]],
        on_act: Callable[[Action, Subject], Awaitable[None]],
    ) -> None:
        super().__init__()
        self._rows: dict[int, Row] = {}
        self._on_sort, self._on_act = on_sort, on_act
        self.props["columns"] = [{"key": key, "label": label} for key, label in COLUMNS.items()]
        self.props["live"] = {}
        self.props["loading"] = True
        self.on("sort", self._sort)
        self.on("act", self._act)

    def sorted(self, column: str, *, descending: bool) -> None:
        """Mark the header by which the rows are sorted."""
        self.props["sort"] = column
        self.props["descending"] = descending

    def fill(self, rows: Iterable[Row], now: datetime) -> None:
        """Show these rows."""
        self._rows = {row.id: row for row in rows}
        self.props["rows"] = [payload(row, now) for row in self._rows.values()]
        self.props["live"] = {}
        self.props["loading"] = False

    def renew(self, rows: Iterable[Row], now: datetime, rates: dict[int, str]) -> None:
        """Show what changed in the rows that are there, without touching the others."""
        live = dict(self.props["live"])
        for row in rows:
            if row.id in self._rows:
                self._rows[row.id] = row
                live[row.id] = payload(row, now, rates.get(row.id, ""))
        if live != self.props["live"]:
            self.props["live"] = live

    @property
    def rows(self) -> tuple[Row, ...]:
        """The campaigns that are shown, as last seen."""
        return tuple(self._rows.values())

    async def _sort(self, event: GenericEventArguments) -> None:
        if event.args in SORTABLE:
            await self._on_sort(event.args)

    async def _act(self, event: GenericEventArguments) -> None:
        """The browser's word is only a wish: the row must be shown here, and storage asks the rules again."""
        row = self._rows.get(event.args["id"])
        wanted = [action for action in Action if action.value == event.args["name"]]
        if row and wanted:
            await self._on_act(wanted[0], Subject(row.id, row.name))


def payload(row: Row, now: datetime, rate: str = "") -> Payload:
    """A row as the component draws it."""
    place = f"/campaigns/sms/{row.id}"
    viewable = Action.VIEW in row.actions
    return {
        "id": row.id,
        "name": row.name,
        "href": place if viewable else f"{place}/{'details' if Action.EDIT in row.actions else 'messages'}",
        "view": place if viewable else None,
        "status": row.status,
        "word": row.status.capitalize(),
        "day": day(row.start_at, row.timezone, now) if row.start_at else None,
        "clock": clock(row.start_at, row.timezone) if row.start_at else None,
        "by": row.created_by,
        "messages": number(row.message_count),
        "list": row.list_name,
        "actions": [
            {"name": action.value, "symbol": SYMBOLS[action], "danger": action in DANGEROUS}
            for action in row.actions
            if action not in NOT_IN_MENU
        ],
        "progress": _progress(row, rate) if row.status in UNDER_WAY and not waits(row) else None,
        "trouble": trouble(row),
    }


def done(row: Row) -> int:
    """How many deliveries have had their turn."""
    tally = Tally(row.tally)
    return tally.total - tally[State.QUEUED] - tally[State.SENDING]


def waits(row: Row) -> bool:
    """Whether nothing of it was begun, and nothing is, before somebody has decided."""
    return row.missed > 0 and not row.tally


def trouble(row: Row) -> str:
    """Why it does not go on by itself, in words; "" when it does."""
    if row.status not in GOING_ON:
        return ""
    if row.line_hold is not None:
        return in_words(row.line_hold, row.timezone)
    return (
        f"{plural(row.missed, 'message was', 'messages were')} missed and must be decided."
        if row.missed
        else ""
    )


def _progress(row: Row, rate: str) -> Payload:
    tally = Tally(row.tally)
    return {
        "done": done(row),
        "total": tally.total or 1,
        "words": f"{number(done(row))} of {number(tally.total)}" if tally.total else "Getting ready",
        "rate": rate,
        "bar": [{"state": part.state.value, "count": part.count} for part in tally.rows()],
    }
