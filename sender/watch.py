"""The watch over running campaigns: whoever does more harm than the workspace allows is paused."""

import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime

from domain.auto_pause import Latest, latest_of, reason_to_pause
from domain.campaigns import ActionRefused
from storage import auto_pause
from storage.auto_pause import SoFar
from storage.database import Database

log = logging.getLogger(__name__)


class Watch:
    """Remembers how far each campaign was, so that only its latest deliveries count.

    What was sent before somebody resumed the campaign is not held against it.
    """

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self.db = db
        self.clock = clock
        self._marks: dict[int, deque[Latest]] = {}

    async def look(self) -> None:
        """Look at what became of the latest deliveries; pause where it is too much."""
        found = await self.db.run(auto_pause.so_far)
        self._marks = {number: self._marks.get(number) or _first(known) for number, known in found.items()}
        if not found:
            return
        allowed = await self.db.run(auto_pause.allowed)
        for number, known in found.items():
            reason = reason_to_pause(latest_of(self._marks[number], known.total), allowed)
            if reason is not None:
                await self._pause(number, reason)

    async def _pause(self, campaign_id: int, reason: str) -> None:
        try:
            await self.db.run(auto_pause.pause, campaign_id, reason, self.clock())
        except ActionRefused:
            return  # somebody was faster
        log.warning("campaign %d: %s", campaign_id, reason)
        del self._marks[campaign_id]


def _first(known: SoFar) -> deque[Latest]:
    return deque([Latest() if known.uninterrupted else known.total])
