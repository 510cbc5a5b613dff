"""The feed: re-reads what open pages show, a few times a second, and pushes what differs.

Re-reading is the same whether one process sends or many, needs no bus between them, and makes one push of
a thousand outcomes. Pages that show the same thing share one read.
"""

import asyncio
import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from domain.problems import Problem
from storage.database import Database

log = logging.getLogger(__name__)

QUICK = 0.25
CALM = 1.0
"""Seconds between two looks, with few viewers and with many."""

MANY_VIEWERS = 50


@dataclass(slots=True)
class _Watcher:
    key: Hashable
    read: Callable[[Database], Any]
    show: Callable[[Any], None]
    anchor: ui.element
    last: Any = None


class Feed:
    """What open pages watch."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._watchers: list[_Watcher] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def viewers(self) -> int:
        """Watchers that still have a page."""
        return len(self._watchers)

    def watch(
        self, key: Hashable, read: Callable[[Database], Any], show: Callable[[Any], None], first: Any = None
    ) -> None:
        """Call `show` whenever what `read` gives changes, as long as the surrounding container lives.

        `read` runs in a thread; watchers with equal keys share its result. `first` is what the page
        already shows. A `Problem` (the thing was deleted) is shown too: `show` gets it as the value.
        """
        anchor = ui.element().classes("hidden")
        self._watchers.append(_Watcher(key, read, show, anchor, first))

    def start(self) -> None:
        """Begin to look; called on the loop that serves the pages."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="feed")

    def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()

    async def look(self) -> None:
        """Read everything that is watched once, and push what differs.

        A page that nobody looks at, as its browser is away or has not come yet, is told when it is there.
        """
        self._watchers = [
            w for w in self._watchers if not w.anchor.is_deleted and not w.anchor.client.is_deleted
        ]
        looking = [watcher for watcher in self._watchers if watcher.anchor.client.has_socket_connection]
        reads = {watcher.key: watcher.read for watcher in looking}
        if not reads:
            return
        values = await self.db.run(_read_all, reads)
        for watcher in looking:
            value = values.get(watcher.key, watcher.last)
            if _differ(value, watcher.last) and not watcher.anchor.is_deleted:
                watcher.last = value
                self._push(watcher, value)
                await asyncio.sleep(0)  # fifty pages in a row would keep everybody else waiting

    def _push(self, watcher: _Watcher, value: Any) -> None:
        try:
            with watcher.anchor:
                watcher.show(value)
        except Exception:
            log.exception("a page could not show what changed")

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(QUICK if self.viewers < MANY_VIEWERS else CALM)
            try:
                await self.look()
            except Exception:
                log.exception("the feed could not read; it tries again")


def _differ(one: Any, other: Any) -> bool:
    """Two refusals are the same when they say the same."""
    if isinstance(one, Problem) and isinstance(other, Problem):
        return one.text != other.text
    return bool(one != other)


def _read_all(db: Database, reads: dict[Hashable, Callable[[Database], Any]]) -> dict[Hashable, Any]:
    values: dict[Hashable, Any] = {}
    for key, read in reads.items():
        try:
            values[key] = read(db)
        except Problem as problem:
            values[key] = problem
    return values
