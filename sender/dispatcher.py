"""The dispatcher: the scheduler, the engine and the sandbox carrier, on an event loop of their own.

The web's loop belongs to people; this one runs in a thread beside it.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from uvicorn.loops.auto import auto_loop_factory

from sender import sandbox
from sender.announcing import Announcing
from sender.answering import Answering
from sender.engine import Engine, Run
from sender.engine.embedded import EmbeddedEngine
from sender.meters import REPORT_EVERY, Reports
from sender.pump import Pump, Sending
from sender.reconciliation import Reconciliation
from sender.tick import Tick
from sender.transport import open_transport
from storage import answers, deliveries
from storage.database import Database

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
DRAIN_SECONDS = 22.0
"""How long a stop waits for what is in flight: a call's own time-out is 20 s."""


class Dispatcher:
    """Sends whatever is due until it is stopped."""

    def __init__(
        self,
        db: Database,
        clock: Callable[[], datetime],
        public_url: str,
        secret: str,
        *,
        demo: bool = False,
    ) -> None:
        self.db = db
        self.clock = clock
        self.public_url = public_url
        self.secret = secret
        self.demo = demo  # its own machine may be told of events
        self.tick: Tick | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._started = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start sending; what a killed process left half done is found first."""
        self._thread = threading.Thread(target=self._run_to_the_end, name="sender", daemon=True)
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """Claim nothing more, let what is in flight finish, record it, and end."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(timeout=DRAIN_SECONDS + 2)
        self._thread = None

    @property
    def runs(self) -> bool:
        """Whether it sends; no longer, once an error has ended it."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def late_by(self) -> float | None:
        """Seconds since the scheduler's last beat; None before the first one."""
        if self.tick is None or self.tick.last is None:
            return None
        return (self.clock() - self.tick.last).total_seconds()

    def _run_to_the_end(self) -> None:
        try:
            with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
                runner.run(self._run())
        except Exception:
            log.exception("the sender ended with an error; nothing is sent any more")
        finally:
            self._started.set()  # nobody waits for one that can't start

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        log.info("the sender runs on %s", type(self._loop).__module__)
        self._stopping = asyncio.Event()
        async with AsyncExitStack() as closing:  # also where the engine can't be opened
            carrier = sandbox.start()
            closing.callback(carrier.stop)
            transport = open_transport()
            closing.push_async_callback(transport.aclose)
            await self._send(
                Sending(self.db, self.clock, transport, self.public_url, self.secret, carrier.base_url),
                self._stopping,
            )

    async def _send(self, sending: Sending, stopping: asyncio.Event) -> None:
        """Beat until it is to stop."""
        engine = self._engine(lambda line_id: sending.meters.counted(Pump(sending, line_id)))
        self.tick = Tick(self.db, engine, self.clock, Reconciliation(sending).round)
        answering = Answering(sending)
        announcing = Announcing(self.db, self.clock, local=self.demo)
        reports = Reports(self.db, self.clock, sending.meters, lambda: self.late_by, self.clock())
        await self._recover()
        await self.tick.notice()
        await engine.open()
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        scheduler.add_job(self.tick.beat, "interval", seconds=BEAT_SECONDS, next_run_time=datetime.now(UTC))
        scheduler.add_job(answering.beat, "interval", seconds=BEAT_SECONDS)
        scheduler.add_job(announcing.kick, "interval", seconds=BEAT_SECONDS)
        scheduler.add_job(reports.beat, "interval", seconds=REPORT_EVERY, next_run_time=datetime.now(UTC))
        scheduler.start()
        self._started.set()
        try:
            await stopping.wait()
        finally:
            scheduler.pause()
            await asyncio.sleep(0)  # what was due at this very instant begins, so that it is waited for
            await self._drain(self.tick, engine, answering)
            await announcing.drain()
            await reports.end()
            scheduler.shutdown(wait=False)

    def _engine(self, make_pump: Callable[[int], Run]) -> Engine:
        if self.db.is_sqlite:
            return EmbeddedEngine(make_pump)
        from sender.engine.cluster import ClusterEngine  # whose queue nobody else needs

        return ClusterEngine(self.db.url, make_pump)

    async def _recover(self) -> None:
        """The data directory is ours alone, so whoever claimed before is dead."""
        if self.db.is_sqlite:
            lost = await self.db.run(deliveries.abandon, self.clock())
            await self.db.run(answers.abandon, self.clock())
            if lost:
                log.warning("%d deliveries were being sent when the program ended: unconfirmed", lost)

    async def _drain(self, tick: Tick, engine: Engine, answering: Answering) -> None:
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await tick.drain()
                await asyncio.gather(engine.drain(), answering.drain())
        except TimeoutError:
            log.warning("not everything in flight was answered in time; the rest stays unconfirmed")
