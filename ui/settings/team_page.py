"""/settings/team: who is in the team and as what, and who was invited."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from domain.access import Role
from domain.links import Purpose
from domain.problems import Problem
from domain.team import ROLE_WORDS
from storage import team, two_step
from storage.team import Invitation, Member
from ui import notices, shell
from ui.app import PageBuilder
from ui.fields import Field
from ui.formats import relative
from ui.select import Select
from ui.settings import frame, one_time
from ui.tags import Tag, icon
from ui.world import World

PATH = "/settings/team"
ROLES = {role.value: words[0] for role, words in ROLE_WORDS.items()}
INVITED = (
    "Send it to {email}. It is shown this once, works once, and for 24 hours. Whoever opens it chooses "
    "their own password."
)
RESET = (
    "Send it to {name}. It is shown this once, works once, and for one hour. Their password counts until "
    "they choose a new one; then every browser of theirs is signed out."
)


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build() -> None:
        if frame.may(world):
            await TeamPage(world).draw()

    return build


class TeamPage:
    """The page, as long as it is open in one tab."""

    def __init__(self, world: World) -> None:
        self.world = world
        with frame.header("Team", lead="Who works in this workspace, and what they may do."):
            ui.button("Invite member", icon="sym_o_person_add", on_click=self._invite)
        self._members = Tag("div", classes="panel")
        self._invitations = Tag("div", classes="stack")
        with Tag("p", classes="muted small"):
            Tag("span", "Which lines somebody may send from is chosen on each ")
            Tag("a", "line’s page", href="/settings/lines", classes="in-text")
            Tag("span", ".")

    async def draw(self) -> None:
        """Read the team again and draw it."""
        actor, now = self.world.actor(), self.world.clock()
        members = await self.world.db.run(team.members, actor)
        invitations = await self.world.db.run(team.invitations, actor, now)
        self._members.clear()
        with self._members:
            with Tag("ul", classes="items") as found:
                for member in members:
                    self._member(member, is_me=member.id == actor.user_id)
            found.attributes(aria_label="Members")
        self._invitations.clear()
        with self._invitations:
            if invitations:
                Tag("h2", "Invited")
                with Tag("div", classes="panel"), Tag("ul", classes="items") as waiting:
                    for invitation in invitations:
                        self._invitation(invitation)
                waiting.attributes(aria_label="Invitations")

    def _member(self, member: Member, *, is_me: bool) -> None:
        with Tag("li", classes="item"):
            initials = shell.Person(member.name).initials
            Tag("span", initials, classes="avatar", aria_hidden="true")
            with Tag("div", classes="item-main"):
                with Tag("span", classes="line"):
                    Tag("span", member.name, classes="strong", dir="auto")
                    if is_me:
                        Tag("span", "You", classes="tag")
                    if not member.active:
                        Tag("span", "Deactivated", classes="tag tag-danger")
                Tag("span", member.email, classes="muted small")
                Tag("span", self._seen(member), classes="muted small")
            role = Select(ROLES, value=member.role.value, on_change=self._role_of(member))
            role.classes("role-select").props["aria-label"] = f"Role of {member.name}"
            role.set_enabled(member.active)
            self._menu(member)

    def _seen(self, member: Member) -> str:
        if not member.can_sign_in:
            return "Has no password yet"
        seen = relative(member.seen_at, self.world.clock()) if member.seen_at else ""
        words = f"Last seen {seen}" if seen else "Not signed in"
        return f"{words} · Two-step sign-in" if member.two_step else words

    def _menu(self, member: Member) -> None:
        button = ui.button(icon="sym_o_more_vert").props("flat round")
        button.props["aria-label"] = f"More actions for {member.name}"
        button.props["aria-haspopup"] = "menu"
        actions: dict[str, Callable[[], Awaitable[None]]] = {}
        if member.active:
            actions["Make reset link"] = lambda: self._reset(member)
            actions["Sign out everywhere"] = lambda: self._sign_out(member)
            if member.two_step:
                actions["Turn off two-step sign-in"] = lambda: self._one_step(member)
            actions["Deactivate"] = lambda: self._deactivate(member)
        else:
            actions["Activate"] = lambda: self._activate(member)
        with button, ui.menu().props("role=menu"):
            for label, act in actions.items():
                ui.menu_item(label, act).props("role=menuitem")

    def _invitation(self, invitation: Invitation) -> None:
        with Tag("li", classes="item"):
            with Tag("span", classes="item-icon", aria_hidden="true"):
                icon("mail")
            with Tag("div", classes="item-main"):
                Tag("span", invitation.email, classes="strong")
                ends = relative(invitation.expires_at, self.world.clock())
                words = f"{ROLES[invitation.role.value]} · invited by {invitation.made_by} · ends {ends}"
                Tag("span", words, classes="muted small")
            withdraw = ui.button("Withdraw", on_click=lambda: self._withdraw(invitation)).props("outline")
            withdraw.props["aria-label"] = f"Withdraw the invitation of {invitation.email}"

    async def _invite(self) -> None:
        with ui.dialog() as dialog, ui.card().classes("confirm"):
            heading = Tag("h2", "Invite member")
            with Field("E-mail address", wide=True) as email_field:
                email = ui.input().props("type=email autofocus autocomplete=off maxlength=200")
            email_field.hold(email)
            with Field("Role", wide=True) as role_field:
                role = Select(ROLES, value=Role.MANAGER.value)
            role_field.hold(role)
            meaning = Tag("p", ROLE_WORDS[Role.MANAGER][1], classes="muted small")
            role.on_value_change(lambda event: meaning.set_text(ROLE_WORDS[Role(event.value)][1]))

            async def invite() -> None:
                arguments = (email.value or "", Role(role.value), self.world.clock())
                try:
                    token = await self.world.db.run(team.invite, self.world.actor(), *arguments)
                except Problem as problem:
                    email_field.problem = problem.text
                    return
                dialog.submit(token)

            email.on("keydown.enter", invite)
            with Tag("div", classes="confirm-actions"):
                ui.button("Cancel", on_click=lambda: dialog.submit(None)).props("outline")
                ui.button("Invite", on_click=invite)
        dialog.props["aria-labelledby"] = heading.html_id
        token = await dialog
        dialog.delete()
        if not token:
            return
        await self.draw()
        address = f"{self.world.public_url}/{Purpose.INVITE}/{token}"
        await one_time.show("The invitation’s link", INVITED.format(email=email.value), address)

    def _role_of(self, member: Member) -> Callable[[ValueChangeEventArguments[str]], Awaitable[None]]:
        async def change(event: ValueChangeEventArguments[str]) -> None:
            role = Role(event.value)
            done = f"{member.name} is {ROLES[role.value]} now."
            await self._do(team.change_role, member.id, role, done=done)

        return change

    async def _reset(self, member: Member) -> None:
        try:
            token = await self.world.db.run(
                team.reset_link, self.world.actor(), member.id, self.world.clock()
            )
        except Problem as problem:
            notices.problem(problem.text)
            return
        address = f"{self.world.public_url}/{Purpose.RESET}/{token}"
        await one_time.show("The link for a new password", RESET.format(name=member.name), address)

    async def _sign_out(self, member: Member) -> None:
        await self._do(team.sign_out_everywhere, member.id, done=f"{member.name} is signed out everywhere.")

    async def _one_step(self, member: Member) -> None:
        text = f"Only {member.name}’s password is asked for then, until they turn it on again."
        if await notices.confirm("Turn off two-step sign-in?", text, "Turn off", danger=True):
            await self._do(two_step.turn_off_for, member.id, done="Two-step sign-in is off.")

    async def _deactivate(self, member: Member) -> None:
        text = f"{member.name} is signed out at once and can’t sign in. What they made stays."
        if await notices.confirm("Deactivate member?", text, "Deactivate", danger=True):
            await self._do(team.deactivate, member.id, done=f"{member.name} is deactivated.")

    async def _activate(self, member: Member) -> None:
        await self._do(team.activate, member.id, done=f"{member.name} may sign in again.")

    async def _withdraw(self, invitation: Invitation) -> None:
        await self._do(team.withdraw, invitation.id, done="The invitation opens nothing any more.")

    async def _do(self, verb: Callable[..., Any], *arguments: Any, done: str) -> None:
        try:
            await self.world.db.run(verb, self.world.actor(), *arguments, self.world.clock())
        except Problem as problem:
            notices.problem(problem.text)
        else:
            notices.success(done)
        await self.draw()
