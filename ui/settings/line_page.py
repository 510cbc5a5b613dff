"""One line: its settings, how it stands, and the buttons that hold it and open it again."""

from nicegui import PageArguments, ui

from domain.line_settings import BadLineSetting, LineSettings
from domain.problems import NotFound, Problem
from storage import carriers, line_board, line_settings, workspace
from storage.line_board import LineRow
from ui import notices, shell
from ui.app import PageBuilder
from ui.formats import number, phone, plural, when
from ui.settings import frame, standing
from ui.settings.line_form import LineForm
from ui.settings.line_list import PATH
from ui.tags import Tag
from ui.world import World

BACK = ("Lines", PATH)
UNKNOWN = "This line does not exist. It may have been deleted."
HOLD = "Nothing more is sent from it until somebody opens it again. What waits is kept."


def new_page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build(args: PageArguments) -> None:
        if not frame.may(world):
            return
        with frame.header("Add line", back=BACK):
            pass
        account = frame.number(args.query_parameters.get("carrier", ""))
        await Editor(world, None, LineSettings(account_id=account or None)).draw("Add line")

    return build


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build(lid: str) -> None:
        if not frame.may(world):
            return
        try:
            row = await world.db.run(line_board.line, world.actor(), frame.number(lid), world.clock())
        except NotFound:
            shell.not_found(UNKNOWN)
            return
        with frame.header(row.settings.label, lead=phone(row.settings.number), back=BACK):
            pass
        with Tag("div", classes="set-columns"):
            await Editor(world, row.id, row.settings).draw("Save changes")
            with Tag("div", classes="set-side"):
                _state(world, row)
                _removal(world, row)

    return build


class Editor:
    """The form with its button."""

    def __init__(self, world: World, line_id: int | None, given: LineSettings) -> None:
        self.world, self.line_id, self.given = world, line_id, given
        self.form: LineForm

    async def draw(self, save: str) -> None:
        """Draw it with the accounts and the people that there are."""
        world = self.world
        accounts = await world.db.run(carriers.accounts, world.actor())
        team = (await world.db.run(workspace.choices)).owners
        with Tag("div", classes="panel form-panel"):
            self.form = LineForm(
                self.given,
                {account.id: account.name for account in accounts},
                {person.id: person.label for person in team},
            )
            with Tag("div", classes="form-foot"):
                Tag("p", "New limits count from the next message on.", classes="form-left")
                self._save = ui.button(save, on_click=self.save)

    async def save(self) -> None:
        """Keep what is typed; what is refused is said beside its field."""
        self.form.all_right()
        self._save.props["loading"] = True
        try:
            await self._write(self.form.values)
        except BadLineSetting as problem:
            self.form.show(problem)
        except Problem as problem:
            notices.problem(problem.text)
        finally:
            self._save.props["loading"] = False

    async def _write(self, values: LineSettings) -> None:
        world = self.world
        if self.line_id is None:
            made = await world.db.run(line_settings.create, world.actor(), values, world.clock())
            notices.success(f"{made.label} was added. Campaigns can be sent from it.")
            ui.navigate.to(f"{PATH}/{made.id}")
            return
        await world.db.run(line_settings.change, world.actor(), self.line_id, values, world.clock())
        notices.success("Saved.")
        await ui.context.client.sub_pages_router.refresh()


def _state(world: World, row: LineRow) -> None:
    found = standing.words(row)
    with frame.panel("State"):
        standing.dot(found)
        if found.title:
            Tag("p", found.title, classes="strong")
        if found.advice:
            Tag("p", found.advice)
        if row.blocked_reason:
            if row.blocked_at:
                Tag("p", f"Since {when(row.blocked_at, 'UTC', world.clock())}.", classes="muted small")
            ui.button("Unblock", icon="sym_o_play_arrow", on_click=lambda: _unblock(world, row))
        else:
            ui.button("Pause line", icon="sym_o_pause", on_click=lambda: _hold(world, row)).props("outline")
        with Tag("dl", classes="facts"):
            for label, text in _facts(row).items():
                with Tag("div", classes="fact"):
                    Tag("dt", label)
                    Tag("dd", text, classes="num")


def _facts(row: LineRow) -> dict[str, str]:
    facts = {"Campaigns": f"{plural(row.campaigns, 'campaign')} scheduled, running or paused"}
    if row.used_today is not None:
        cap = row.settings.daily_cap or 0
        facts["Sent today"] = f"{number(row.used_today)} of {plural(cap, 'segment')}"
    return facts


async def _hold(world: World, row: LineRow) -> None:
    if not await notices.confirm("Pause this line?", HOLD, "Pause line"):
        return
    await _do(world, line_settings.hold, row, "The line is paused.")


async def _unblock(world: World, row: LineRow) -> None:
    await _do(world, line_settings.unblock, row, "The line is open. What waited goes out.")


async def _do(world: World, verb: line_settings.Verb, row: LineRow, done: str) -> None:
    try:
        await world.db.run(verb, world.actor(), row.id, world.clock())
    except Problem as problem:
        notices.problem(problem.text)
        return
    notices.success(done)
    await ui.context.client.sub_pages_router.refresh()


def _removal(world: World, row: LineRow) -> None:
    label = row.settings.label
    delete = frame.deletion(
        world, "line", label, f"“{label}” is deleted for good.", line_settings.delete, row.id, PATH
    )
    frame.removal("Delete line", delete, "Campaigns use it, so it stays." if row.campaigns else "")
