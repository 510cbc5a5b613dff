"""A message that was missed: what happened, and the three ways on."""

from nicegui import ui

from domain.messages import Choice
from domain.problems import Problem
from storage import missed
from ui import notices
from ui.tags import Tag, icon
from ui.world import World

WHY = "Sending stood still, and now it is more than an hour late, so its words may not be right any more."
YOURS, THEIRS = "It waits for you.", "It waits for somebody who may decide."


class Missed(Tag):
    """The box on a missed message."""

    def __init__(self, world: World, campaign_id: int, message_id: int, position: int) -> None:
        super().__init__("div", classes="doubt missed", role="group")
        self._world, self._campaign_id, self._message_id = world, campaign_id, message_id
        self._name = f"Message {position}"
        self.attributes(aria_label=f"{self._name} was missed")
        with self:
            icon("schedule")
            with Tag("div", classes="grow"):
                with Tag("p"):
                    Tag("b", f"{self._name} was missed.")
                    Tag("span", f" {WHY} ")
                    self._whose = Tag("span", THEIRS)
                self._ways = Tag("div", classes="doubt-actions")

    def offer(self, *, edits: bool, may_send: bool) -> None:
        """Draw the ways on that who looks may choose."""
        self._whose.text = YOURS if edits else THEIRS
        with self._ways:
            if may_send:
                ui.button("Send now", on_click=self._send_now).props("unelevated")
            if edits:
                ui.button("Reschedule", on_click=self._reschedule).props("outline")
                ui.button("Skip", on_click=self._skip).props("outline")

    async def _send_now(self) -> None:
        text = "It goes out at once, to everyone who doesn't have it yet."
        if await notices.confirm(f"Send {self._name.lower()} now?", text, "Send now"):
            await self._decide(Choice.SEND_NOW, f"{self._name} goes out now.")

    def _reschedule(self) -> None:
        ui.navigate.to(f"/campaigns/sms/{self._campaign_id}/messages")

    async def _skip(self) -> None:
        text = "Whoever doesn't have it yet will not get it. The messages after it go out at their times."
        if await notices.confirm(f"Skip {self._name.lower()}?", text, "Skip", danger=True):
            await self._decide(Choice.SKIP, f"{self._name} is skipped.")

    async def _decide(self, choice: Choice, said: str) -> None:
        world = self._world
        try:
            await world.db.run(
                missed.decide, world.actor(), self._campaign_id, self._message_id, choice, world.clock()
            )
        except Problem as problem:
            notices.problem(problem.text)
        else:
            notices.success(said)
        await world.feed.look()
