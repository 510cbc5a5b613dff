"""Contacts in one table, searched, filtered and sorted in the database: all of them, or a list's members."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from nicegui import ui

from domain.bulk import Action, Task
from domain.problems import Problem
from storage import bulk, contact_grid, saved_filters, workspace
from storage.contact_grid import Page, Row
from storage.workspace import Choice
from ui import notices
from ui.app import Pages
from ui.bulk_bar import BulkBar
from ui.bulk_dialog import Question
from ui.bulk_progress import BulkProgress
from ui.contact_filters import ContactFilters
from ui.contact_state import ContactState
from ui.export_links import export_links, point_to
from ui.formats import number, phone, plural
from ui.list_name import ask_for_name
from ui.pager import Pager
from ui.records_table import Cell, Column, Record, RecordsTable
from ui.tags import Tag, icon
from ui.view_state import SIZES
from ui.world import World

COLUMNS = (
    Column("name", "Name"),
    Column("phone", "Phone"),
    Column("email", "E-mail"),
    Column("lists", "Lists", sortable=False),
    Column("zone", "Time zone", sortable=False),
    Column("standing", "Status", sortable=False),
)
Nothing = Callable[[ContactState, Callable[[], Awaitable[None]]], None]
"""Draws what stands in place of an empty table; it is given the state and the way to clear the filters."""


class ContactsView(Tag):
    """The panel with controls, table and pager."""

    def __init__(
        self, world: World, state: ContactState, frame: ui.sub_pages, *, search: str, nothing: Nothing
    ) -> None:
        super().__init__("div", classes="panel grid-panel")
        self.world, self.state, self._frame, self._nothing = world, state, frame, nothing
        self._loads = 0
        self._page = Page((), 0, 1)
        self._everybody = False
        self._lists: tuple[Choice, ...] = ()
        self._saved: dict[int, str] = {}  # the lists that fill themselves
        self._may_edit = world.edits
        with self:
            self.filters = ContactFilters(state, self._look, search)
            with Tag("div", classes="grid-line") as self._line:
                self._count = Tag("p", classes="grid-count", aria_live="polite")
                with Tag("div", classes="grid-tools"):
                    self._save = Tag("div", classes="grid-saves")
                    if self._may_edit:
                        self._offer_to_save()
                    self._exports = export_links("")
            if self._may_edit:
                self._progress = BulkProgress(world, self.load)
                self._bar = BulkBar(self._act, self._pick_everybody, self._clear_picks)
            self._table = RecordsTable(
                "Contacts", COLUMNS, on_sort=self._sort, on_pick=self._picked if self._may_edit else None
            )
            self._empty = Tag("div")
            self._pager = Pager(SIZES, on_page=self._turn, on_size=self._resize)
        for part in (self._save, self._exports, self._pager):
            part.set_visibility(False)  # they are of what was found
        self._table.sorted(state.sort, descending=state.descending)

    async def start(self) -> None:
        """Fill what was drawn empty."""
        choices = await self.world.db.run(workspace.choices)
        self._lists = choices.lists_of_people
        self._saved = {item.id: item.label for item in choices.lists if item.fills_itself}
        self.filters.offer_lists(choices.lists)
        self.filters.offer_campaigns(await self.world.db.run(workspace.begun_campaigns))
        if self._may_edit:
            await self._progress.start()
        await self.load()

    async def load(self) -> None:
        """Read the page again."""
        self._loads += 1
        turn = self._loads
        page = await self.world.db.run(contact_grid.page, self.state.query)
        if turn == self._loads and not self._table.is_deleted:  # a later answer may overtake this one
            self._show(page)

    def _show(self, page: Page) -> None:
        self.state, self._page = replace(self.state, page=page.page), page
        self._table.fill(_record(row) for row in page.rows)
        self._count.text = count_words(page)
        self._pager.show(page.page, self.state.size, page.total)
        some = page.total > 0
        for part in (self.filters, self._line):
            part.set_visibility(some or self.state.filtered)
        self._exports.set_visibility(some)
        self._save.set_visibility(self.state.filtered)
        if self._may_edit:
            name = self._saved.get(self.state.saved or 0, "")
            self._change.set_visibility(bool(name))
            self._change_words.text = f"Save filter of “{name}”"
        point_to(self._exports, f"/exports/contacts.csv?{self.state.export_query}")
        self._table.set_visibility(some)
        self._show_bar()
        self._empty.clear()
        if not some:
            with self._empty:
                self._nothing(self.state, self.filters.clear_all)

    async def _look(self, state: ContactState) -> None:
        """Another view was chosen: the address says so, and the rows follow; nobody is selected any more."""
        self.state = state
        self._everybody, self._table.picked = False, []
        if isinstance(self._frame, Pages):
            self._frame.address_became(state.address)
        self._table.sorted(state.sort, descending=state.descending)
        await self.load()

    async def _renew(self, state: ContactState) -> None:
        self.filters.show(state)
        await self._look(state)

    async def _sort(self, column: str) -> None:
        await self._renew(self.state.sorted_by(column))

    async def _turn(self, page: int) -> None:
        await self._renew(replace(self.state, page=page))

    async def _resize(self, size: int) -> None:
        await self._renew(replace(self.state, size=size, page=1))

    async def _keep_filter(self) -> None:
        """Make a list of whoever matches, now and later."""
        query = self.state.query

        async def save(name: str) -> int:
            return await self.world.db.run(
                saved_filters.save, self.world.actor(), name, query, self.world.clock()
            )

        list_id = await ask_for_name(
            "Save as list", "Whoever matches is on it, now and when a campaign begins.", save
        )
        if list_id is not None:
            ui.navigate.to(f"/lists/{list_id}")

    def _picked(self) -> None:
        self._everybody = False
        self._show_bar()

    def _pick_everybody(self) -> None:
        self._everybody, self._table.picked = True, self._table.ids
        self._show_bar()

    def _clear_picks(self) -> None:
        self._everybody, self._table.picked = False, []
        self._show_bar()

    async def _change_filter(self) -> None:
        """Let the list whose filter was opened find whoever matches now."""
        list_id = self.state.saved or 0
        try:
            await self.world.db.run(
                saved_filters.change, self.world.actor(), list_id, self.state.query, self.world.clock()
            )
        except Problem as problem:
            notices.problem(problem.text)
            return
        notices.success(f"“{self._saved.get(list_id, '')}” finds others from now on.")
        ui.navigate.to(f"/lists/{list_id}")

    def _offer_to_save(self) -> None:
        with self._save:
            with Tag("button", classes="text-button", type="button") as self._change:
                icon("save")
                self._change_words = Tag("span")
            with Tag("button", classes="text-button", type="button") as save:
                icon("filter_alt")
                Tag("span", "Save as list")
        self._change.on("click", self._change_filter, args=[])
        save.on("click", self._keep_filter, args=[])

    def _show_bar(self) -> None:
        if not self._may_edit:
            return
        page = self._page
        self._bar.show(
            len(self._table.picked), total=page.total, capped=page.capped, everybody=self._everybody
        )

    async def _act(self, action: Action) -> None:
        picked = self._table.picked
        selection: bulk.Selection = self.state.query if self._everybody else picked
        who = plural(self._page.total if self._everybody else len(picked), "contact")
        if self._everybody and self._page.capped:
            who = "everybody who matches"
        question = Question(action, who, self._lists, self.state.fixed_list or self.state.list_id)

        async def begin(task: Task) -> None:
            now = self.world.clock()
            job_id = await self.world.db.run(bulk.start, self.world.actor(), task, selection, now)
            if not self._everybody:  # a page of people is done at once, more in the background
                await self.world.db.run(bulk.advance, job_id, now)

        if await question.answer(begin):
            self._clear_picks()
            await self._progress.look()
            await self.load()


def count_words(page: Page) -> str:
    """How many contacts match, for the line that is read aloud."""
    if page.capped:
        return f"More than {number(page.total)} contacts match. These are the first; narrow the search down."
    return plural(page.total, "contact")


def _record(row: Row) -> Record:
    more = row.list_count - 1
    if row.invalid:
        standing = Cell("Invalid number", dot="invalid")
    elif row.suppressed:
        standing = Cell("Opted out", dot="suppressed")
    else:
        standing = Cell("Can be texted", dot="reachable")
    return Record(
        row.id,
        row.name or "No name",
        f"/contacts/{row.id}",
        {
            "phone": Cell(phone(row.phone)),
            "email": Cell(row.email),
            "lists": Cell(row.lists[0] if row.lists else "", f"+{more}" if more > 0 else ""),
            "zone": Cell(row.zone.replace("_", " ").split("/")[-1]),
            "standing": standing,
        },
    )
