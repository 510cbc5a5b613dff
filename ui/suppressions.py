"""/suppressions: the numbers never to text, and what waits for somebody to look at it."""

from collections.abc import Awaitable

from nicegui import PageArguments, background_tasks, ui

from domain.problems import Problem
from storage import revocations, suppressions
from ui import notices, shell
from ui.app import PageBuilder, Pages
from ui.formats import number
from ui.review_queue import ReviewQueue
from ui.shortcuts import Shortcuts
from ui.suppression_forms import ask_to_add, ask_to_import, ask_to_lift
from ui.suppression_list import SuppressionList
from ui.suppression_state import LIST, REVIEW, SuppressionState, read
from ui.tags import Tag
from ui.world import World

LEAD = "Nobody on this list is texted, by any campaign, from the next message on."


def page(world: World) -> PageBuilder:
    """The page's builder."""

    def build(args: PageArguments) -> Awaitable[None]:
        return SuppressionsPage(world, read(args.query_parameters), args.frame).start()

    return build


class SuppressionsPage:
    """The page, as long as it is open in one tab."""

    def __init__(self, world: World, state: SuppressionState, frame: ui.sub_pages) -> None:
        self.world, self.state, self._frame = world, state, frame
        keys = {}
        with shell.page_header("Suppressions", lead=LEAD):
            if world.edits:
                ui.button("Import", icon="sym_o_upload", on_click=self._import).props("outline")
                add = ui.button("Add number", icon="sym_o_block", on_click=self._add_one)
                keys = {"c": add.html_id}
        self._tabs: dict[str, Tag] = {}
        with Tag("div", classes="tabs", role="tablist", aria_label="Suppressions"):
            for name, label in ((LIST, "Suppressed numbers"), (REVIEW, "To review")):
                self._tabs[name] = Tag("button", classes="tab", type="button", role="tab")
                with self._tabs[name]:
                    Tag("span", label)
                    if name == REVIEW:
                        self._waiting = Tag("span", classes="tab-count")
                self._tabs[name].on("click", lambda name=name: self._open(name), args=[])
        with Tag("div", role="tabpanel", classes="panel grid-panel") as self._panel:
            self._list = SuppressionList(world, state, self._look, self._lift)
            self._queue = ReviewQueue(world, self._decided)
        self._tell(0)
        self._mark()
        Shortcuts({"/": self._list.search_id, **keys})

    async def start(self) -> None:
        """Fill what was drawn empty, and follow how many wait."""
        count = await self.world.db.run(revocations.count_open)
        self._tell(count)
        with Tag("div", classes="hidden"):
            self.world.feed.watch("open revocations", revocations.count_open, self._came, count)
        await self._fill()

    async def _fill(self) -> None:
        await (self._queue.load() if self.state.tab == REVIEW else self._list.load())

    async def _look(self, state: SuppressionState) -> None:
        self.state = state
        if isinstance(self._frame, Pages):
            self._frame.address_became(state.address)

    async def _open(self, tab: str) -> None:
        await self._look(SuppressionState(tab=tab))
        self._list.show(self.state)
        self._mark()
        await self._fill()

    def _mark(self) -> None:
        for name, tab in self._tabs.items():
            chosen = name == self.state.tab
            tab.attributes(aria_selected="true" if chosen else "false")
            if chosen:
                self._panel.attributes(aria_labelledby=tab.html_id)
        self._list.set_visibility(self.state.tab == LIST)
        self._queue.set_visibility(self.state.tab == REVIEW)

    def _tell(self, count: int) -> None:
        self._waiting.text = number(count)
        self._waiting.set_visibility(count > 0)

    def _came(self, count: int) -> None:
        self._tell(count)
        if self.state.tab == REVIEW:
            background_tasks.create(self._queue.load(), name="the review list changed", context=self._queue)

    async def _decided(self) -> None:
        self._tell(await self.world.db.run(revocations.count_open))

    async def _add_one(self) -> None:
        if await ask_to_add(self.world):
            await self._fill()

    async def _import(self) -> None:
        if await ask_to_import(self.world):
            await self._fill()

    async def _lift(self, phone: str) -> None:
        if not await ask_to_lift(phone):
            return
        try:
            await self.world.db.run(suppressions.lift, self.world.actor(), phone, self.world.clock())
        except Problem as problem:
            notices.problem(problem.text)
        else:
            notices.success("The number can be texted again.")
        await self._list.load()
