"""When a message goes out: date and time to type or pick, and what they mean, in words and with the zone."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from nicegui import ui

from domain import zones
from domain.messages import DEFAULT_EXPIRY_MINUTES
from domain.problems import Problem
from ui import formats
from ui.draft import Field, Values
from ui.fields import Tick
from ui.select import Select
from ui.tags import Tag, icon, icon_button

EARLIEST = "Use the earliest time"
EXPIRIES = (60, 3 * 60, 6 * 60, 12 * 60, 24 * 60, 2 * 24 * 60, 3 * 24 * 60, 7 * 24 * 60)
EXPIRING = "Whoever could not be sent to by then, such as for quiet hours, does not get it any more."
MORNING = 9
"""The hour at which the list of times opens while the field is empty."""


class SendTime(Tag):
    """The fields "Send date", "Send time" and "Send at each recipient's local time" with their answers."""

    def __init__(
        self,
        zone: str,
        now: datetime,
        *,
        on_type: Callable[[Field, object], None],
        on_leave: Callable[[], Awaitable[None]],
        on_earliest: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__("div", classes="send-time")
        self.zone, self.now = zone, now
        self._on_type, self._on_leave = on_type, on_leave
        self._left: set[Field] = {"local_date", "local_time"}
        with self:
            with Tag("div", classes="send-fields"):
                self.date = self._field("local_date", "Send date", "2026-11-30", "calendar_month")
                self.time = self._field("local_time", "Send time", "09:30", "schedule")
                self.expiry = Select(
                    _expiries(),
                    value=DEFAULT_EXPIRY_MINUTES,
                    label="Expire after",
                    on_change=lambda e: self._typed("expire_after_minutes", e.value),
                )
                self.expiry.classes("send-expiry")
                self.expiry.tooltip(EXPIRING)
                self.local = Tick(
                    "Send at each recipient's local time",
                    on_change=lambda: self._typed("recipient_local", self.local.value),
                )
            with Tag("p", classes="send-words") as self._words_line:
                icon("event_upcoming")
                self._words = Tag("span")
            self._note = Tag("p", classes="field-note")
            with Tag("div", classes="refusal") as self._refusal:
                icon("error")
                self._problem = Tag("p", role="alert")
                self._earliest = ui.button(EARLIEST, on_click=on_earliest).props("outline dense")

    def show(
        self, typed: Values, *, first: datetime | None, problem: str = "", earliest: bool = False
    ) -> None:
        """Bring the fields up to date; `first` is when the first person gets it, once that is known."""
        for field, name in ((self.date, "local_date"), (self.time, "local_time")):
            if field.value != typed[name]:  # type: ignore[index]
                field.value = typed[name]  # type: ignore[index]
        if self.local.value != typed["recipient_local"]:
            self.local.value = typed["recipient_local"]
        self._show_expiry(typed["expire_after_minutes"])
        self.date.error = self._error("local_date", typed["local_date"], zones.parse_date)
        self.time.error = self._error("local_time", typed["local_time"], zones.parse_time)
        for field in (self.date, self.time):
            field.props.set_optional("aria-invalid", "true" if field.error else None)
        self._words.text, self._note.text = self.explain(typed, first)
        self._words_line.set_visibility(bool(self._words.text))
        self._note.set_visibility(bool(self._note.text))
        self._problem.text = problem
        self._refusal.set_visibility(bool(problem))
        self._earliest.set_visibility(earliest)

    def _show_expiry(self, minutes: int) -> None:
        if minutes not in self.expiry.options:  # a program may have set any
            self.expiry.set_options(_expiries(minutes))
        if self.expiry.value != minutes:
            self.expiry.value = minutes

    def explain(self, typed: Values, first: datetime | None) -> tuple[str, str]:
        """The time in words, and what a clock change makes of it; "" while it is incomplete."""
        try:
            day, clock = zones.parse_date(typed["local_date"]), zones.parse_time(typed["local_time"])
        except Problem:
            return "", ""
        wall = datetime.combine(day, clock)
        if typed["recipient_local"]:
            words = f"{wall:%a}, {formats.calendar_day(wall)}, {formats.time_of_day(wall)}"
            begins = f"; the first get it {formats.when(first, self.zone, self.now)}" if first else ""
            return f"{words} where each recipient is{begins}", ""
        moment = zones.resolve(wall, self.zone)
        note = zones.explain(moment, wall, self.zone) or ""
        shown = f"{formats.when(moment.instant, self.zone)} · {place(self.zone)}"
        if moment.instant > self.now:
            shown += f" · {formats.relative(moment.instant, self.now)}"
        return shown, note

    def focus(self) -> None:
        """Go to the date."""
        self.date.run_method("focus")

    def _field(self, name: Field, label: str, example: str, symbol: str) -> ui.input:
        field = ui.input(label, placeholder=example, on_change=lambda e: self._typed(name, e.value or ""))
        field.props("stack-label autocomplete=off hide-bottom-space maxlength=40").classes("send-field")
        field.without_auto_validation()
        # Not focus and blur: with those the button inside the field still counts as the field.
        field.on("focusin", lambda: self._left.discard(name), args=[])
        field.on("focusout", lambda: self._leave(name), args=[])
        field.on("keydown.enter", lambda: self._leave(name), args=[])
        with field.add_slot("append"):
            if name == "local_date":
                button = icon_button(symbol, "Open the calendar")
                with button, ui.menu().props('role=dialog aria-label="Calendar" no-focus') as menu:
                    self._calendar(field, menu)
            else:
                button = icon_button(symbol, "Open the list of times")
                with button, ui.menu().props('max-height=280px role=dialog aria-label="Times"') as menu:
                    pass
                menu.on("before-show", lambda: self._times(field, menu), args=[])
                menu.on("show", lambda: _scroll_to(str(field.value or ""), menu), args=[])
            button.classes("field-button")
        return field

    def _calendar(self, field: ui.input, menu: ui.menu) -> None:
        today = zones.wall(self.now, self.zone).date()
        picker = ui.date(on_change=lambda e: self._pick(field, menu, e.value)).props("minimal no-unset")
        picker.props[":options"] = f"day => day >= '{today:%Y/%m/%d}'"
        menu.on("before-show", lambda: _aim(picker, str(field.value or "")), args=[])

    def _times(self, field: ui.input, menu: ui.menu) -> None:
        if menu.default_slot.children:
            return
        with menu:
            for minutes in range(0, 24 * 60, 30):
                hour, minute = divmod(minutes, 60)
                words = f"{hour % 12 or 12}:{minute:02} {'AM' if hour < 12 else 'PM'}"
                value = f"{hour:02}:{minute:02}"
                item = ui.menu_item(words, on_click=lambda v=value: self._pick(field, menu, v))
                item.props["role"] = "button"

    async def _pick(self, field: ui.input, menu: ui.menu, value: str | None) -> None:
        if value and value not in (field.value, _as_date(str(field.value or ""))):
            field.value = value
            menu.close()
            await self._on_leave()

    def _typed(self, name: Field, value: object) -> None:
        self._on_type(name, value)

    async def _leave(self, name: Field) -> None:
        self._left.add(name)
        await self._on_leave()

    def _error(self, name: Field, typed: str, parse: Callable[[str], object]) -> str | None:
        if not typed or name not in self._left:
            return None
        try:
            parse(typed)
        except Problem as problem:
            return problem.text
        return None


def _expiries(*more: int) -> dict[int, str]:
    return {each: formats.minutes(each) for each in sorted({*EXPIRIES, *more})}


def place(zone: str) -> str:
    """A zone as people read it: "America/New York"."""
    return zone.replace("_", " ")


def _aim(picker: ui.date, typed: str) -> None:
    """Open the calendar at the date that stands in the field."""
    shown = _as_date(typed)
    if shown and picker.value != shown:
        picker.set_value(shown)


def _as_date(typed: str) -> str:
    try:
        return f"{zones.parse_date(typed)}"
    except Problem:
        return ""


def _scroll_to(typed: str, menu: ui.menu) -> None:
    """Open the list of times near the one that stands in the field, or in the morning."""
    try:
        hour = zones.parse_time(typed).hour
    except Problem:
        hour = MORNING
    near = menu.default_slot.children[2 * hour]
    ui.run_javascript(f"document.getElementById('{near.html_id}')?.scrollIntoView({{block: 'center'}})")
