"""The inbox's list of conversations: searched in the database, the newest words first."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from nicegui import ui

from domain.keywords import Kind
from storage.conversations import ANSWER, Page, Talk
from ui import browser, skeleton
from ui.formats import phone, plural, relative
from ui.inbox_state import STEP, InboxState
from ui.tags import Tag, icon
from ui.world import World

KEYWORDS = {Kind.STOP: "Opted out", Kind.START: "Opted in again", Kind.HELP: "Asked for help"}
"""What is said in place of a keyword."""


class InboxList(Tag):
    """One button a conversation; `on_open` is called with its id."""

    def __init__(
        self,
        world: World,
        state: InboxState,
        *,
        on_look: Callable[[InboxState], Awaitable[None]],
        on_open: Callable[[int], Awaitable[None]],
    ) -> None:
        super().__init__("section", classes="inbox-list", aria_label="Conversations")
        self.world, self.state, self.zone = world, state, browser.ELSE
        self._on_look, self._on_open = on_look, on_open
        self._buttons: dict[int, Tag] = {}
        with self:
            with Tag("div", classes="inbox-tools", role="search"):
                self._search = ui.input(
                    placeholder="Search conversations", value=state.search, on_change=self._choose
                )
                self._search.props('type=search debounce=250 aria-label="Search conversations"')
                with self._search.add_slot("prepend"):
                    icon("search")
                self._unread = ui.checkbox("Unread only", value=state.unread, on_change=self._choose)
            self._rows = Tag("ul", classes="inbox-rows", aria_busy="true")
            with self._rows:
                skeleton.lines()
            self._none = Tag("p", "No conversations match.", classes="muted inbox-none")
            self._more = ui.button("Show more", on_click=self._show_more).props("flat")
        for part in (self._none, self._more):
            part.set_visibility(False)

    @property
    def search_id(self) -> str:
        """Where the shortcut for searching leads."""
        return self._search.html_id

    def fill(self, found: Page, state: InboxState) -> None:
        """Show these conversations."""
        self.state = state
        self._rows.attributes(aria_busy=None).clear()
        self._buttons.clear()
        with self._rows:
            for talk in found.rows:
                self._row(talk)
        self._none.set_visibility(not found.rows)
        self._more.set_visibility(found.total > len(found.rows))
        self.show_open(state.open)

    def show_open(self, conversation_id: int) -> None:
        """Show which conversation is open."""
        self.state = self.state.opening(conversation_id)
        for number, button in self._buttons.items():
            button.attributes(aria_current="true" if number == conversation_id else None)

    def _row(self, talk: Talk) -> None:
        who = talk.name or phone(talk.phone)
        with Tag("li"):
            button = Tag("button", classes="inbox-row" + (" is-unread" if talk.unread else ""), type="button")
        with button:
            with Tag("span", classes="inbox-row-top"):
                Tag("span", who, classes="inbox-who", dir="auto")
                Tag("span", relative(talk.last_at, self.world.clock()), classes="muted small nowrap")
            with Tag("span", classes="inbox-row-top"):
                Tag("span", words_of(talk), classes="inbox-last", dir="auto")
                if talk.unread:
                    Tag("span", str(talk.unread), classes="nav-count", aria_hidden="true")
                    Tag("span", f", {plural(talk.unread, 'unread text')}", classes="sr-only")
        button.on("click", lambda: self._on_open(talk.id), args=[])
        self._buttons[talk.id] = button

    def _choose(self) -> Awaitable[None]:
        chosen = replace(
            self.state, search=self._search.value or "", unread=bool(self._unread.value), limit=STEP
        )
        self.state = chosen
        return self._on_look(chosen)

    async def _show_more(self) -> None:
        self.state = replace(self.state, limit=self.state.limit + STEP)
        await self._on_look(self.state)


def words_of(talk: Talk) -> str:
    """The last words in one line; keywords say what they did."""
    if talk.last_kind in frozenset(KEYWORDS):
        return f"{KEYWORDS[Kind(talk.last_kind)]} ({talk.last_text.strip()})"
    return f"You: {talk.last_text}" if talk.last_kind == ANSWER else talk.last_text
