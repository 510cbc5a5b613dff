"""/inbox: what people wrote to our lines, and the way to answer them."""

from collections.abc import Awaitable, Callable

from nicegui import PageArguments, ui

from domain.problems import Problem
from storage import conversations
from storage.conversations import Page
from storage.database import Database
from ui import browser, shell
from ui.app import PageBuilder, Pages
from ui.formats import plural
from ui.inbox_list import InboxList
from ui.inbox_state import InboxState, read
from ui.inbox_thread import InboxThread
from ui.shortcuts import Shortcuts
from ui.tags import Tag
from ui.world import World

PATH = "/inbox"


def page(world: World) -> PageBuilder:
    """The page's builder."""

    def build(args: PageArguments) -> Awaitable[None]:
        return InboxPage(world, read(args.query_parameters), args.frame).start()

    return build


def follow_unread(world: World) -> None:
    """Keep the number beside the navigation's link up to date."""

    def show(count: int | Problem) -> None:
        if isinstance(count, int):
            shell.count_beside(PATH, count, f"{plural(count, 'unread conversation')}")

    world.feed.watch("unread", conversations.unread, show)


class InboxPage:
    """The page, as long as it is open in one tab."""

    def __init__(self, world: World, state: InboxState, frame: ui.sub_pages) -> None:
        self.world, self.state, self._frame = world, state, frame
        with shell.page_header(
            "Inbox", lead="Replies to your messages. STOP and START are dealt with already."
        ):
            pass
        with Tag("div", classes="panel inbox") as self._box:
            self._list = InboxList(world, state, on_look=self._look, on_open=self._open)
            self._thread = InboxThread(world, on_close=self._close, waiting=bool(state.open))
        self._empty = Tag("div", classes="panel")
        self._empty.set_visibility(False)
        self._watch = Tag("div", classes="hidden")
        self._mark()
        Shortcuts({"/": self._list.search_id})

    async def start(self) -> None:
        """Fill what was drawn empty."""
        zone = await browser.time_zone()
        self._list.zone = self._thread.zone = zone
        await self._load()
        if self.state.open:
            await self._show_talk(self.state.open)

    async def _load(self) -> None:
        read = self._reader()
        found = await self.world.db.run(read)
        self._show(found)
        self._watch.clear()
        with self._watch:
            self.world.feed.watch(("inbox", self.state.looks_for), read, self._renewed, found)

    def _reader(self) -> Callable[[Database], Page]:
        state = self.state
        return lambda db: conversations.page(
            db, search=state.search, only_unread=state.unread, limit=state.limit
        )

    def _show(self, found: Page) -> None:
        nothing_at_all = not found.total and not self.state.filtered
        self._list.fill(found, self.state)
        self._box.set_visibility(not nothing_at_all)
        self._empty.clear()
        self._empty.set_visibility(nothing_at_all)
        if nothing_at_all:
            with self._empty:
                shell.empty_state(
                    "inbox",
                    "No replies yet",
                    "When somebody answers one of your messages, the conversation opens here.",
                )

    def _renewed(self, found: Page | Problem) -> None:
        if isinstance(found, Page):
            self._show(found)

    async def _look(self, state: InboxState) -> None:
        self._go(state)
        await self._load()

    def _go(self, state: InboxState) -> None:
        self.state = state
        if isinstance(self._frame, Pages):
            self._frame.address_became(state.address)

    async def _open(self, conversation_id: int) -> None:
        self._go(self.state.opening(conversation_id))
        self._list.show_open(conversation_id)
        self._mark()
        await self._show_talk(conversation_id)

    async def _show_talk(self, conversation_id: int) -> None:
        """On a phone nothing else is in sight, so one that is gone leads back to the list."""
        if not await self._thread.open(conversation_id):
            await self._close()

    async def _close(self) -> None:
        self._go(self.state.opening(0))
        self._list.show_open(0)
        self._thread.close()
        self._mark()

    def _mark(self) -> None:
        """On a phone the conversation takes the place of the list."""
        self._box.classes(
            add="has-open" if self.state.open else "", remove="" if self.state.open else "has-open"
        )
