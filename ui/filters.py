"""The controls above the SMS tab's table: search, filters, and what of them is active."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from nicegui import ui

from storage.workspace import Choice
from ui.day_field import DayField
from ui.filter_parts import Chips, MoreFilters
from ui.formats import calendar_day, phone, plural
from ui.grid_state import STATUSES, GridState, read_day
from ui.select import Select
from ui.tags import Tag, icon

ANY_LINE = 0
ANY_STATUS = "All but archived"
ORDERS = {
    ("start", True): "Latest start first",
    ("start", False): "Earliest start first",
    ("name", False): "Name, A to Z",
    ("status", False): "Status",
    ("created_by", False): "Created by",
    ("messages", True): "Most messages first",
    ("list", False): "Contact list",
}
# Options with a tick; NiceGUI's own differ only in colour when several can be chosen.
TICKS = """
<q-item v-bind="props.itemProps">
  <q-item-section avatar class="tick">
    <q-icon v-if="props.selected" name="sym_o_check" aria-hidden="true" />
  </q-item-section>
  <q-item-section>{{ props.opt.label }}</q-item-section>
</q-item>
"""


class Filters(Tag):
    """Shows a `GridState` and calls back with the one that somebody chose."""

    def __init__(self, state: GridState, on_change: Callable[[GridState], Awaitable[None]]) -> None:
        super().__init__("div", classes="filters", role="search")
        self.state = state
        self._on_change = on_change
        self._showing = self._nothing_found = False
        self._line_names: dict[int, str] = {}
        with self:
            with Tag("div", classes="filters-row"):
                self.search = self._make_search()
                more = MoreFilters()
                with Tag("div", classes="filters-panel") as panel:
                    self._status = self._make_status()
                    self._line = self._make_line()
                    self._first = DayField("Start date from", "Pick the first day", self._type_days)
                    self._last = DayField("Start date to", "Pick the last day", self._type_days)
            self._active = Chips[GridState](more, self._remove)
            with panel:
                self._order = self._make_order()
        more.opens(panel)
        self.show(state)

    def offer_lines(self, lines: Sequence[Choice]) -> None:
        """The lines to choose from; they are known once the database has answered."""
        self._line_names = {line.id: line.label for line in lines}
        names = {line.id: f"{line.label} · {phone(line.note)}" for line in lines}
        self._showing = True
        self._line.set_options({ANY_LINE: "Any line"} | names, value=self._line_value)
        self._showing = False
        self.show(self.state)

    @property
    def _line_value(self) -> int:
        return self.state.line_id if self.state.line_id in self._line_names else ANY_LINE

    def show(self, state: GridState) -> None:
        """Make every control say what `state` says."""
        self.state = state
        self._showing = True
        self.search.value = state.search
        self._status.value = list(state.statuses)
        self._status.props["display-value"] = _status_words(state) or ANY_STATUS
        self._line.value = self._line_value
        self._line.props["display-value"] = self._line_names.get(self._line_value, "Any line")
        order = (state.sort, state.descending)
        self._order.value = order if order in ORDERS else None
        self._first.typed, self._last.typed = state.first_day, state.last_day
        self._showing = False
        self._say_problems()
        self._draw_chips()

    def found(self, total: int) -> None:
        """Nothing found: the page itself offers to clear the filters, and one button is enough."""
        if self._nothing_found != (total == 0):
            self._nothing_found = total == 0
            self._draw_chips()

    async def clear_all(self) -> None:
        """Take every filter away."""
        await self._choose(
            GridState(sort=self.state.sort, descending=self.state.descending, size=self.state.size)
        )

    async def _choose(self, state: GridState) -> None:
        if state != self.state:
            self.show(replace(state, page=1))
            await self._on_change(self.state)

    async def _remove(self, without: GridState) -> None:
        self.search.run_method("focus")  # the chip that had the focus goes
        await self._choose(without)

    def _make_search(self) -> ui.input:
        field = ui.input(placeholder="Search campaigns", on_change=self._type_search)
        field.props('type=search debounce=250 aria-label="Search campaigns"').classes("filter-search")
        with field.add_slot("prepend"):
            icon("search")
        with field.add_slot("append"):
            Tag("kbd", "/", aria_hidden="true")
        return field

    def _make_status(self) -> Select:
        options = {status: status.capitalize() for status in STATUSES}
        field = Select(options, multiple=True, label="Status", on_change=self._pick_status)
        field.props("stack-label").classes("filter")
        field.add_slot("option", TICKS)
        return field

    def _make_line(self) -> Select:
        field = Select({ANY_LINE: "Any line"}, value=ANY_LINE, label="SMS line", on_change=self._pick_line)
        return field.props("stack-label").classes("filter")

    def _make_order(self) -> Select:
        """Cards have no headers to click on."""
        field = Select(dict(ORDERS), label="Sort by", on_change=self._pick_order)
        return field.props("stack-label").classes("filter filter-order")

    # These are no coroutines: whether the page itself is setting the values is known only at once.
    def _type_search(self) -> Awaitable[None] | None:
        return self._unless_showing(search=self.search.value or "")

    def _pick_status(self) -> Awaitable[None] | None:
        chosen = tuple(status for status in STATUSES if status in self._status.value)
        return self._unless_showing(statuses=chosen)

    def _pick_line(self) -> Awaitable[None] | None:
        return self._unless_showing(line_id=self._line.value or None)

    def _type_days(self) -> Awaitable[None] | None:
        return self._unless_showing(first_day=self._first.typed, last_day=self._last.typed)

    def _pick_order(self) -> Awaitable[None] | None:
        if self._order.value is None:
            return None
        column, descending = self._order.value
        return self._unless_showing(sort=column, descending=descending)

    def _unless_showing(self, **changes: Any) -> Awaitable[None] | None:
        return None if self._showing else self._choose(replace(self.state, **changes))

    def _say_problems(self) -> None:
        self._first.problem, self._last.problem = self.state.problems()

    def _draw_chips(self) -> None:
        chips = self._chips()
        self._active.show(chips)
        if chips:
            with self._active:
                clear = Tag("button", "Clear filters", classes="chip-clear", type="button")
                clear.on("click", self.clear_all, args=[])
                clear.set_visibility(not self._nothing_found)

    def _chips(self) -> list[tuple[str, GridState]]:
        """Each active filter in words, with the state without it."""
        state = self.state
        first_wrong, last_wrong = state.problems()
        found = [
            (state.search.strip(), f"Search: {state.search.strip()}", replace(state, search="")),
            (state.statuses, f"Status: {_status_words(state)}", replace(state, statuses=())),
            (state.line_id, f"SMS line: {self._line_word()}", replace(state, line_id=None)),
            (
                state.first_day and not first_wrong,
                f"From {_day_words(state.first_day)}",
                replace(state, first_day=""),
            ),
            (
                state.last_day and not last_wrong,
                f"Until {_day_words(state.last_day)}",
                replace(state, last_day=""),
            ),
        ]
        return [(words, without) for active, words, without in found if active]

    def _line_word(self) -> str:
        return self._line_names.get(self.state.line_id or ANY_LINE, "unknown")


def _status_words(state: GridState) -> str:
    return ", ".join(status.capitalize() for status in state.statuses)


def _day_words(day: str) -> str:
    found = read_day(day)
    return calendar_day(found) if found else day


def count_words(total: int) -> str:
    """How many campaigns match, for the line that is read aloud."""
    return plural(total, "campaign")
