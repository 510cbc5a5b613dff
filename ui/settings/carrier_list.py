"""The carrier accounts of the workspace."""

from nicegui import ui

from domain.carrier_kinds import kind_of
from storage import carriers
from storage.carriers import AccountShown
from ui import shell
from ui.app import PageBuilder
from ui.formats import plural
from ui.settings import frame, reach_note
from ui.tags import Tag, icon
from ui.world import World

PATH = "/settings/carriers"


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build() -> None:
        if not frame.may(world):
            return
        accounts = await world.db.run(carriers.accounts, world.actor())
        with frame.header("Carriers", lead="Who takes your messages from us and brings them to phones."):
            ui.button("Add carrier", icon="sym_o_add", on_click=_add)
        reach_note.draw(world, [(account.kind, account.settings) for account in accounts])
        with Tag("div", classes="panel"):
            if not accounts:
                text = "Add the account that you have at a carrier, then the lines that you send from."
                shell.empty_state("cell_tower", "No carrier yet", text, ("Add carrier", _add))
                return
            with Tag("ul", classes="items"):
                for account in accounts:
                    _row(account)

    return build


def _row(account: AccountShown) -> None:
    blocked = sum(line.blocked_reason is not None for line in account.lines)
    with Tag("li", classes="item"):
        with Tag("span", classes="item-icon", aria_hidden="true"):
            icon("cell_tower")
        with Tag("div", classes="item-main"):
            Tag("a", account.name, classes="item-name", href=f"{PATH}/{account.id}", dir="auto")
            Tag("span", kind_of(account.kind).label, classes="muted small")
        with Tag("div", classes="item-facts"):
            Tag("span", plural(len(account.lines), "line") if account.lines else "Not used yet")
            if blocked:
                Tag("span", f"{blocked} blocked", classes="tag tag-danger")


def _add() -> None:
    ui.navigate.to(f"{PATH}/new")
