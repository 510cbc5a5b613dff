"""The banner above administrators' pages about addresses that were switched off, as none was reached."""

from nicegui import ui

from domain.problems import Problem
from storage import dead_webhooks, outgoing_webhooks
from storage.dead_webhooks import Dead
from ui import notices
from ui.banner_words import banner_words
from ui.tags import Tag, icon
from ui.world import World

AGAIN = "Switch on again"
NOT_KEPT = "What happens meanwhile is not kept for it."


async def draw(world: World) -> None:
    """Draw it for administrators, and keep it up to date in this browser."""
    if not world.administers:
        return
    first = await world.db.run(dead_webhooks.dead)
    banner = WebhookBanner(world)
    banner.show(first)
    world.feed.watch("dead webhooks", dead_webhooks.dead, banner.show, first)


class WebhookBanner(Tag):
    """Empty and hidden where every address is reached."""

    def __init__(self, world: World) -> None:
        super().__init__("section", classes="line-banners", aria_label="Switched off webhooks")
        self._world = world

    def show(self, found: tuple[Dead, ...] | Problem) -> None:
        """Say which are off now."""
        shown = () if isinstance(found, Problem) else found
        self.clear()
        self.set_visibility(bool(shown))
        with self:
            for one in shown:
                self._draw(one)

    def _draw(self, one: Dead) -> None:
        with Tag("div", classes="hold"):
            icon("webhook")
            banner_words(f"The webhook to {one.host} was switched off.", f"{one.why} {NOT_KEPT}")
            Tag("a", "See its log", href=f"/settings/api/webhooks/{one.id}", classes="banner-link")
            button = ui.button(AGAIN, on_click=lambda: self._switch_on(one)).props("outline")
            button.props["aria-label"] = f"{AGAIN}: {one.host}"

    async def _switch_on(self, one: Dead) -> None:
        world = self._world
        try:
            await world.db.run(outgoing_webhooks.switch, world.actor(), one.id, True, world.clock())
        except Problem as problem:
            notices.problem(problem.text)
            return
        notices.success(f"{one.host} is told of what happens from now on.")
        await world.feed.look()
