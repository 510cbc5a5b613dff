"""The people behind a number: a dialog with a list that is searched and paged in the database."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from domain.audience import LeftOut, in_words
from domain.carrier_errors import explain
from domain.deliveries import LABELS, State
from domain.tallies import number
from domain.why import why, why_left_out
from storage import people
from storage.database import Database
from storage.people import People, Person
from storage.results import MessageResult, Results
from ui.formats import phone, plural, when
from ui.select import Select
from ui.tags import Tag, icon_button
from ui.world import World

PAGE = 25
ALL = "*"
"""Stands for every reason: no stored one looks like it."""

NO_REASON = "No reason noted"


@dataclass(frozen=True, slots=True)
class Behind:
    """Who is behind a number: how the list is called, how it is read, and how many it holds now."""

    what: str
    title: str
    read: Callable[[Database, str, int, str | None], People]
    count: Callable[[Results], int]
    reasons: Callable[[Database], dict[str, int]] | None = None  # by which they can be filtered


def behind_state(message: MessageResult, state: State) -> Behind:
    """The people of a message in a state."""
    return Behind(
        LABELS[state].lower(),
        f"Message {message.position} · {LABELS[state]}",
        lambda db, search, after, reason: people.people(
            db, message.id, states=(state,), reason=reason, search=search, after=after, limit=PAGE
        ),
        lambda now: _tally_of(now, message.id).get(state, 0),
        lambda db: people.reasons(db, message.id, state),
    )


def behind_code(message: MessageResult, key: tuple[State, str], carrier_kind: str) -> Behind:
    """The people of a message for whom the carrier gave an error."""
    state, code = key
    return Behind(
        f"{LABELS[state].lower()}, {explain(carrier_kind, code).title}",
        f"Message {message.position} · {explain(carrier_kind, code).title}",
        lambda db, search, after, _reason: people.people(
            db, message.id, states=(state,), code=code, search=search, after=after, limit=PAGE
        ),
        lambda now: next((m.codes.get(key, 0) for m in now.messages if m.id == message.id), 0),
    )


def behind_left_out(campaign_id: int, reason: str, count: int) -> Behind:
    """The people who were left out of a campaign for a reason."""
    return Behind(
        f"left out, {in_words(reason)}",
        f"Left out: {in_words(reason)}",
        lambda db, search, after, _reason: people.people_left_out(
            db, campaign_id, reason, search=search, after=after, limit=PAGE
        ),
        lambda _now: count,
    )


def _tally_of(now: Results, message_id: int) -> dict[State, int]:
    return next((message.tally for message in now.messages if message.id == message_id), {})


class PeopleDialog:
    """One for the page; it never holds more than one page of people."""

    def __init__(self, world: World, timezone: str, carrier_kind: str) -> None:
        self._world, self._timezone, self._carrier = world, timezone, carrier_kind
        self._behind: Behind | None = None
        self._latest: Results | None = None
        self._total = 0  # when the page was read
        self._before: list[int] = []  # the cursors of the pages before
        self._after = 0
        self._next: int | None = None
        self._asked = 0
        self._turn = asyncio.Lock()
        with ui.dialog() as self._dialog, ui.card().classes("people"):
            with Tag("div", classes="people-head"):
                self._title = Tag("h2")
                icon_button("close", "Close").on("click", self._dialog.close, args=[])
            with Tag("div", classes="people-tools"):
                self._search = ui.input("Search by name or number", on_change=self._searched)
                self._search.props("type=search debounce=250 autofocus").classes("grow")
                self._reason = Select({ALL: "Every reason"}, value=ALL, label="Reason")
                self._reason.on_value_change(self._searched)
                self._reason.classes("people-reason")
                self._refresh = ui.button("Refresh", icon="sym_o_refresh", on_click=self._load)
                self._refresh.props("outline")
            self._moved = Tag("p", "The numbers have moved since this list was read.", classes="people-moved")
            self._scroll = Tag("div", classes="people-scroll", tabindex=0, role="group", aria_label="People")
            with self._scroll:
                with Tag("table", classes="people-table") as self._table:
                    with Tag("thead"), Tag("tr"):
                        for heading in ("Person", "Phone", "State", "Why", "When"):
                            Tag("th", heading, scope="col")
                    self._rows = Tag("tbody")
                self._note = Tag("p", classes="people-note")
            with Tag("div", classes="people-foot"):
                self._range = Tag("p", classes="muted small num grow", role="status")
                self._back = ui.button("Previous", on_click=self._previous).props("outline")
                self._forth = ui.button("Next", on_click=self._following).props("outline")
        self._dialog.props["aria-labelledby"] = self._title.html_id

    async def open(self, behind: Behind) -> None:
        """Show who is behind a number."""
        self._behind = None  # so that clearing the field asks nothing
        self._search.value = ""
        self._reason.set_options({ALL: "Every reason"}, value=ALL)
        self._reason.set_visibility(False)
        self._behind = behind
        self._title.text = behind.title
        self._before, self._after = [], 0
        self._rows.clear()
        self._dialog.open()
        await self._load()
        await self._offer_reasons(behind)

    async def _offer_reasons(self, behind: Behind) -> None:
        """Let the list be filtered where there is more than one reason."""
        if behind.reasons is None:
            return
        found = await self._world.db.run(behind.reasons)
        if self._behind is behind and len(found) > 1 and not self._dialog.is_deleted:
            words = {
                reason: f"{in_words(reason) or NO_REASON} ({number(count)})"
                for reason, count in found.items()
            }
            self._reason.set_options({ALL: "Every reason", **words}, value=ALL)
            self._reason.set_visibility(True)

    def moved(self, now: Results) -> None:
        """Note that the page has new numbers; an open list says so and stays as it is."""
        self._latest = now
        if self._dialog.value and self._behind is not None:
            self._moved.set_visibility(self._behind.count(now) != self._total)

    async def _searched(self) -> None:
        if self._behind is not None:
            self._before, self._after = [], 0
            await self._load()

    async def _previous(self) -> None:
        if self._before:
            self._after = self._before.pop()
            await self._load()

    async def _following(self) -> None:
        if self._next is not None:
            self._before.append(self._after)
            self._after = self._next
            await self._load()

    async def _load(self) -> None:
        """Read the page; of several wishes in a row only the last one is asked of the database."""
        behind, search = self._behind, (self._search.value or "").strip()
        if behind is None:
            return
        self._asked += 1
        asked = self._asked
        self._table.attributes(aria_busy="true")
        self._range.text = "Searching…" if search else "Loading…"
        self._note.set_visibility(False)
        self._moved.set_visibility(False)
        async with self._turn:
            if asked != self._asked:
                return
            reason = None if self._reason.value == ALL else str(self._reason.value or "")
            page = await self._world.db.run(behind.read, search, self._after, reason)
        if asked == self._asked and not self._dialog.is_deleted:
            self._total = behind.count(self._latest) if self._latest else 0
            self._draw(page, search)

    def _draw(self, page: People, search: str) -> None:
        self._next = page.next
        self._rows.clear()
        now = self._world.clock()
        with self._rows:
            for person in page.rows:
                _row(person, self._carrier, self._timezone, now)
        self._table.attributes(aria_busy=None)
        self._table.set_visibility(bool(page.rows))
        self._note.set_visibility(not page.rows)
        self._note.text = f"Nobody here matches “{search}”." if search else "Nobody is here any more."
        self._range.text = self._range_words(len(page.rows), searching=bool(search))
        self._back.set_enabled(bool(self._before))
        self._forth.set_enabled(page.next is not None)

    def _range_words(self, count: int, *, searching: bool) -> str:
        first = len(self._before) * PAGE + 1
        if not count:
            return ""
        if searching and not self._before and self._next is None:
            return f"{plural(count, 'person', 'people')} found"
        shown = f"{number(first)}–{number(first + count - 1)}"
        total = max(self._total, first + count - 1)
        return shown if searching else f"{shown} of {number(total)}"


def _row(person: Person, carrier: str, timezone: str, now: datetime) -> None:
    left_out = person.delivery_id == 0
    at = person.finished_at or person.sent_at
    with Tag("tr"):
        with Tag("th", scope="row", dir="auto"):
            if person.name:
                Tag("a", person.name, href=f"/contacts/{person.contact_id}")
            else:
                Tag("span", "No name" if person.phone else LeftOut.ERASED.words)
        Tag("td", phone(person.phone), classes="nowrap")
        with Tag("td"), Tag("span", classes="state-word"):
            Tag("i", classes=f"swatch state-{person.state.value}", aria_hidden="true")
            Tag("span", "Left out" if left_out else LABELS[person.state])
        Tag("td", why_left_out(person.reason) if left_out else _why(person, carrier))
        Tag("td", when(at, timezone, now) if at else "–", classes="muted")


def _why(person: Person, carrier: str) -> str:
    return why(person.state, person.reason, carrier, person.code, person.attempts)
