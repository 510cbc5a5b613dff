"""/settings/api/webhooks/{number}: one address, and the log of the calls to it."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from domain.outgoing_webhooks import WebhookNotFound
from domain.problems import Problem
from storage import outgoing_webhooks
from storage.database import Database
from storage.outgoing_webhooks import Webhook
from ui import notices, shell
from ui.app import PageBuilder
from ui.settings import frame
from ui.settings.call_log import Call, CallLog, call
from ui.tags import Tag
from ui.webhook_banner import AGAIN
from ui.world import World

PATH = "/settings/api/webhooks/{number}"
BACK = ("API", "/settings/api")
SHOWN = 50
"""Calls on one page of the log."""

NOTHING = "Calls appear here as soon as something happens that this address wants to know."
Look = tuple[Webhook | None, tuple[Call, ...]]


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build(number: str) -> None:
        if not frame.may(world):
            return
        webhooks = await world.db.run(outgoing_webhooks.listed, world.actor())
        found = next((one for one in webhooks if one.id == frame.number(number)), None)
        if found is None:
            shell.not_found(WebhookNotFound().text)
            return
        await WebhookPage(world, found).start()

    return build


class WebhookPage:
    """The page, as long as it is open in one tab."""

    def __init__(self, world: World, webhook: Webhook) -> None:
        self.world, self.webhook, self._actor = world, webhook, world.actor()
        self._most = SHOWN
        with frame.header("Outgoing webhook", lead=webhook.url, back=BACK):
            self._switch = ui.button(on_click=self._turn).props("outline")
        with Tag("div", classes="panel"):
            self._none = Tag("div")
            with self._none:
                shell.empty_state("webhook", "No call yet", NOTHING)
            self._log = CallLog(self._replay)
            with Tag("div", classes="log-more") as self._older:
                ui.button("Show older calls", on_click=self._more).props("flat")
        self._watch = Tag("div", classes="hidden")
        text = "Calls that wait are never made, and its log is gone."
        frame.removal("Remove webhook", lambda: self._remove(text), "")

    async def start(self) -> None:
        """Draw it, and follow the calls as they are made."""
        read = self._reader()
        first = await self.world.db.run(read)
        self._show(first)
        self._watch.clear()
        with self._watch:
            self.world.feed.watch(("calls", self.webhook.id, self._most), read, self._show, first)

    def _reader(self) -> Callable[[Database], Look]:
        actor, number, most = self._actor, self.webhook.id, self._most

        def read(db: Database) -> Look:
            webhooks = outgoing_webhooks.listed(db, actor)
            found = next((one for one in webhooks if one.id == number), None)
            return found, tuple(map(call, outgoing_webhooks.calls(db, actor, number, most + 1)))

        return read

    def _show(self, look: Look | Problem) -> None:
        if isinstance(look, Problem) or look[0] is None or self._log.is_deleted:
            return  # it was removed elsewhere, and every press says so
        self.webhook, calls = look[0], look[1]
        self._switch.set_text("Pause" if self.webhook.active else AGAIN if self.webhook.off_at else "Resume")
        self._log.show(calls[: self._most], self.world.clock())
        self._log.set_visibility(bool(calls))
        self._none.set_visibility(not calls)
        self._older.set_visibility(len(calls) > self._most)

    async def _turn(self) -> None:
        active = not self.webhook.active
        done = "It is told of what happens from now on." if active else "It is told nothing for now."
        await self._do(outgoing_webhooks.switch, self.webhook.id, active, done=done)
        await self.world.feed.look()

    async def _replay(self, number: int) -> None:
        await self._do(outgoing_webhooks.replay, number, done="The call is made again in a moment.")
        await self.world.feed.look()

    async def _more(self) -> None:
        self._most += SHOWN
        await self.start()

    async def _remove(self, text: str) -> None:
        if await notices.confirm("Remove webhook?", text, "Remove", danger=True) and await self._do(
            outgoing_webhooks.remove, self.webhook.id, done="The webhook is removed."
        ):
            ui.navigate.to(BACK[1])

    async def _do(self, verb: Callable[..., Any], *arguments: Any, done: str) -> bool:
        try:
            await self.world.db.run(verb, self.world.actor(), *arguments, self.world.clock())
        except Problem as problem:
            notices.problem(problem.text)
            return False
        notices.success(done)
        return True
