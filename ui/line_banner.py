"""The banner about blocked lines: what happened, what to do, and the button that opens a line again."""

from nicegui import ui

from domain.problems import Problem
from storage import line_settings, line_troubles
from storage.line_troubles import LineTrouble
from ui import notices
from ui.banner_words import banner_words
from ui.tags import Tag, icon
from ui.world import World

UNBLOCK = "Unblock"
NOTHING_LOST = "Nothing is lost: what waits goes out once the line is open."


async def draw(world: World, line_id: int | None = None) -> None:
    """Draw it, for one line or for all, and keep it up to date in this browser."""
    first = await world.db.run(line_troubles.blocked)
    banner = LineBanner(world, line_id)
    banner.show(first)
    world.feed.watch("blocked lines", line_troubles.blocked, banner.show, first)


class LineBanner(Tag):
    """Empty and hidden where no line is blocked."""

    def __init__(self, world: World, line_id: int | None) -> None:
        super().__init__("section", classes="line-banners", aria_label="Blocked lines")
        self._world, self._line_id = world, line_id
        self._may_open = world.administers

    def show(self, found: tuple[LineTrouble, ...] | Problem) -> None:
        """Say what is blocked now."""
        shown = [] if isinstance(found, Problem) else [t for t in found if self._line_id in (None, t.line_id)]
        self.clear()
        self.set_visibility(bool(shown))
        with self:
            for trouble in shown:
                self._draw(trouble)

    def _draw(self, trouble: LineTrouble) -> None:
        with Tag("div", classes="hold" if trouble.by_person else "hold is-danger"):
            icon("pause_circle" if trouble.by_person else "error")
            state = "is paused" if trouble.by_person else "is blocked"
            why = f"{trouble.title.rstrip('.')}. {trouble.advice} {NOTHING_LOST}"
            banner_words(f"{trouble.label} {state}.", why)
            if not self._may_open:
                Tag("p", "An administrator can open it again.", classes="hold-who")
                return
            Tag("a", "Line settings", href=f"/settings/lines/{trouble.line_id}", classes="banner-link")
            button = ui.button(UNBLOCK, on_click=lambda: self._unblock(trouble)).props("outline")
            button.props["aria-label"] = f"{UNBLOCK} {trouble.label}"

    async def _unblock(self, trouble: LineTrouble) -> None:
        world = self._world
        try:
            await world.db.run(line_settings.unblock, world.actor(), trouble.line_id, world.clock())
        except Problem as problem:
            notices.problem(problem.text)
            return
        notices.success(f"{trouble.label} is open. What waited goes out.")
        await world.feed.look()
