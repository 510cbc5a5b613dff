"""The lines of the workspace: how each stands, what it may send, and what it has sent today."""

from nicegui import ui

from domain.line_kinds import LABELS, LineKind
from storage import line_board
from storage.line_board import LineRow
from ui import shell
from ui.app import PageBuilder
from ui.formats import number, phone, plural
from ui.settings import frame, standing
from ui.tags import Tag, icon
from ui.world import World

PATH = "/settings/lines"
SYMBOLS = {LineKind.SHORT_CODE: "pin", LineKind.ALPHANUMERIC: "badge", LineKind.TOLL_FREE: "toll"}


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build() -> None:
        if not frame.may(world):
            return
        rows = await world.db.run(line_board.lines, world.actor(), world.clock())
        with frame.header("Lines", lead="The numbers and sender IDs that campaigns are sent from."):
            ui.button("Add line", icon="sym_o_add", on_click=_add)
        with Tag("div", classes="panel"):
            if not rows:
                text = "Add the number that people will see. It belongs to a carrier account."
                shell.empty_state("dialpad", "No line yet", text, ("Add line", _add))
                return
            with Tag("ul", classes="items"):
                for row in rows:
                    _row(row)

    return build


def _row(row: LineRow) -> None:
    given, found = row.settings, standing.words(row)
    kind = given.kind or LineKind.LONG_CODE
    with Tag("li", classes="item"):
        with Tag("span", classes="item-icon", aria_hidden="true"):
            icon(SYMBOLS.get(kind, "call"))
        with Tag("div", classes="item-main"):
            Tag("a", given.label, classes="item-name", href=f"{PATH}/{row.id}", dir="auto")
            Tag("span", f"{phone(given.number)} · {LABELS[kind]} · {row.account}", classes="muted small")
            if found.title:
                Tag("span", found.title, classes="small")
        with Tag("div", classes="item-facts"):
            Tag("span", _limits(row), classes="num")
            Tag("span", _today(row), classes="muted small num")
        with Tag("div", classes="item-state"):
            standing.dot(found)


def _limits(row: LineRow) -> str:
    rate = row.settings.rate
    return f"{rate:g} a second" if rate else "No limit a second"


def _today(row: LineRow) -> str:
    if row.used_today is None:
        return plural(row.campaigns, "live campaign") if row.campaigns else "No daily cap"
    return f"{number(row.used_today)} of {number(row.settings.daily_cap or 0)} today"


def _add() -> None:
    ui.navigate.to(f"{PATH}/new")
