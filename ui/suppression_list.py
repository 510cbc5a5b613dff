"""The table of suppressed numbers, searched, filtered, sorted and paged in the database."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from nicegui import ui

from domain.opt_outs import Source, source_words
from storage import suppressions
from storage.suppressions import Entry, Page, Sort
from ui import browser, shell, skeleton
from ui.export_links import export_links, point_to
from ui.formats import phone, plural, when
from ui.pager import Pager
from ui.select import Select
from ui.suppression_state import SIZES, SuppressionState
from ui.tags import Tag, icon
from ui.world import World

COLUMNS: tuple[tuple[Sort | None, str], ...] = (
    ("phone", "Number"),
    (None, "Name"),
    (None, "Source"),
    (None, "Reason"),
    ("since", "Since"),
)


class SuppressionList(Tag):
    """Shows a `SuppressionState`; what somebody chooses is told to `on_look`, and drawn."""

    def __init__(
        self,
        world: World,
        state: SuppressionState,
        on_look: Callable[[SuppressionState], Awaitable[None]],
        on_lift: Callable[[str], Awaitable[None]],
    ) -> None:
        super().__init__("div")
        self.world, self.state, self._edits = world, state, world.edits
        self._on_look, self._on_lift = on_look, on_lift
        self._loads, self._showing = 0, False
        self._zone = browser.ELSE
        self._heads: dict[Sort, Tag] = {}
        with self:
            self._controls()
            with Tag("div", classes="grid-line") as self._line:
                self._count = Tag("p", classes="grid-count", aria_live="polite")
                self._exports = export_links("/exports/suppressions.csv")
            self._frame = Tag("div", classes="suppress-frame")
            with self._frame, Tag("table", classes="people-table quiet-table") as table:
                self._make_heads()
                self._rows = Tag("tbody")
                with self._rows:
                    skeleton.rows(len(COLUMNS) + self._edits)
            table.attributes(aria_label="Suppressed numbers")
            self._nothing = Tag("div")
            self._pager = Pager(SIZES, on_page=self._turn, on_size=self._resize)
        self._pager.set_visibility(False)

    @property
    def search_id(self) -> str:
        """Where the shortcut for searching leads."""
        return self._search.html_id

    def show(self, state: SuppressionState) -> None:
        """Make the controls say what `state` says."""
        self.state, self._showing = state, True
        self._search.value, self._source.value = state.search, state.source
        self._showing = False

    async def load(self) -> None:
        """Read the page again."""
        self._loads += 1
        turn, state = self._loads, self.state
        self._rows.attributes(aria_busy="true")
        self._zone = await browser.time_zone()
        found = await self.world.db.run(
            suppressions.page,
            search=state.search,
            source=state.source,
            sort=state.sort,
            descending=state.descending,
            number=state.page,
            size=state.size,
        )
        if turn == self._loads and not self.is_deleted:  # a later answer may overtake this one
            self._draw(found)

    def _controls(self) -> None:
        with (
            Tag("div", classes="filters", role="search") as self._tools,
            Tag("div", classes="filters-row"),
        ):
            self._search = ui.input(
                placeholder="Search numbers and reasons", value=self.state.search, on_change=self._choose
            )
            self._search.props('type=search debounce=250 aria-label="Search suppressions"')
            self._search.classes("filter-search")
            with self._search.add_slot("prepend"):
                icon("search")
            options = {"": "Any source"} | {source.value: source.words for source in Source}
            self._source = Select(options, value=self.state.source, label="Source", on_change=self._choose)
            self._source.props("stack-label").classes("filter filter-narrow")

    def _make_heads(self) -> None:
        with Tag("thead"), Tag("tr"):
            for key, label in COLUMNS:
                with Tag("th", scope="col") as head:
                    if key is None:
                        Tag("span", label)
                        continue
                    self._heads[key] = head
                    button = Tag("button", classes="sort", type="button")
                    with button:
                        Tag("span", label)
                        icon("arrow_downward")
                    button.on("click", lambda key=key: self._look(self.state.sorted_by(key)), args=[])
            if self._edits:
                with Tag("th", scope="col"):
                    Tag("span", "Actions", classes="sr-only")

    def _choose(self) -> Awaitable[None] | None:
        if self._showing:
            return None
        search, source = self._search.value or "", self._source.value or ""
        return self._look(replace(self.state, search=search, source=source, page=1))

    async def _turn(self, page: int) -> None:
        await self._look(replace(self.state, page=page))

    async def _resize(self, size: int) -> None:
        await self._look(replace(self.state, size=size, page=1))

    async def _look(self, state: SuppressionState) -> None:
        self.state = state
        await self._on_look(state)
        await self.load()

    async def _clear(self) -> None:
        self.show(SuppressionState(size=self.state.size))
        await self._look(self.state)

    def _draw(self, found: Page) -> None:
        self.state = replace(self.state, page=found.page)
        for key, head in self._heads.items():
            order = "descending" if self.state.descending else "ascending"
            head.attributes(aria_sort=order if key == self.state.sort else None)
        self._count.text = plural(found.total, "number")
        self._rows.attributes(aria_busy=None).clear()
        now = self.world.clock()
        with self._rows:
            for entry in found.rows:
                self._row(entry, now)
        for part in (self._tools, self._line):
            part.set_visibility(found.total > 0 or self.state.filtered)
        self._frame.set_visibility(found.total > 0)
        self._exports.set_visibility(found.total > 0)
        narrowed = replace(self.state, page=1).address.partition("?")[2]
        point_to(self._exports, f"/exports/suppressions.csv?{narrowed}")
        self._pager.show(found.page, self.state.size, found.total)
        self._nothing.clear()
        if not found.total:
            with self._nothing:
                self._explain()

    def _row(self, entry: Entry, now: datetime) -> None:
        with Tag("tr"):
            Tag("th", phone(entry.phone), scope="row", classes="nowrap")
            with Tag("td", dir="auto"):
                if entry.contact_id and entry.name:
                    Tag("a", entry.name, href=f"/contacts/{entry.contact_id}")
                else:
                    Tag("span", entry.name or "–", classes="muted")
            Tag("td", source_words(entry.source))
            Tag("td", entry.reason, dir="auto", classes="wrap")
            Tag("td", when(entry.since, self._zone, now), classes="muted nowrap")
            if self._edits:
                with Tag("td", classes="is-end"):
                    name = f"Lift suppression of {phone(entry.phone)}"
                    lift = Tag("button", "Lift", classes="text-button", type="button", aria_label=name)
                    lift.on("click", lambda: self._on_lift(entry.phone), args=[])

    def _explain(self) -> None:
        if self.state.filtered:
            shell.empty_state(
                "search_off",
                "No numbers match",
                "Search for at least three digits of a number, or for words of the reason.",
                ("Clear filters", self._clear),
            )
        else:
            shell.empty_state(
                "block",
                "Nobody has opted out",
                "Whoever replies STOP is put here by itself. Add numbers of people who asked in another "
                "way, or import the list that you kept elsewhere.",
            )
