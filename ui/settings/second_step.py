"""Two-step sign-in on one's account page: turned on with a QR code and a proof, turned off with a code."""

from collections.abc import Sequence

import segno
from nicegui import ui

from domain.problems import Problem
from storage import two_step
from storage.two_step import Offer, Standing
from ui import notices
from ui.fields import Field
from ui.formats import plural
from ui.settings import frame
from ui.tags import Tag
from ui.world import World

OFF = (
    "Besides your password, a code from an app on your phone is asked for. Whoever learns the password "
    "alone stays out."
)
SCAN = "Scan this with an authenticator app, or type the key into it. Then enter the code that it shows."
KEEP = (
    "Each of these codes works once in place of your phone. Print them, or keep them where you keep your "
    "passwords. They are shown this once."
)


class SecondStep:
    """The panel, as long as the page is open."""

    def __init__(self, world: World) -> None:
        self.world = world
        with frame.panel("Two-step sign-in"):
            self._body = Tag("div", classes="stack set-wide")

    async def draw(self) -> None:
        """Ask how it stands, and offer what can be done about it."""
        found = await self.world.db.run(two_step.standing, self.world.actor())
        self._body.clear()
        with self._body:
            if found.on:
                self._on(found)
                return
            Tag("p", OFF, classes="set-lead")
            ui.button("Turn on", icon="sym_o_shield_lock", on_click=self._offer)

    def _on(self, found: Standing) -> None:
        left = plural(found.codes, "recovery code")
        Tag("p", f"It is on. You have {left} left.", classes="set-lead")
        field, code = self._code("Code, to change anything here")

        async def renew() -> None:
            arguments = (code.value or "", self.world.clock())
            try:
                codes = await self.world.db.run(two_step.renew_codes, self.world.actor(), *arguments)
            except Problem as problem:
                field.problem = problem.text
                return
            await self._show(codes)

        async def turn_off() -> None:
            arguments = (code.value or "", self.world.clock())
            try:
                await self.world.db.run(two_step.turn_off, self.world.actor(), *arguments)
            except Problem as problem:
                field.problem = problem.text
                return
            notices.success("Two-step sign-in is off.")
            await self.draw()

        with Tag("div", classes="line"):
            ui.button("Make new recovery codes", on_click=renew).props("outline")
            ui.button("Turn off", color="negative", on_click=turn_off).props("outline")

    async def _offer(self) -> None:
        try:
            offered: Offer = await self.world.db.run(two_step.offer, self.world.actor())
        except Problem as problem:
            notices.problem(problem.text)
            return
        self._body.clear()
        with self._body:
            Tag("p", SCAN, classes="set-lead")
            picture = segno.make(offered.address, error="m").svg_data_uri(scale=4, border=3, light="#fff")
            Tag("img", src=picture, alt="QR code for your authenticator app", classes="qr")
            Tag("code", offered.secret, tabindex=0, classes="secret", aria_label="Key")
            field, code = self._code("Code")

        async def turn_on() -> None:
            arguments = (code.value or "", self.world.clock())
            try:
                codes = await self.world.db.run(two_step.turn_on, self.world.actor(), *arguments)
            except Problem as problem:
                field.problem = problem.text
                return
            await self._show(codes)

        with self._body:
            ui.button("Turn on two-step sign-in", on_click=turn_on)

    async def _show(self, codes: Sequence[str]) -> None:
        self._body.clear()
        with self._body:
            Tag("h3", "Your recovery codes")
            Tag("p", KEEP, classes="set-lead")
            with Tag("ul", classes="plain-list codes", aria_label="Recovery codes"):
                for code in codes:
                    Tag("li", code)
            ui.button("I have kept them", on_click=self.draw)

    def _code(self, label: str) -> tuple[Field, ui.input]:
        with Field(label, wide=True) as field:
            code = ui.input().props("autocomplete=one-time-code maxlength=40 autocapitalize=none")
        field.hold(code)
        return field, code
