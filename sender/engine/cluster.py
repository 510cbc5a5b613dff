"""The distributed engine: pumps as procrastinate jobs on PostgreSQL, one per line among all workers.

A line's jobs share a lock, so a second one waits for the first; a queueing lock keeps at most one waiting.
No job is ever scheduled for later under a lock (that would block the lock), and a dead worker's job is
marked failed and its line kicked again from the ledger (retrying it could jam the line for ever).
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status

from sender.engine import Run

log = logging.getLogger(__name__)

QUEUE = "pumps"
LINES_AT_ONCE = 32
"""Pumps that one worker runs side by side."""

HEARTBEAT_SECONDS = 10.0
STALLED_SECONDS = 30.0
"""A worker without a heartbeat for so long is dead."""

BACK_AFTER = 1.0
"""Seconds until the worker loop starts again; procrastinate ends it whenever PostgreSQL drops."""


class ClusterEngine:
    """Pumps in any worker of the cluster. Call `open` first, on the loop that it is used on."""

    def __init__(self, database_url: str, make_pump: Callable[[int], Run]) -> None:
        conninfo = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._make_pump = make_pump
        self._app = App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=8))
        self._job = self._app.task(name="pump", queue=QUEUE)(self._pump)
        self._pumps: set[Run] = set()
        self._worker: asyncio.Task[None] | None = None
        self._draining = False

    async def open(self) -> None:
        """Connect, install the queue's tables where they are missing, and begin to work."""
        await self._app.open_async()
        await self._install()
        self._worker = asyncio.create_task(self._work(), name="procrastinate worker")

    async def kick(self, line_id: int) -> None:
        """See that some worker runs a pump on the line, now or right after the running one."""
        if self._draining:
            return
        job = self._job.configure(lock=f"line:{line_id}", queueing_lock=f"pump:{line_id}")
        with suppress(AlreadyEnqueued):
            await job.defer_async(line_id=line_id)

    async def care(self) -> None:
        """Release the lines of dead workers; the next beat kicks those that have work."""
        for job in await self._app.job_manager.get_stalled_jobs(
            queue=QUEUE, seconds_since_heartbeat=STALLED_SECONDS
        ):
            try:
                await self._app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
                log.warning("the worker of job %s is dead: its line is free again", job.id)
            except Exception:
                log.exception("job %s of a dead worker could not be released", job.id)

    async def drain(self) -> None:
        """Stop claiming, wait for what is in flight, and leave the cluster."""
        self._draining = True
        for pump in self._pumps:
            pump.stop()
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        await self._app.close_async()

    async def _pump(self, line_id: int) -> None:
        pump = self._make_pump(line_id)
        self._pumps.add(pump)
        try:
            if self._draining:
                pump.stop()
            if await pump.run():
                await self.kick(line_id)
        finally:
            self._pumps.discard(pump)

    async def _work(self) -> None:
        """Work until cancelled, also across a restart of the database."""
        while not self._draining:
            try:
                await self._app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=LINES_AT_ONCE,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=1.0,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    stalled_worker_timeout=STALLED_SECONDS,
                    delete_jobs="always",
                )
            except Exception:
                log.exception("the worker loop ended with an error")
            if not self._draining:
                log.warning("the worker loop starts again")
                await asyncio.sleep(BACK_AFTER)

    async def _install(self) -> None:
        """Make the queue's tables; of two workers that start at once one finds them made."""
        if await self._is_installed():
            return
        try:
            await self._app.schema_manager.apply_schema_async()
        except ConnectorException:
            if not await self._is_installed():
                raise

    async def _is_installed(self) -> bool:
        found = await self._app.connector.execute_query_one_async(
            query="SELECT to_regclass('procrastinate_jobs') IS NOT NULL AS there"
        )
        return bool(found["there"])
