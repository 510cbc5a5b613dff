"""/settings/api/webhooks/{number}: one address, and the log of the calls to it."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from domain.outgoing_webhooks import CallState, Kind, WebhookNotFound
from domain.problems import Problem
from storage import outgoing_webhooks
from storage.outgoing_webhooks import Webhook
from storage.tables import WebhookCall
from ui import notices, shell
from ui.app import PageBuilder
from ui.formats import plural, relative
from ui.settings import frame
from ui.tags import Tag, icon
from ui.world import World

PATH = "/settings/api/webhooks/{number}"
BACK = ("API", "/settings/api")
SHOWN = 50
"""Calls on one page of the log."""

SYMBOLS = {CallState.WAITING: "schedule", CallState.DELIVERED: "check_circle", CallState.FAILED: "error"}
NOTHING = "Calls appear here as soon as something happens that this address wants to know."


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
        await WebhookPage(world, found).draw()

    return build


class WebhookPage:
    """The page, as long as it is open in one tab."""

    def __init__(self, world: World, webhook: Webhook) -> None:
        self.world, self.webhook = world, webhook
        self._shown = SHOWN
        with frame.header("Outgoing webhook", lead=webhook.url, back=BACK):
            self._switch = ui.button(on_click=self._turn).props("outline")
        self._log = Tag("div", classes="panel")
        text = "Calls that wait are never made, and its log is gone."
        frame.removal("Remove webhook", lambda: self._remove(text), "")

    async def draw(self) -> None:
        """Read the log again and draw it."""
        self._switch.set_text("Pause" if self.webhook.active else "Resume")
        found = await self.world.db.run(
            outgoing_webhooks.calls, self.world.actor(), self.webhook.id, self._shown + 1
        )
        self._log.clear()
        with self._log:
            if not found:
                shell.empty_state("webhook", "No call yet", NOTHING)
                return
            with Tag("ul", classes="items", aria_label="Calls"):
                for call in found[: self._shown]:
                    self._call(call)
            if len(found) > self._shown:
                with Tag("div", classes="log-more"):
                    ui.button("Show older calls", on_click=self._more).props("flat")

    def _call(self, call: WebhookCall) -> None:
        state = CallState(call.state)
        with Tag("li", classes="item"):
            with Tag("span", classes=f"item-icon call-{state.value}", aria_hidden="true"):
                icon(SYMBOLS[state])
            with Tag("div", classes="item-main"):
                Tag("span", Kind(call.kind).label, classes="strong")
                Tag("span", self._words(call, state), classes="muted small")
                Tag("code", call.event_id, classes="muted small")
            again = ui.button("Send again", on_click=lambda: self._replay(call)).props("outline")
            again.props["aria-label"] = f"Send {call.event_id} again"
            again.set_enabled(state is not CallState.WAITING)

    def _words(self, call: WebhookCall, state: CallState) -> str:
        now = self.world.clock()
        answer = f"answer {call.status}" if call.status else call.detail
        tries = plural(call.attempts, "try", "tries") if call.attempts else "not tried yet"
        words = {CallState.WAITING: "Waits", CallState.DELIVERED: "Delivered", CallState.FAILED: "Failed"}[
            state
        ]
        parts = [f"{words}, {tries}", answer, relative(call.created_at, now)]
        if state is CallState.WAITING and call.attempts:
            parts.append(f"next {relative(call.due_at, now)}")
        return " · ".join(part for part in parts if part)

    async def _turn(self) -> None:
        active = not self.webhook.active
        done = "It is told of what happens from now on." if active else "It is told nothing for now."
        if await self._do(outgoing_webhooks.switch, self.webhook.id, active, done=done):
            webhooks = await self.world.db.run(outgoing_webhooks.listed, self.world.actor())
            self.webhook = next((one for one in webhooks if one.id == self.webhook.id), self.webhook)
        await self.draw()

    async def _replay(self, call: WebhookCall) -> None:
        await self._do(outgoing_webhooks.replay, call.id or 0, done="The call is made again in a moment.")
        await self.draw()

    async def _more(self) -> None:
        self._shown += SHOWN
        await self.draw()

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
