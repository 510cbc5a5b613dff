"""What people wrote in their own words, each held already, with the days that are left to look at it."""

from collections.abc import Awaitable, Callable
from datetime import date

from domain import business_days
from domain.problems import Problem
from storage import revocations
from storage.revocations import Wish
from ui import browser, notices, shell, skeleton
from ui.formats import phone, plural, when
from ui.tags import Tag
from ui.world import World

SHOWN = 50
SOON = 2
"""Business days below which the clock is shown in the colour of danger."""


class ReviewQueue(Tag):
    """The list, the most urgent first."""

    def __init__(self, world: World, on_decided: Callable[[], Awaitable[None]]) -> None:
        super().__init__("div")
        self.world, self._on_decided, self._edits = world, on_decided, world.edits
        self._zone = browser.ELSE
        with self:
            Tag(
                "p",
                "These read like a wish not to be texted again. Each number is held already; you have ten "
                "business days to confirm it, or to let the person back in if it meant something else.",
                classes="muted queue-lead",
            )
            self._list = Tag("ul", classes="queue", aria_label="Opt-outs to review")
            with self._list:
                skeleton.lines(4)
            self._nothing = Tag("div")

    async def load(self) -> None:
        """Read it again."""
        self._list.attributes(aria_busy="true")
        self._zone = await browser.time_zone()
        wishes = await self.world.db.run(revocations.waiting, 0, SHOWN)
        if self.is_deleted:
            return
        self._list.attributes(aria_busy=None).clear()
        self._nothing.clear()
        self._list.set_visibility(bool(wishes))
        with self._list:
            for wish in wishes:
                self._row(wish)
        if not wishes:
            with self._nothing:
                shell.empty_state(
                    "task_alt", "Nothing to review", "Opt-outs that are not plain keywords wait here for you."
                )

    def _row(self, wish: Wish) -> None:
        now = self.world.clock()
        with Tag("li", classes="queue-item"):
            with Tag("div", classes="queue-words"):
                Tag("p", wish.text, classes="bubble", dir="auto")
                with Tag("p", classes="muted small"):
                    Tag("span", f"{wish.name or 'No name'} · {phone(wish.phone)} · ", dir="auto")
                    Tag("span", f"{when(wish.received_at, self._zone, now)} · ")
                    words, late = clock_words(now.date(), wish.due_on)
                    Tag("span", words, classes="queue-late" if late else "")
                    if wish.conversation_id:
                        Tag("span", " · ")
                        Tag("a", "Open conversation", href=f"/inbox?c={wish.conversation_id}")
            if self._edits:
                self._choices(wish)

    def _choices(self, wish: Wish) -> None:
        with Tag("div", classes="queue-acts"):
            accept = Tag("button", "Accept opt-out", classes="text-button", type="button")
            accept.attributes(aria_label=f"Accept opt-out of {phone(wish.phone)}")
            accept.on("click", lambda: self._decide(wish, accepted=True), args=[])
            undo = Tag("button", "Undo hold", classes="text-button is-quiet", type="button")
            undo.attributes(aria_label=f"Undo hold of {phone(wish.phone)}")
            undo.on("click", lambda: self._decide(wish, accepted=False), args=[])

    async def _decide(self, wish: Wish, *, accepted: bool) -> None:
        verb = revocations.accept if accepted else revocations.undo
        try:
            await self.world.db.run(verb, self.world.actor(), wish.id, self.world.clock())
        except Problem as problem:
            notices.problem(problem.text)
        else:
            stays = "stays on the suppression list" if accepted else "can be texted again"
            notices.undo(f"{phone(wish.phone)} {stays}.", lambda: self._reopen(wish))
        await self._renew()

    async def _reopen(self, wish: Wish) -> None:
        try:
            await self.world.db.run(revocations.reopen, self.world.actor(), wish.id, self.world.clock())
        except Problem as problem:
            notices.problem(problem.text)
        else:
            notices.success(f"{phone(wish.phone)} is held again, and waits for you here.")
        await self._renew()

    async def _renew(self) -> None:
        if self.is_deleted:  # the notice is still there on another page
            return
        await self.load()
        await self._on_decided()


def clock_words(today: date, due: date) -> tuple[str, bool]:
    """How much time is left, and whether that is little."""
    left = business_days.left(today, due)
    if left < 0:
        return f"Overdue by {plural(-left, 'business day')}", True
    if left == 0:
        return "Due today", True
    return f"{plural(left, 'business day')} left", left <= SOON
