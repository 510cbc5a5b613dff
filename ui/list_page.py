"""/lists/{id}: a list's members, and what can be done with the list."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from nicegui import PageArguments, ui

from domain.problems import NotFound, Problem
from storage import lists, saved_filters, workspace
from storage.lists import Row
from ui import filter_words, notices, shell
from ui.app import PageBuilder
from ui.contact_form import ContactForm
from ui.contact_state import ContactState, read
from ui.contacts_view import ContactsView
from ui.formats import plural
from ui.lists import ask_name
from ui.shortcuts import Shortcuts
from ui.tags import Tag
from ui.world import World

HOME = ("Lists", "/lists")
FILLS_ITSELF = (
    "This list is a saved filter: whoever matches is on it. A campaign takes those who match when its first "
    "message begins."
)
UNKNOWN = "This contact list does not exist. It may have been deleted."


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build(list_id: str, args: PageArguments) -> None:
        if not (list_id.isascii() and list_id.isdecimal() and len(list_id) < 11):
            shell.not_found(UNKNOWN)
            return
        try:
            row = await world.db.run(lists.one, int(list_id))
            if row.filter is not None:
                row = replace(row, size=await world.db.run(saved_filters.count, row.id))
        except NotFound as problem:
            shell.not_found(problem.text)
            return
        words = await filter_words_of(world, row)
        await ListPage(world, row, words, read(args.query_parameters, row.id), args.frame).start()

    return build


class ListPage:
    """The page, as long as it is open in one tab."""

    def __init__(
        self, world: World, row: Row, words: Sequence[str], state: ContactState, frame: ui.sub_pages
    ) -> None:
        self.world, self.row = world, row
        self._edits = world.edits
        if self._edits:
            self._form = ContactForm(world)
        self._keys: dict[str, str] = {}
        with shell.page_header(row.name, back=HOME, lead=_lead(row)):
            if self._edits:
                self._offer()
        if row.filter is not None:
            Tag("p", f"{FILLS_ITSELF} It finds: {' · '.join(words)}", classes="page-note", dir="auto")
        self._view = ContactsView(world, state, frame, search="Search this list", nothing=self._nothing)
        Shortcuts({"/": self._view.filters.search.html_id, **self._keys})

    def _offer(self) -> None:
        """The buttons of who may work here; a list that campaigns use stays, as the line above says."""
        if self.row.filter is None:
            add = ui.button("Add contact", icon="sym_o_person_add", on_click=self._add)
            self._keys = {"c": add.html_id}
        else:
            there = replace(ContactState(**self.row.filter), saved=self.row.id).address
            change = ui.button("Change filter", icon="sym_o_filter_alt")
            change.on_click(lambda: ui.navigate.to(there)).props("outline")
        ui.button("Rename list", icon="sym_o_edit", on_click=self._rename).props("outline")
        delete = ui.button("Delete list", icon="sym_o_delete", color="negative", on_click=self._delete)
        delete.props("outline").set_enabled(not self.row.campaigns)

    async def start(self) -> None:
        """Fill what was drawn empty."""
        await self._view.start()

    async def _add(self) -> None:
        if await self._form.add(self.row.id) is not None:
            notices.success("The contact is on the list.")
            await self._view.load()

    async def _rename(self) -> None:
        if await ask_name(self.world, self.row) is not None:
            ui.navigate.reload()

    async def _delete(self) -> None:
        text = "The people on it stay contacts."
        if not await notices.confirm(f"Delete “{self.row.name}”?", text, "Delete list", danger=True):
            return
        try:
            await self.world.db.run(lists.delete, self.world.actor(), self.row.id, self.world.clock())
        except Problem as problem:
            notices.problem(problem.text)
            return
        notices.success(f"“{self.row.name}” was deleted.")
        ui.navigate.to("/lists")

    def _nothing(self, state: ContactState, clear: Callable[[], Awaitable[None]]) -> None:
        if state.filtered:
            shell.empty_state(
                "search_off",
                "Nobody on this list matches",
                "Names and e-mail addresses are found by how they begin, numbers in any spelling.",
                ("Clear filters", clear),
            )
        elif self.row.filter is not None:
            shell.empty_state(
                "filter_alt", "Nobody matches just now", "Whoever matches later is on this list by itself."
            )
        else:
            shell.empty_state(
                "group_add",
                "Nobody is on this list yet",
                "Add a person here, or open a contact and put them on this list.",
                ("Add contact", self._add) if self._edits else None,
            )


async def filter_words_of(world: World, row: Row) -> list[str]:
    """What the list's filter asks for; nothing for a list of people."""
    if row.filter is None:
        return []
    choices = await world.db.run(workspace.choices)
    campaigns = await world.db.run(workspace.begun_campaigns)
    names = [{item.id: item.label for item in some} for some in (choices.lists, campaigns)]
    return [words for words, _ in filter_words.active(ContactState(**row.filter), *names)]


def _lead(row: Row) -> str:
    """How many, and which filter finds them."""
    campaigns = plural(row.campaigns, "campaign")
    used = f"used by {campaigns}, so it stays" if row.campaigns else "not used by any campaign"
    who = "match now" if row.filter is not None and row.size != 1 else "matches now"
    count = plural(row.size, "contact")
    return f"{count} {who}, {used}" if row.filter is not None else f"{count}, {used}"
