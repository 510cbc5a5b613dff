"""/lists: every contact list with its size and the campaigns that use it."""

from dataclasses import replace

from nicegui import PageArguments, ui

from storage import lists
from storage.lists import Page, Row
from ui import browser, shell
from ui.app import PageBuilder, Pages
from ui.formats import day, number, plural
from ui.list_name import ask_for_name
from ui.list_state import ListState, read
from ui.pager import Pager
from ui.records_table import Cell, Column, Record, RecordsTable
from ui.shortcuts import Shortcuts
from ui.tags import Tag, icon
from ui.view_state import SIZES
from ui.world import World

COLUMNS = (
    Column("name", "Name"),
    Column("size", "Contacts", end=True),
    Column("campaigns", "Campaigns", end=True),
    Column("created", "Created"),
)


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build(args: PageArguments) -> None:
        await ListsPage(world, read(args.query_parameters), args.frame).start()

    return build


class ListsPage:
    """The page, as long as it is open in one tab."""

    def __init__(self, world: World, state: ListState, frame: ui.sub_pages) -> None:
        self.world, self.state, self._frame = world, state, frame
        self._loads = 0
        self._zone = browser.ELSE
        self._edits, keys = world.edits, {}
        with shell.page_header("Lists", lead="Who your campaigns go to."):
            if self._edits:
                create = ui.button("Create list", icon="sym_o_add", on_click=self._make)
                keys = {"c": create.html_id}
        with Tag("div", classes="panel grid-panel"):
            with (
                Tag("div", classes="filters", role="search") as self._tools,
                Tag("div", classes="filters-row"),
            ):
                self._search = ui.input(
                    placeholder="Search lists", value=state.search, on_change=self._searched
                )
                self._search.props('type=search debounce=250 aria-label="Search lists"').classes(
                    "filter-search"
                )
                with self._search.add_slot("prepend"):
                    icon("search")
            self._count = Tag("p", classes="grid-count", aria_live="polite")
            self._table = RecordsTable("Contact lists", COLUMNS, on_sort=self._sort)
            self._empty = Tag("div")
            self._pager = Pager(SIZES, on_page=self._turn, on_size=self._resize)
        self._pager.set_visibility(False)
        self._table.sorted(state.sort, descending=state.descending)
        Shortcuts({"/": self._search.html_id, **keys})

    async def start(self) -> None:
        """Fill what was drawn empty."""
        self._zone = await browser.time_zone()
        await self._load()

    async def _make(self) -> None:
        if (list_id := await ask_name(self.world)) is not None:
            ui.navigate.to(f"/lists/{list_id}")

    async def _load(self) -> None:
        self._loads += 1
        turn = self._loads
        page = await self.world.db.run(lists.page, self.state.query)
        if turn == self._loads and not self._table.is_deleted:
            self._show(page)

    def _show(self, page: Page) -> None:
        self.state = replace(self.state, page=page.page)
        self._table.fill(self._record(row) for row in page.rows)
        self._count.text = plural(page.total, "list")
        self._pager.show(page.page, self.state.size, page.total)
        searching = bool(self.state.search.strip())
        for part in (self._tools, self._count):
            part.set_visibility(page.total > 0 or searching)
        self._table.set_visibility(page.total > 0)
        self._empty.clear()
        if not page.total:
            with self._empty:
                self._explain_nothing(searching=searching)

    def _explain_nothing(self, *, searching: bool) -> None:
        if searching:
            shell.empty_state("search_off", "No lists match", "Look for a part of the list's name.")
        else:
            shell.empty_state(
                "groups",
                "Make the first list",
                "A campaign goes to one list. Make a list, then add contacts to it.",
                ("Create list", self._make) if self._edits else None,
            )

    def _record(self, row: Row) -> Record:
        return Record(
            row.id,
            row.name,
            f"/lists/{row.id}",
            {
                "size": Cell(number(row.size)),
                "campaigns": Cell(number(row.campaigns)),
                "created": Cell(day(row.created_at, self._zone, self.world.clock())),
            },
            note="Saved filter: fills itself" if row.filter is not None else "",
        )

    async def _searched(self) -> None:
        await self._renew(replace(self.state, search=self._search.value or "", page=1))

    async def _sort(self, column: str) -> None:
        await self._renew(self.state.sorted_by(column))

    async def _turn(self, page: int) -> None:
        await self._renew(replace(self.state, page=page))

    async def _resize(self, size: int) -> None:
        await self._renew(replace(self.state, size=size, page=1))

    async def _renew(self, state: ListState) -> None:
        self.state = state
        if isinstance(self._frame, Pages):
            self._frame.address_became(state.address)
        self._table.sorted(state.sort, descending=state.descending)
        await self._load()


async def ask_name(world: World, row: Row | None = None) -> int | None:
    """Ask for a new list's name, or another one for `row`; returns the list's id, None when dismissed."""

    async def keep(name: str) -> int:
        if row is None:
            return await world.db.run(lists.create, world.actor(), name, world.clock())
        await world.db.run(lists.rename, world.actor(), row.id, name, world.clock())
        return row.id

    return await ask_for_name("Rename list" if row else "Create list", "", keep, row.name if row else "")
