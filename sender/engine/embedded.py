"""The embedded engine: at most one asyncio task per line, in this process."""

import asyncio
import logging
from collections.abc import Callable

from sender.engine import Run

log = logging.getLogger(__name__)


class EmbeddedEngine:
    """Pumps as tasks of the running loop."""

    def __init__(self, make_pump: Callable[[int], Run]) -> None:
        self._make_pump = make_pump
        self._running: dict[int, tuple[Run, asyncio.Task[None]]] = {}
        self._again: set[int] = set()
        self._draining = False

    async def open(self) -> None:
        """Nothing to begin: pumps start when they are kicked."""

    async def care(self) -> None:
        """Nothing to find: pumps that end with an error are kicked again by the next beat."""

    async def kick(self, line_id: int) -> None:
        """Start a pump on the line, or let another run follow the running one."""
        if self._draining:
            return
        if line_id in self._running:
            self._again.add(line_id)
            return
        pump = self._make_pump(line_id)
        task = asyncio.create_task(self._run(line_id, pump), name=f"pump line {line_id}")
        self._running[line_id] = pump, task

    async def drain(self) -> None:
        """Stop claiming and wait for what is in flight."""
        self._draining = True
        running = list(self._running.values())
        for pump, _task in running:
            pump.stop()
        await asyncio.gather(*(task for _pump, task in running), return_exceptions=True)

    async def _run(self, line_id: int, pump: Run) -> None:
        more = False
        try:
            more = await pump.run()
        except Exception:
            log.exception("the pump of line %d ended with an error; the next tick starts it again", line_id)
        finally:
            del self._running[line_id]
            again = line_id in self._again
            self._again.discard(line_id)
        if more or again:
            await self.kick(line_id)
