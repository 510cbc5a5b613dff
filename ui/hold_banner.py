"""The banner above every page while all sending is held, with the button that releases it."""

from nicegui import ui

from domain.holds import Hold
from domain.problems import Problem
from storage import holds
from ui import notices
from ui.banner_words import banner_words
from ui.tags import Tag, icon
from ui.world import World

RELEASE = "Release sending"


async def draw(world: World) -> None:
    """Draw it, and keep it up to date in this browser."""
    first = await world.db.run(holds.current)
    banner = HoldBanner(world)
    banner.show(first)
    world.feed.watch("hold", holds.current, banner.show, first)


class HoldBanner(Tag):
    """Empty and hidden where nothing is held."""

    def __init__(self, world: World) -> None:
        super().__init__("section", classes="hold", aria_label="Sending is held")
        self._world = world
        self._may_release = world.administers

    def show(self, hold: Hold | Problem | None) -> None:
        """Say what holds now."""
        self.clear()
        self.set_visibility(isinstance(hold, Hold))
        if not isinstance(hold, Hold):
            return
        with self:
            icon("front_hand")
            banner_words("Sending is held.", hold.why)
            if self._may_release:
                ui.button(RELEASE, on_click=lambda: self._release(hold)).props("outline")
            else:
                Tag("p", "An administrator can release it.", classes="hold-who")

    async def _release(self, hold: Hold) -> None:
        text = f"{hold.why} Whatever is due goes out as soon as you release it."
        if not await notices.confirm("Release sending?", text, RELEASE):
            return
        try:
            await self._world.db.run(holds.release, self._world.actor(), self._world.clock())
        except Problem as problem:
            notices.problem(problem.text)
            return
        notices.success("Sending is released.")
