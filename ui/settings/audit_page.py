"""/settings/audit: who changed what, from what to what, when and from where. Nothing there can be changed."""

from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any

from nicegui import PageArguments, ui

from storage import audit_log
from storage.audit_log import Choices, Entry, Page
from ui import browser, shell, skeleton
from ui.app import PageBuilder, Pages
from ui.day_field import DayField
from ui.formats import plural, when
from ui.pager import Pager
from ui.select import Select
from ui.settings import frame
from ui.settings.audit_state import PATH, AuditState, read
from ui.tags import Tag
from ui.view_state import SIZES
from ui.world import World

__all__ = ["PATH", "page"]
LEAD = (
    "Every change: who made it, when, from where, and what it was before. Entries stay as they are; an "
    "erasure takes out only what names the person."
)
HEADS = ("When", "Who", "What", "Change", "From")
PLACES = {
    "campaign": "/campaigns/sms/{}",
    "contact": "/contacts/{}",
    "list": "/lists/{}",
    "line": "/settings/lines/{}",
    "carrier": "/settings/carriers/{}",
}
"""Where an object is seen."""


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build(args: PageArguments) -> None:
        if frame.may(world):
            found = await world.db.run(audit_log.choices, world.actor())
            await AuditPage(world, read(args.query_parameters), args.frame, found).load()

    return build


class AuditPage:
    """The page, as long as it is open in one tab."""

    def __init__(self, world: World, state: AuditState, place: ui.sub_pages, found: Choices) -> None:
        self.world, self.state, self._place = world, state, place
        self._zone = browser.ELSE
        self._showing = False
        with frame.header("Audit log", lead=LEAD):
            self._export = ui.button("Export", icon="sym_o_download").props("outline download tag=a")
        with Tag("div", classes="panel grid-panel"):
            self._controls(found)
            self._count = Tag("p", classes="grid-count", aria_live="polite")
            self._frame = Tag("div", classes="suppress-frame")
            table = "people-table quiet-table audit"
            with self._frame, Tag("table", classes=table, aria_label="Audit log"):
                with Tag("thead"), Tag("tr"):
                    for head in HEADS:
                        with Tag("th", scope="col"):
                            Tag("span", head)
                self._rows = Tag("tbody", aria_busy="true")
                with self._rows:
                    skeleton.rows(len(HEADS))
            self._nothing = Tag("div")
            self._pager = Pager(SIZES, on_page=self._turn, on_size=self._resize)
        self._pager.set_visibility(False)

    async def load(self) -> None:
        """Read what the state asks for, and draw it."""
        self._zone = await browser.time_zone()
        filters, state = self.state.filters(self._zone), self.state
        found = await self.world.db.run(audit_log.page, self.world.actor(), filters, state.page, state.size)
        if state == self.state and not self._rows.is_deleted:
            self._draw(found)

    def _controls(self, found: Choices) -> None:
        people = {"": "Anybody"} | {str(number): name for number, name in found.people.items()}
        actions = {"": "Any action"} | {action: action.capitalize() for action in found.actions}
        kinds = {"": "Anything"} | {kind: kind.capitalize() for kind in found.kinds}
        with Tag("div", classes="filters", role="search"), Tag("div", classes="filters-row audit-filters"):
            self._person = self._select("Person", people, self.state.person)
            self._action = self._select("Action", actions, self.state.action)
            self._kind = self._select("Object", kinds, self.state.kind)
            self._since = DayField("From", "Pick the first day", self._choose)
            self._until = DayField("To", "Pick the last day", self._choose)
        self._since.typed, self._until.typed = self.state.since, self.state.until
        self._showing = True

    def _select(self, label: str, options: Mapping[str, str], value: str) -> Select:
        chosen = value if value in options else ""
        select = Select(dict(options), value=chosen, label=label, on_change=self._choose)
        return select.props("stack-label").classes("filter")

    def _choose(self) -> Awaitable[None] | None:
        if not self._showing:
            return None
        chosen = AuditState(
            self._person.value or "",
            self._action.value or "",
            self._kind.value or "",
            self._since.typed,
            self._until.typed,
            size=self.state.size,
        )
        return self._look(chosen) if chosen != replace(self.state, page=1) else None

    async def _turn(self, number: int) -> None:
        await self._look(replace(self.state, page=number))

    async def _resize(self, size: int) -> None:
        await self._look(replace(self.state, size=size, page=1))

    async def _clear(self) -> None:
        self._showing = False
        self._person.value = self._action.value = self._kind.value = ""
        self._since.typed = self._until.typed = ""
        self._showing = True
        await self._look(AuditState(size=self.state.size))

    async def _look(self, state: AuditState) -> None:
        self.state = state
        if isinstance(self._place, Pages):
            self._place.address_became(state.address)
        await self.load()

    def _draw(self, found: Page) -> None:
        self.state = replace(self.state, page=found.page)
        self._export.props["href"] = self.state.export(self._zone)
        self._count.text = plural(found.total, "entry", "entries")
        self._rows.attributes(aria_busy=None).clear()
        with self._rows:
            for entry in found.rows:
                self._row(entry)
        self._frame.set_visibility(found.total > 0)
        self._pager.show(found.page, self.state.size, found.total)
        self._nothing.clear()
        if not found.total and self.state.filtered:
            with self._nothing:
                text = "Nobody did that in this time."
                shell.empty_state("search_off", "No entries match", text, ("Clear filters", self._clear))

    def _row(self, entry: Entry) -> None:
        with Tag("tr"):
            Tag("td", when(entry.at, self._zone, self.world.clock()), classes="muted nowrap")
            Tag("th", entry.who, scope="row", dir="auto")
            with Tag("td"):
                Tag("span", f"{entry.action.capitalize()} · {entry.kind} ")
                place = PLACES.get(entry.kind)
                if place and entry.object_id:
                    Tag("a", str(entry.object_id), href=place.format(entry.object_id))
            with Tag("td", classes="wrap", dir="auto"):
                for line in changes(entry.before, entry.after):
                    Tag("div", line, classes="small")
            Tag("td", entry.address or "–", classes="muted" if entry.address else "muted is-none")


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[str]:
    """What changed, a line a field: "role: viewer → admin"."""
    old, new = before or {}, after or {}
    lines = []
    for name in dict.fromkeys([*old, *new]):
        words = name.replace("_", " ")
        if name in old and name in new:
            if old[name] == new[name]:
                continue
            lines.append(f"{words}: {_short(old[name])} → {_short(new[name])}")
        else:
            lines.append(f"{words}: {_short(new.get(name, old.get(name)))}")
    return lines


def _short(value: object) -> str:
    if value is None or value in ("", [], {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = _plain(value)
    return text if len(text) <= 120 else f"{text[:119]}…"


def _plain(value: object) -> str:
    """Several values as one line: "first, second", or "field: plan, value: gold"."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_plain(one)}" for name, one in value.items())
    return ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)
