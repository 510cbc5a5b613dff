"""/contacts: everybody, searched, filtered and sorted, and the way to add people."""

from collections.abc import Awaitable, Callable

from nicegui import PageArguments, ui

from ui import shell
from ui.app import PageBuilder
from ui.contact_form import ContactForm
from ui.contact_state import ContactState, read
from ui.contacts_view import ContactsView
from ui.shortcuts import Shortcuts
from ui.world import World

LEAD = "The people you text, one for each mobile number."


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build(args: PageArguments) -> None:
        form, keys = ContactForm(world) if world.edits else None, {}

        async def add() -> None:
            if form and (contact_id := await form.add()) is not None:
                ui.navigate.to(f"/contacts/{contact_id}")

        with shell.page_header("Contacts", lead=LEAD):
            if form:
                ui.button(
                    "Import", icon="sym_o_upload_file", on_click=lambda: ui.navigate.to("/contacts/import")
                ).props("outline")
                button = ui.button("Add contact", icon="sym_o_person_add", on_click=add)
                keys = {"c": button.html_id}
        view = ContactsView(
            world,
            read(args.query_parameters),
            args.frame,
            search="Search contacts",
            nothing=lambda state, clear: nothing(state, clear, add if form else None),
        )
        Shortcuts({"/": view.filters.search.html_id, **keys})
        await view.start()

    return build


def nothing(
    state: ContactState, clear: Callable[[], Awaitable[None]], add: Callable[[], Awaitable[None]] | None
) -> None:
    """What stands in place of an empty table; `add` is None for who may not."""
    if state.filtered:
        shell.empty_state(
            "search_off",
            "No contacts match",
            "Names and e-mail addresses are found by how they begin, numbers in any spelling: "
            "“may”, “(415) 555”, “+44 20”.",
            ("Clear filters", clear),
        )
    else:
        shell.empty_state(
            "person_add",
            "Add the first person",
            "A contact is somebody with a mobile number who agreed to get texts from you. "
            "Put contacts on a list, and a campaign can reach them.",
            ("Add contact", add) if add else None,
        )
