"""The first step: campaign details, new, as a draft, or locked."""

import asyncio

from nicegui import ui

from domain import access
from domain import campaigns as rules
from domain.campaigns import Action, Standing, Status
from domain.details import Details, NameTaken, missing
from domain.names import NameMissing, NameTooLong, clean
from domain.problems import NotFound, Problem
from storage import campaigns, line_access, results, saved, workspace
from storage.saved import Saved
from storage.workspace import Choices
from ui import actions, browser, notices, permitted, shell
from ui.actions import Subject
from ui.app import PageBuilder
from ui.details_form import DetailsForm, from_body, to_body
from ui.restart import who_has_what
from ui.stepper import stepper
from ui.tags import Tag, icon
from ui.world import World

HOME = ("Campaigns", "/campaigns/sms")
TO_READ = "You can look at this campaign but not change it. Ask an administrator of your workspace."
UNKNOWN = "This campaign does not exist. It may have been deleted."


def new_page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build() -> None:
        if not permitted.may_work(world):
            return
        with shell.page_header("New campaign", back=HOME):
            pass
        stepper("details", None)
        await edit(world, await world.db.run(workspace.choices, world.actor()))

    return build


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build(cid: str) -> None:
        try:
            found = await world.db.run(saved.details, _number(cid), world.clock())
        except NotFound:
            shell.not_found(UNKNOWN)
            return
        with shell.page_header(found.form.name, back=HOME):
            pass
        stepper("details", found.id)
        if world.edits and rules.allows(Action.EDIT, found.standing):
            await edit(world, await world.db.run(workspace.choices, world.actor()), found)
        else:
            await _locked(world, await world.db.run(workspace.choices), found)

    return build


async def edit(world: World, choices: Choices, found: Saved | None = None) -> None:
    """The form, with what was typed and not saved brought back before it can be touched."""
    kept_as = f"{campaigns.NEW_FORM}-{found.id}" if found else campaigns.NEW_FORM
    body = await world.db.run(workspace.kept_form, world.actor(), kept_as)
    kept = from_body(body, found.version if found else 0)
    await Editor(world, choices, kept_as, found).bring_back(kept)


class Editor:
    """The form while it may be changed; what is typed is kept until it is saved."""

    def __init__(self, world: World, choices: Choices, kept_as: str, found: Saved | None) -> None:
        self.world, self.found = world, found
        self._blank = found.form if found else Details(owner_id=world.actor().user_id)
        self._version = found.version if found else 0
        self._kept_as = kept_as
        self._keeping = asyncio.Lock()
        self._saved = False
        self._note = Tag("div", classes="banner", role="status")
        with Tag("div", classes="panel form-panel"):
            self.form = DetailsForm(choices, self._blank, self._changed)
            with Tag("div", classes="form-foot"):
                with Tag("div", classes="form-left"):
                    self._left = Tag("p", aria_live="polite")
                    self._state = Tag("p")
                self._save = ui.button("Save Campaign", on_click=self.save)
        self._note.set_visibility(False)
        self._tell_missing()

    async def bring_back(self, kept: Details | None) -> None:
        """Show what was typed and not saved; called before the form is on the screen."""
        if kept is None or kept == self._blank:
            self.form.keep_unsent(self._kept_as)
            return
        self.form.show(kept)
        self.form.keep_unsent(self._kept_as)
        self._tell_missing()
        self._note.set_visibility(True)
        with self._note:
            icon("history")
            Tag("p", "We kept what you typed.", classes="grow")
            ui.button("Start over", on_click=self.start_over).props("outline")
        await self._check_name()

    async def start_over(self) -> None:
        """Forget what was kept and begin with what is saved."""
        await self.world.db.run(workspace.drop_form, self.world.actor(), self._kept_as)
        self.form.forget_unsent()
        self.form.show(self._blank)
        self.form.tell_kept(self._blank)
        self.form.name_field.problem = ""
        self._note.clear()
        self._note.set_visibility(False)
        self._state.text = ""
        self._tell_missing()
        self.form.focus_name()

    async def save(self) -> None:
        """Save and go on to the messages; whatever is refused stays in the form."""
        self._save.props["loading"] = True
        try:
            campaign_id = await self._write()
        except (NameTaken, NameMissing, NameTooLong) as problem:
            self.form.name_field.problem = problem.text
            self.form.focus_name()
        except Problem as problem:
            notices.problem(problem.text)
        else:
            self._saved = True
            self.form.forget_unsent()
            ui.navigate.to(f"/campaigns/sms/{campaign_id}/messages")
        finally:
            self._save.props["loading"] = False

    async def _write(self) -> int:
        world, form, actor = self.world, self.form.values, self.world.actor()
        if self.found is None:
            zone = await browser.time_zone()
            return await world.db.run(campaigns.create, actor, form, zone, world.clock())
        await world.db.run(campaigns.save_details, actor, self.found.id, form, world.clock(), self._version)
        await world.db.run(workspace.drop_form, actor, self._kept_as)
        return self.found.id

    async def _changed(self) -> None:
        self._state.text = "Keeping what you typed …"
        self._tell_missing()
        await asyncio.gather(self._check_name(), self._keep())

    def _tell_missing(self) -> None:
        labels = missing(self.form.values)
        self._left.text = f"Still missing: {', '.join(labels)}." if labels else "Everything is filled in."
        self._save.set_enabled(not labels)

    async def _check_name(self) -> None:
        typed = self.form.values.name
        problem = await self._name_problem(typed)
        if typed == self.form.values.name:  # or somebody typed on meanwhile
            self.form.name_field.problem = problem

    async def _name_problem(self, typed: str) -> str:
        try:
            clean(typed)
        except NameMissing:
            return ""
        except Problem as problem:
            return problem.text
        own = self.found.id if self.found else None
        free = await self.world.db.run(campaigns.name_is_free, typed, own)
        return "" if free else NameTaken().text

    async def _keep(self) -> None:
        async with self._keeping:  # an older state must not be written last
            if self._saved:
                return
            typed = self.form.values
            body = to_body(typed, self._version)
            await self.world.db.run(
                workspace.keep_form, self.world.actor(), self._kept_as, body, self.world.clock()
            )
            self.form.tell_kept(typed)
            if body == to_body(self.form.values, self._version):
                self._state.text = "What you typed is kept, though not saved yet."


async def _locked(world: World, choices: Choices, found: Saved) -> None:
    """The details to read, why they can't be changed, and where to go on."""
    standing, actor = found.standing, world.actor()
    may_send = found.form.line_id in await world.db.run(line_access.of, actor)
    may_restart = access.may_act(actor, Action.RESTART, may_send=may_send)
    with Tag("div", classes="banner"):
        icon("lock")
        Tag("p", _why_locked(standing) if world.edits else TO_READ, classes="grow")
        if _is_restarting(standing) and world.edits:
            ui.button("Continue to the message schedule", on_click=lambda: _to_messages(found.id))
        elif rules.allows(Action.RESTART, standing) and may_restart:
            ui.button(Action.RESTART.value, on_click=lambda: _restart(world, found)).props("outline")
        else:
            Tag("a", "Go to Messages", href=f"/campaigns/sms/{found.id}/messages", classes="banner-link")
    if _is_restarting(standing):
        who_has_what(await world.db.run(results.overview, found.id, world.clock()))
    with Tag("div", classes="panel form-panel"):
        DetailsForm(choices, found.form, _nothing).lock()


def _why_locked(standing: Standing) -> str:
    if standing.archived:
        return "This campaign is archived. Unarchive it to work with it again."
    if _is_restarting(standing):
        return "This campaign was restarted. Its message schedule can be rebuilt; all other details stay."
    locked = "Details are locked once a campaign is scheduled."
    if rules.allows(Action.EDIT_SCHEDULE, standing):
        return f"{locked} You can still change the send times of unsent messages."
    if standing.status is Status.STOPPED:
        return f"{locked} This one was stopped; restart it to build a new message schedule."
    return locked


def _is_restarting(standing: Standing) -> bool:
    return standing.restarting and standing.status is Status.STOPPED and not standing.archived


async def _restart(world: World, found: Saved) -> None:
    redraw = ui.context.client.sub_pages_router.refresh
    await actions.perform(world, Action.RESTART, Subject(found.id, found.form.name), redraw)


def _to_messages(campaign_id: int) -> None:
    ui.navigate.to(f"/campaigns/sms/{campaign_id}/messages")


def _number(cid: str) -> int:
    return int(cid) if cid.isascii() and cid.isdigit() and len(cid) < 10 else 0


async def _nothing() -> None:
    pass
