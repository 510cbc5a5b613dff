"""One carrier account: its settings, a test of its connection, what to paste at the carrier, its lines."""

from collections.abc import Mapping

from nicegui import ui

from domain.account_settings import AccountNameMissing
from domain.carrier_kinds import check, kind_of
from domain.carrier_settings import BadSetting
from domain.connections import Checked
from domain.problems import NotFound, Problem
from storage import carriers, late_receipts, line_settings
from storage.carriers import AccountShown
from ui import notices, shell
from ui.app import PageBuilder
from ui.fields import Field
from ui.formats import plural
from ui.select import Select
from ui.settings import frame, pasting
from ui.settings.carrier_form import CarrierForm
from ui.settings.carrier_list import PATH
from ui.tags import Tag, icon
from ui.world import World

BACK = ("Carriers", PATH)
UNKNOWN = "This carrier account does not exist. It may have been deleted."


def new_page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build() -> None:
        if not frame.may(world):
            return
        with frame.header("Add carrier", back=BACK):
            pass
        Adding(world)

    return build


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build(aid: str) -> None:
        if not frame.may(world):
            return
        try:
            found = await world.db.run(carriers.account, world.actor(), frame.number(aid))
        except NotFound:
            shell.not_found(UNKNOWN)
            return
        stray = (await world.db.run(late_receipts.strays, world.clock()))[found.id]
        with frame.header(found.name, lead=kind_of(found.kind).label, back=BACK):
            pass
        with Tag("div", classes="set-columns"):
            Editing(world, found)
            with Tag("div", classes="set-side"):
                pasting.panel(world, found.kind, found.token, found.settings)
                _used_by(found)
                if stray:
                    _strays(stray)
                _removal(world, found)

    return build


class AccountEditor:
    """A form with its two buttons, and the words that a test came back with."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.form: CarrierForm
        self._test: ui.button
        self._save: ui.button
        self._result: Tag

    def foot(self, save: str) -> None:
        """Draw what stands below the fields."""
        self._result = Tag("div", classes="check-result", role="status")
        with Tag("div", classes="form-foot"):
            Tag("p", "A test asks the carrier and sends nothing to anybody.", classes="form-left")
            self._test = ui.button("Test connection", on_click=self.test).props("outline")
            self._save = ui.button(save, on_click=self.save)

    async def test(self) -> None:
        """Ask the carrier, and say in words what it said."""
        self.form.all_right()
        self._test.props["loading"] = True
        try:
            self.tell(await self.ask())
        except BadSetting as problem:
            if not self.form.show(problem):
                notices.problem(problem.text)
        except Problem as problem:
            notices.problem(problem.text)
        finally:
            self._test.props["loading"] = False

    def tell(self, checked: Checked) -> None:
        """Show the outcome of a test."""
        self._result.clear()
        self._result.classes(**{"add" if checked.works else "remove": "is-good"})
        with self._result:
            icon("check_circle" if checked.works else "error")
            with Tag("div"):
                Tag("p", checked.title, classes="strong")
                if checked.advice:
                    Tag("p", checked.advice)

    async def save(self) -> None:
        """Keep what is typed; what is refused is said beside its field."""
        self.form.all_right()
        self._save.props["loading"] = True
        try:
            await self.write()
        except AccountNameMissing as problem:
            self.form.name_is_wrong(problem.text)
        except BadSetting as problem:
            if not self.form.show(problem):
                notices.problem(problem.text)
        except Problem as problem:
            notices.problem(problem.text)
        finally:
            self._save.props["loading"] = False

    async def ask(self) -> Checked:
        """Test with what is typed."""
        raise NotImplementedError

    async def write(self) -> None:
        """Keep what is typed."""
        raise NotImplementedError


class Adding(AccountEditor):
    """A new account: first its kind, then the fields of that kind."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        kinds = {name: kind_of(name).label for name in world.carriers.kinds}
        with Tag("div", classes="panel form-panel"):
            with Tag("div", classes="form-grid form-first"):
                field = Field("Carrier", wide=True)
                with field:
                    self._kind = Select(kinds, value=_first(kinds))
                self._kind.props("popup-content-class=field-options")
                field.hold(self._kind)
            self._fields = Tag("div")
            self.foot("Add carrier")
        self._kind.on_value_change(self._draw)
        self._draw()

    async def ask(self) -> Checked:
        """Test with what is typed."""
        settings = self._checked()
        return await self.world.carriers.test(str(self._kind.value), settings)

    async def write(self) -> None:
        """Add the account, and go to it for the addresses to paste."""
        world, kind = self.world, str(self._kind.value)
        if not self.form.name.strip():
            raise AccountNameMissing
        settings = self._checked()
        made = await world.db.run(
            carriers.create_account, world.actor(), self.form.name, kind, settings, world.clock()
        )
        notices.success(f"{made.name} was added.")
        ui.navigate.to(f"{PATH}/{made.id}")

    def _checked(self) -> Mapping[str, str]:
        settings = check(str(self._kind.value), self.form.typed)
        self.world.carriers.check(str(self._kind.value), settings)
        return settings

    def _draw(self) -> None:
        self._fields.clear()
        self._result.clear()
        with self._fields:
            self.form = CarrierForm(str(self._kind.value), "", {})


class Editing(AccountEditor):
    """An account that is there."""

    def __init__(self, world: World, found: AccountShown) -> None:
        super().__init__(world)
        self.found = found
        with Tag("div", classes="panel form-panel"):
            self.form = CarrierForm(found.kind, found.name, found.settings, found.secrets)
            self.foot("Save changes")

    async def ask(self) -> Checked:
        """Test with what is typed, over what is kept; a success opens the lines that were blocked."""
        world, found = self.world, self.found
        settings = await world.db.run(carriers.to_try, world.actor(), found.id, self.form.typed)
        checked = await world.carriers.test(found.kind, settings)
        if checked.works and any(line.blocked_reason and not line.blocked_by for line in found.lines):
            notices.problem("Lines of this carrier are blocked.", "Unblock them", self._unblock)
        return checked

    async def write(self) -> None:
        """Keep what is typed, and draw the page anew without it."""
        world = self.world
        typed = self.form.typed
        await world.db.run(
            carriers.change_account, world.actor(), self.found.id, self.form.name, typed, world.clock()
        )
        notices.success("Saved. It counts from the next message on.")
        await ui.context.client.sub_pages_router.refresh()

    async def _unblock(self) -> None:
        world = self.world
        opened = await world.db.run(
            line_settings.unblock_account, world.actor(), self.found.id, world.clock()
        )
        notices.success(f"{plural(opened, 'line')} opened. What waited goes out.")
        await ui.context.client.sub_pages_router.refresh()


def _used_by(found: AccountShown) -> None:
    with frame.panel("Lines of this account"):
        if not found.lines:
            Tag("p", "None yet. Add the numbers that you send from.", classes="muted")
        with Tag("ul", classes="plain-list"):
            for line in found.lines:
                with Tag("li"):
                    Tag("a", line.label, href=f"/settings/lines/{line.id}", dir="auto")
        Tag("a", "Add line", classes="set-link", href=f"/settings/lines/new?carrier={found.id}")


def _strays(count: int) -> None:
    with frame.panel("Receipts that fit no text"):
        Tag("p", f"{plural(count, 'receipt')} came in the last 30 days for no text that was sent from here.")
        Tag(
            "p",
            "Mostly another program sends with the same account, or the carrier was tested.",
            classes="muted",
        )


def _removal(world: World, found: AccountShown) -> None:
    text = f"“{found.name}” and its credentials are deleted for good."
    delete = frame.deletion(world, "carrier", found.name, text, carriers.delete_account, found.id, PATH)
    frame.removal("Delete carrier", delete, "Lines use it, so it stays." if found.lines else "")


def _first(kinds: Mapping[str, str]) -> str | None:
    real = [name for name in kinds if name != "sandbox"]
    return real[0] if real else next(iter(kinds), None)
