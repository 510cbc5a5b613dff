"""The distributed engine: pumps as procrastinate jobs on PostgreSQL, one per line among all workers.

A line's jobs share a lock, so a second one waits for the first; a queueing lock keeps at most one waiting.
No job is ever scheduled for later under a lock (that would block the lock), and a dead worker's job is
marked failed and its line kicked again from the ledger (retrying it could jam the line for ever).
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status

from sender.engine import Run
from sender.engine.queue_schema import install
from storage.database import APPLICATION, FORSAKEN_SECONDS

log = logging.getLogger(__name__)

QUEUE = "pumps"
LINES_AT_ONCE = 32
"""Pumps that one worker runs side by side."""

HEARTBEAT_SECONDS = 10.0
STALLED_SECONDS = 30.0
"""A worker without a heartbeat for so long is dead."""

BACK_AFTER = 1.0
"""Seconds until the worker loop starts again; procrastinate ends it whenever PostgreSQL drops."""

GRACE_SECONDS = 0.1
"""How long a worker loop that ends leaves its pumps alone before it asks them to stop: while it waits for
them it fetches nothing."""

CONNECTION_SECONDS = 5.0
"""How long a query waits for a connection. A pool that can't connect gives up sooner than that and begins
anew with the next query, or its pauses would double while PostgreSQL is away, up to minutes."""


END_FORSAKEN = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND application_name = %(application)s
    AND state = 'idle in transaction' AND state_change < now() - make_interval(secs => %(seconds)s)
"""
"""PostgreSQL's own timer for this does not run behind a pipeline, as `executemany` sends one (measured with
18.4): the session of a worker that froze there kept a tally's lock until it went on."""


class ClusterEngine:
    """Pumps in any worker of the cluster. Call `open` first, on the loop that it is used on."""

    def __init__(self, database_url: str, make_pump: Callable[[int], Run]) -> None:
        conninfo = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._make_pump = make_pump
        self._connector = PsycopgConnector(
            conninfo=conninfo,
            kwargs={"connect_timeout": int(CONNECTION_SECONDS), "application_name": APPLICATION},
            min_size=1,
            max_size=8,
            timeout=CONNECTION_SECONDS,
            reconnect_timeout=CONNECTION_SECONDS / 2,
        )
        self._app = App(connector=self._connector)
        self._job = self._app.task(name="pump", queue=QUEUE, pass_context=True)(self._pump)
        self._pumps: set[Run] = set()
        self._worker: asyncio.Task[None] | None = None
        self._worker_id: int | None = None  # as which jobs were last fetched
        self._running: set[int | None] = set()  # the jobs that run here
        self._idle: set[int | None] = set()  # those that count as ours but did not run here at the last look
        self._draining = False

    async def open(self) -> None:
        """Connect, install the queue's tables where they are missing, and begin to work."""
        await self._app.open_async()
        try:
            await install(self._connector)
        except BaseException:
            await self._app.close_async()
            raise
        self._worker = asyncio.create_task(self._work(), name="procrastinate worker")

    async def kick(self, line_id: int) -> None:
        """See that some worker runs a pump on the line, now or right after the running one."""
        if self._draining:
            return
        job = self._job.configure(lock=f"line:{line_id}", queueing_lock=f"pump:{line_id}")
        with suppress(AlreadyEnqueued):
            await job.defer_async(line_id=line_id)

    async def care(self) -> None:
        """Release the lines of dead workers and the locks of frozen ones; the next beat kicks the lines."""
        await self._connector.execute_query_all_async(
            END_FORSAKEN, application=APPLICATION, seconds=FORSAKEN_SECONDS
        )
        stalled = await self._app.job_manager.get_stalled_jobs(
            queue=QUEUE, seconds_since_heartbeat=STALLED_SECONDS
        )
        for job in stalled:
            await self._release(job)
        if self._worker_id is not None:
            await self._care_for_ours(self._worker_id)

    async def _care_for_ours(self, worker_id: int) -> None:
        """Release jobs that count as running here and don't: their end could not be recorded.

        One that is just being fetched or ended looks the same, so it takes two looks.
        """
        ours = await self._app.job_manager.list_jobs_async(
            queue=QUEUE, status=Status.DOING.value, worker_id=worker_id
        )
        idle = {job.id: job for job in ours if job.id not in self._running}
        for number in self._idle & idle.keys():
            await self._release(idle[number])
        self._idle = set(idle)

    async def drain(self) -> None:
        """Stop claiming, wait for what is in flight, and leave the cluster."""
        self._draining = True
        for pump in self._pumps:
            pump.stop()
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        await self._app.close_async()

    async def _pump(self, context: JobContext, line_id: int) -> None:
        self._worker_id = context.job.worker_id
        self._running.add(context.job.id)
        pump = self._make_pump(line_id)
        self._pumps.add(pump)
        try:
            if self._draining:
                pump.stop()
            if await self._to_its_end(pump):
                await self.kick(line_id)
        finally:
            self._pumps.discard(pump)
            await self._until_the_queue_answers()
            self._running.discard(context.job.id)

    async def _to_its_end(self, pump: Run) -> bool:
        """Run it; the worker loop cancels its jobs when it ends, and a pump must settle what it claimed."""
        run = asyncio.create_task(pump.run())
        try:
            return await asyncio.shield(run)
        except asyncio.CancelledError:
            pump.stop()
            await run
            if self._draining:  # a stop that was asked for is no fault, and needs no traceback in the log
                return False
            raise

    async def _until_the_queue_answers(self) -> None:
        """Wait until the end of a job can be recorded: one that stays as running jams its line."""
        while not self._draining:
            try:
                await self._connector.execute_query_async(query="SELECT 1")
                return
            except ConnectorException:
                await asyncio.sleep(BACK_AFTER)

    async def _work(self) -> None:
        """Work until cancelled, also across a restart of the database."""
        while not self._draining:
            try:
                await self._bury_former_self()
                await self._app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=LINES_AT_ONCE,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=1.0,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    stalled_worker_timeout=STALLED_SECONDS,
                    delete_jobs="always",
                    shutdown_graceful_timeout=GRACE_SECONDS,
                )
            except Exception:
                log.exception("the worker loop ended with an error")
            if not self._draining:
                log.warning("the worker loop starts again")
                await asyncio.sleep(BACK_AFTER)

    async def _bury_former_self(self) -> None:
        """Release the jobs that could not be marked as ended before the worker loop itself did."""
        if self._worker_id is not None:
            await self._app.job_manager.unregister_worker(self._worker_id)
            await self.care()
            self._worker_id = None

    async def _release(self, job: Job) -> None:
        """Mark a dead worker's job as failed, never as to be tried again: its successor may wait already."""
        try:
            await self._app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
            log.warning("job %s runs nowhere any more: its line is free again", job.id)
        except ConnectorException as error:
            log.info("job %s is gone already, or stays for now: %s", job.id, error)
