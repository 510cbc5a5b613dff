"""The SMS tab: every campaign in one table, searched, filtered, sorted, and live where they run."""

from collections.abc import Awaitable, Iterable
from dataclasses import replace
from datetime import datetime

from nicegui import PageArguments, background_tasks, ui

from domain import access
from domain.campaigns import Action
from storage import grid, line_access, workspace
from storage.database import Database
from storage.grid import Page, Query, Row
from ui import actions, browser, line_banner, shell
from ui.actions import Subject
from ui.app import PageBuilder, Pages
from ui.campaign_table import UNDER_WAY, CampaignTable, done
from ui.filters import Filters, count_words
from ui.grid_state import GridState, read
from ui.pace import Pace
from ui.pager import Pager
from ui.shortcuts import Shortcuts
from ui.tags import Tag
from ui.view_state import SIZES
from ui.world import World

NEW = "/campaigns/sms/new"


def page(world: World) -> PageBuilder:
    """The page's builder."""

    def build(args: PageArguments) -> Awaitable[None]:
        return SmsTab(world, read(args.query_parameters), args.frame).start()

    return build


class SmsTab:
    """The page, as long as it is open in one tab."""

    def __init__(self, world: World, state: GridState, frame: ui.sub_pages) -> None:
        self.world, self.state, self._frame = world, state, frame
        self._loads = 0
        self._pace = Pace()
        self._zone = browser.ELSE
        self._actor, self._edits = world.actor(), world.edits
        self._lines: frozenset[int] = frozenset()  # that the actor may send from
        keys = {}
        with shell.page_header("Campaigns", lead="Text the people who asked to hear from you."):
            self._begin = Tag("div")
            if self._edits:
                with self._begin:
                    create = ui.button("Create New Campaign", icon="sym_o_add", on_click=_create)
                keys = {"c": create.html_id}
        self._banner = Tag("div")
        with Tag("div", classes="tabs", role="tablist", aria_label="Channels"):
            tab = Tag("button", "SMS", classes="tab", type="button", role="tab", aria_selected="true")
        with Tag("div", role="tabpanel", classes="panel grid-panel") as panel:
            self._filters = Filters(state, self._look)
            self._count = Tag("p", classes="grid-count", aria_live="polite")
            self._table = CampaignTable(on_sort=self._sort, on_act=self._act)
            self._nothing = Tag("div")
            self._pager = Pager(SIZES, on_page=self._turn, on_size=self._resize)
            self._watch = Tag("div", classes="hidden")
        tab.attributes(aria_controls=panel.html_id)
        panel.attributes(aria_labelledby=tab.html_id)
        self._pager.set_visibility(False)
        self._table.sorted(state.sort, descending=state.descending)
        Shortcuts({"/": self._filters.search.html_id, **keys})
        ui.timer(1.0, self._tell_rates)

    async def start(self) -> None:
        """Fill what was drawn empty."""
        with self._banner:
            await line_banner.draw(self.world)
        self._lines = await self.world.db.run(line_access.of, self._actor)
        choices = await self.world.db.run(workspace.choices)
        self._filters.offer_lines(choices.lines)
        await self._load()

    async def _look(self, state: GridState) -> None:
        """Another view was chosen: the address says so, and the rows follow."""
        self.state = state
        if isinstance(self._frame, Pages):
            self._frame.address_became(state.address)
        self._table.sorted(state.sort, descending=state.descending)
        await self._load()

    async def _sort(self, column: str) -> None:
        await self._renew(self.state.sorted_by(column))

    async def _turn(self, number: int) -> None:
        await self._renew(replace(self.state, page=number))

    async def _resize(self, size: int) -> None:
        await self._renew(replace(self.state, size=size, page=1))

    async def _renew(self, state: GridState) -> None:
        self._filters.show(state)
        await self._look(state)

    async def _act(self, action: Action, subject: Subject) -> None:
        await actions.perform(self.world, action, subject, self._load)

    async def _load(self) -> None:
        self._loads += 1
        turn = self._loads
        if self.state.first_day or self.state.last_day:
            self._zone = await browser.time_zone()
        found, any_at_all = await self.world.db.run(_read, self.state.query(self._zone), self.world.clock())
        if turn == self._loads and not self._table.is_deleted:  # a later answer may overtake this one
            self._show(found, any_at_all=any_at_all)

    def _show(self, found: Page, *, any_at_all: bool) -> None:
        self.state = replace(self.state, page=found.page)
        self._table.fill(self._permitted(found.rows), self.world.clock())
        self._count.text = count_words(found.total)
        self._pager.show(found.page, self.state.size, found.total)
        self._filters.found(found.total)
        for part in (self._filters, self._begin, self._count):
            part.set_visibility(any_at_all)
        self._table.set_visibility(found.total > 0)
        self._explain_nothing(found, any_at_all=any_at_all)
        self._watch_rows([row.id for row in found.rows], found.rows)

    def _explain_nothing(self, found: Page, *, any_at_all: bool) -> None:
        self._nothing.clear()
        if found.total:
            return
        with self._nothing:
            if not any_at_all:
                shell.empty_state(
                    "campaign",
                    "Your first campaign starts here",
                    "Choose a contact list, write the messages, and pick their times. "
                    "You see every text before anything is sent.",
                    ("Create New Campaign", _create) if self._edits else None,
                )
            elif self.state.filtered:
                shell.empty_state(
                    "search_off",
                    "No campaigns match",
                    "Nothing fits this search and these filters. Archived campaigns are shown only when "
                    "Status includes Archived.",
                    ("Clear filters", self._filters.clear_all),
                )
            else:
                shell.empty_state(
                    "archive",
                    "Every campaign is archived",
                    "Choose Archived under Status to see them, or create a new one.",
                    ("Show archived", self._show_archived),
                )

    async def _show_archived(self) -> None:
        await self._renew(replace(self.state, statuses=("archived",), page=1))

    def _watch_rows(self, ids: list[int], rows: tuple[Row, ...]) -> None:
        """Follow the rows that are shown, for as long as they are."""
        self._watch.clear()
        clock = self.world.clock

        def look(db: Database) -> list[Row]:
            return grid.rows_of(db, ids, clock())

        with self._watch:
            if ids:
                self.world.feed.watch(("grid", *ids), look, self._renewed, list(rows))

    def _renewed(self, rows: list[Row]) -> None:
        if len(rows) < len(self._table.rows):
            background_tasks.create(self._load(), name="a campaign was deleted", context=self._table)
            return
        self._tell(self._permitted(rows), self.world.clock())

    def _permitted(self, rows: Iterable[Row]) -> tuple[Row, ...]:
        """The rows with the actions that this person may take."""
        actor, lines = self._actor, self._lines
        return tuple(
            replace(row, actions=access.permitted(actor, row.actions, may_send=row.line_id in lines))
            for row in rows
        )

    def _tell_rates(self) -> None:
        """A campaign that stalls sends no news, so its rate is told by the clock."""
        if any(row.status in UNDER_WAY for row in self._table.rows):
            self._tell(self._table.rows, self.world.clock())

    def _tell(self, rows: tuple[Row, ...], now: datetime) -> None:
        running = [row for row in rows if row.status == "running"]
        for row in running:
            self._pace.note(row.id, now.timestamp(), done(row))
        self._table.renew(rows, now, {row.id: self._pace.words(row.id) for row in running})


def _read(db: Database, query: Query, now: datetime) -> tuple[Page, bool]:
    """The page, and whether there is any campaign at all."""
    found = grid.page(db, query, now)
    return found, found.total > 0 or workspace.has_campaigns(db)


def _create() -> None:
    ui.navigate.to(NEW)
