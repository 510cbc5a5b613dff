"""/settings/account: one's own name, password, second step, and the browsers that one is signed in with."""

from nicegui import ui

from domain.passwords import BadPassword
from domain.problems import Problem
from domain.team import ROLE_WORDS
from storage import sessions, team
from storage.sessions import Open
from storage.team import PasswordWrong
from ui import notices, shell
from ui.app import PageBuilder
from ui.fields import Field
from ui.formats import relative
from ui.settings import frame
from ui.settings.second_step import SecondStep
from ui.tags import Tag, icon
from ui.world import World

PATH = "/settings/account"
DEMO = "In the demo everybody who visits is the same person, so there is no password and nobody to sign out."


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build() -> None:
        actor = world.actor()
        with shell.page_header("Your account", lead=f"{actor.name} · {ROLE_WORDS[actor.role][0]}"):
            pass
        if actor.session_id is None:
            shell.empty_state("person", "This is the demo", DEMO)
            return
        with Tag("div", classes="set-columns"):
            with Tag("div", classes="set-side"):
                _name(world)
                _password(world)
            with Tag("div", classes="set-side"):
                second = SecondStep(world)
                browsers = Browsers(world)
        await second.draw()
        await browsers.draw()

    return build


def _name(world: World) -> None:
    with frame.panel("Name", lead="Your team sees it beside what you do."):
        with Field("Your name", wide=True) as field:
            name = ui.input(value=world.actor().name).props("autocomplete=name maxlength=200 dir=auto")
        field.hold(name)
        field.classes("set-wide")

        async def save() -> None:
            field.problem = ""
            try:
                await world.db.run(team.rename, world.actor(), name.value or "", world.clock())
            except Problem as problem:
                field.problem = problem.text
            else:
                notices.success("Saved.")

        ui.button("Save name", on_click=save)


def _password(world: World) -> None:
    lead = "At least 12 characters. Every other browser of yours is signed out when you change it."
    with frame.panel("Password", lead=lead):
        with Field("Current password", wide=True) as old_field:
            old = ui.input().props("type=password autocomplete=current-password maxlength=200")
        with Field("New password", wide=True) as new_field:
            new = ui.input().props("type=password autocomplete=new-password maxlength=200")
        for field, control in ((old_field, old), (new_field, new)):
            field.hold(control)
            field.classes("set-wide")

        async def save() -> None:
            old_field.problem = new_field.problem = ""
            words = (old.value or "", new.value or "")
            try:
                await world.db.run(team.change_password, world.actor(), *words, world.clock())
            except BadPassword as problem:
                new_field.problem = problem.text
            except PasswordWrong as problem:
                old_field.problem = problem.text
            except Problem as problem:
                notices.problem(problem.text)
            else:
                old.value = new.value = ""
                notices.success("Your new password counts from now on.")

        ui.button("Change password", on_click=save)


class Browsers:
    """The browsers that one is signed in with."""

    def __init__(self, world: World) -> None:
        self.world = world
        with frame.panel("Your sessions", lead="Sign out where you don’t know the browser."):
            self._list = Tag("ul", classes="plain-list sessions", aria_label="Your sessions")
            self._others = ui.button("Sign out everywhere else", on_click=self._end_others).props("outline")

    async def draw(self) -> None:
        """Read them again and draw them."""
        found = await self.world.db.run(sessions.own, self.world.actor(), self.world.clock())
        self._list.clear()
        self._others.set_visibility(len(found) > 1)
        with self._list:
            for one in found:
                self._row(one)

    def _row(self, one: Open) -> None:
        here = one.id == self.world.actor().session_id
        with Tag("li", classes="session"):
            icon("smartphone" if "iPhone" in one.browser or "Android" in one.browser else "computer")
            with Tag("span", classes="grow"):
                Tag("div", one.browser, classes="strong")
                seen = "this browser" if here else f"last seen {relative(one.seen_at, self.world.clock())}"
                Tag("div", f"{one.address} · {seen}" if one.address else seen, classes="muted small")
            if not here:
                label = f"Sign out {one.browser}"
                button = Tag("button", "Sign out", classes="text-button", type="button", aria_label=label)
                button.on("click", lambda: self._end(one), args=[])

    async def _end(self, one: Open) -> None:
        await self.world.db.run(sessions.end, self.world.actor(), one.id, self.world.clock())
        notices.success(f"{one.browser} is signed out.")
        await self.draw()

    async def _end_others(self) -> None:
        await self.world.db.run(sessions.end_others, self.world.actor(), self.world.clock())
        notices.success("Every other browser is signed out.")
        await self.draw()
