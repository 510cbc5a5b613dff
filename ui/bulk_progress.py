"""How far an action on many contacts has come, what came of it, and the way to undo it."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from nicegui import ui

from domain.access import Actor
from domain.bulk import GOING, JobState
from domain.problems import Problem
from storage import bulk
from storage.bulk import Job
from storage.database import Database
from ui import bulk_words, notices
from ui.tags import Tag, icon, icon_button
from ui.world import World


class BulkProgress(Tag):
    """Follows what this person began last, also after a reload; calls back when rows have changed."""

    def __init__(self, world: World, on_change: Callable[[], Awaitable[None]]) -> None:
        super().__init__("div", classes="bulk-progress")
        self.world, self._on_change = world, on_change
        self._job: Job | None = None
        with self:
            self._icon = Tag("span", classes="bulk-icon")
            with Tag("div", classes="bulk-words", role="status"):
                self._words = Tag("p")
            self._bar = Tag("progress", classes="import-progress", aria_label="Progress")
            self._count = Tag("span", classes="muted num")
            self._stop = self._button("Stop", bulk.stop)
            self._undo = self._button("Undo", bulk.undo)
            self._close = icon_button("close", "Close the outcome")
            self._close.on("click", self._dismiss, args=[])
        self.set_visibility(False)

    async def start(self) -> None:
        """Show what there is, and follow it."""
        actor = self.world.actor()
        first = await self._read(actor)
        self._show(first)

        def read(db: Database) -> Job | None:
            return bulk.latest(db, actor, self.world.clock())

        with self:
            self.world.feed.watch(("bulk", actor.user_id), read, self._renewed, first)

    async def _read(self, actor: Actor) -> Job | None:
        return await self.world.db.run(bulk.latest, actor, self.world.clock())

    async def look(self) -> None:
        """Show at once what there is now."""
        self._show(await self._read(self.world.actor()))

    def _renewed(self, found: Job | Problem | None) -> None:
        if isinstance(found, Problem):
            return
        over = self._job is not None and self._job.state in GOING and (not found or found.state not in GOING)
        self._show(found)
        if over:
            ui.timer(0, self._on_change, once=True)

    def _show(self, job: Job | None) -> None:
        self._job = job
        self.set_visibility(job is not None)
        if job is None:
            return
        going = job.state in GOING
        self._icon.clear()
        with self._icon:
            icon("hourglass_top" if going else "undo" if job.state is JobState.UNDONE else "check_circle")
        self._words.text = bulk_words.going(job) if going else bulk_words.outcome(job)
        self._bar.set_visibility(going)
        self._bar.attributes(max=job.total or None, value=job.seen if job.total else None)
        self._count.text = bulk_words.progress(job) if going else ""
        self._stop.set_visibility(job.state is JobState.RUNNING)
        self._undo.set_visibility(job.undoable)
        self._close.set_visibility(not going)

    def _button(self, label: str, verb: Callable[[Database, Actor, int, datetime], None]) -> Tag:
        async def act() -> None:
            if self._job is None:
                return
            now = self.world.clock()
            try:
                await self.world.db.run(verb, self.world.actor(), self._job.id, now)
                await self.world.db.run(bulk.advance, self._job.id, now)
            except Problem as problem:
                notices.problem(problem.text)
            await self.look()
            await self._on_change()

        button = Tag("button", label, classes="text-button", type="button")
        button.on("click", act, args=[])
        return button

    async def _dismiss(self) -> None:
        if self._job is not None:
            await self.world.db.run(bulk.dismiss, self.world.actor(), self._job.id)
            self._show(None)
