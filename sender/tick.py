"""The metronome's beat: begin what is due, plan it, end what is done, and kick the lines with work."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from domain.messages import MISSED_AFTER
from sender.engine import Engine
from sender.watch import Watch
from storage import audiences, deliveries, late_receipts, lines, missed, places, progress
from storage.database import Database

log = logging.getLogger(__name__)

NOTE_EVERY = 10
"""Beats between two notes of how messages come along."""

CARE_EVERY = 10
"""Beats between two looks for dead workers."""

NOTICE_EVERY = 60
"""Beats between two looks for messages that are too late."""

RECOVER_EVERY = 60
"""Beats between two looks for claims that lost their sender."""


class Tick:
    """Its `beat` is called every second. A part that fails is logged and tried again by the next one."""

    def __init__(
        self,
        db: Database,
        engine: Engine,
        clock: Callable[[], datetime],
        reconcile: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.db = db
        self.engine = engine
        self.clock = clock
        self._reconcile = reconcile
        self._reconciling: asyncio.Task[None] | None = None
        self.last: datetime | None = None  # when the last beat that ended began
        self._beats = 0
        self._turn = asyncio.Lock()
        self._watch = Watch(db, clock)
        self._planning: dict[int, asyncio.Task[None]] = {}

    async def beat(self) -> None:
        """Do all that is due at this instant."""
        async with self._turn:
            await self._beat()

    async def _beat(self) -> None:
        began = self.clock()
        await self._safely(self._look_up_hours)
        if self._beats % NOTICE_EVERY == 0 or self._was_away():
            await self._safely(self.notice)
        await self._safely(self._begin)
        await self._safely(self._watch.look)
        await self._safely(self._finish)
        await self._safely(self._cancel)
        if self._beats % NOTE_EVERY == 0:
            await self._safely(self._note)
        if self._beats % RECOVER_EVERY == 0:
            await self._safely(self._recover)
            await self._safely(self._look_for_receipts)
            self._begin_reconciling()
        if self._beats % CARE_EVERY == 0:
            await self._safely(self.engine.care)
        await self._safely(self._kick)
        self._beats += 1
        self.last = began  # not its end: a sleep in its middle is one that the next beat must see

    async def notice(self) -> None:
        """Hold what is too late by now to go out by itself; asked before anything is begun or sent."""
        late = await self.db.run(missed.notice, self.clock())
        if late:
            log.warning("%d messages were missed and wait for somebody to decide", len(late))

    def _was_away(self) -> bool:
        """Whether this very process stood still, such as on a laptop that slept."""
        return self.last is not None and self.clock() - self.last > MISSED_AFTER

    async def drain(self) -> None:
        """Let a running beat come to its end and planning to that of its chunk; ask carriers nothing more."""
        async with self._turn:
            pass
        tasks = [*self._planning.values(), *([self._reconciling] if self._reconciling else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look_up_hours(self) -> None:
        await self.db.run(places.refresh, self.clock())

    async def _begin(self) -> None:
        await self.db.run(audiences.begin_due, self.clock())
        for message_id in await self.db.run(audiences.unplanned):
            if message_id not in self._planning:
                task = asyncio.create_task(self._plan(message_id), name=f"plan message {message_id}")
                self._planning[message_id] = task

    async def _plan(self, message_id: int) -> None:
        try:
            while await self.db.run(audiences.plan_chunk, message_id, self.clock()):
                pass
            await self._kick()
        except Exception:
            log.exception("planning message %d failed; the next tick goes on", message_id)
        finally:
            del self._planning[message_id]

    async def _finish(self) -> None:
        await self.db.run(audiences.finish, self.clock())

    async def _cancel(self) -> None:
        await self.db.run(audiences.cancel_rest, self.clock())

    async def _note(self) -> None:
        await self.db.run(progress.note, self.clock())

    async def _recover(self) -> None:
        lost = await self.db.run(deliveries.abandon, self.clock() - deliveries.STALE_AFTER)
        if lost:
            log.warning("%d deliveries lost their sender and are unconfirmed now", lost)

    async def _look_for_receipts(self) -> None:
        await self.db.run(late_receipts.match, self.clock())
        missing = await self.db.run(late_receipts.give_up, self.clock())
        if missing:
            log.info("%d deliveries have no receipt after 72 h", missing)

    def _begin_reconciling(self) -> None:
        """Beside the beats, as carriers take their time; one round at a time."""
        if self._reconcile is not None and (self._reconciling is None or self._reconciling.done()):
            round_ = self._safely(self._reconcile)
            self._reconciling = asyncio.create_task(round_, name="reconcile attempts in doubt")

    async def _kick(self) -> None:
        for line_id in await self.db.run(lines.with_work, self.clock()):
            await self.engine.kick(line_id)

    async def _safely(self, part: Callable[[], Awaitable[None]]) -> None:
        try:
            await part()
        except Exception:
            log.exception("a part of the tick failed; the next tick tries again")
