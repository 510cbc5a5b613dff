"""The sandbox's calls to our webhooks: each at its time, many at once, again when nobody is there."""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

import httpx

logger = logging.getLogger(__name__)

PAUSES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds before each further try: a minute in all, enough for a program to restart."""

TICK = 0.01
"""Seconds by which a call may be late; one timer serves all that wait."""

_HEADERS = httpx.Headers({"Content-Type": "application/json"})


@dataclass(frozen=True, slots=True)
class Callback:
    """A JSON body to post to `url`; once it is taken, `then` follows."""

    url: str
    body: bytes
    then: "Callback | None" = None
    tries: int = 0


@dataclass
class Callbacks:
    """The calls that wait, in a heap by their time, and those that are due.

    `at_once` is how many may be under way together. All methods belong to the loop that runs `run`.
    """

    transport: httpx.AsyncBaseTransport
    at_once: int = 64
    waiting: list[tuple[float, int, Callback]] = field(default_factory=list, init=False)
    posting: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _due: deque[Callback] = field(default_factory=deque, init=False)
    _working: int = field(default=0, init=False)  # a task that has ended is in `posting` for a moment longer
    _numbers: "count[int]" = field(default_factory=count, init=False)  # the heap never compares callbacks
    _added: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def add(self, callback: Callback, delay: float) -> None:
        """Post `callback` after `delay` seconds."""
        due = asyncio.get_running_loop().time() + delay
        heappush(self.waiting, (due, next(self._numbers), callback))
        self._added.set()

    async def run(self) -> None:
        """Post what becomes due, until cancelled."""
        try:
            while True:
                self._take_due()
                self._fill_up()
                await self._pause()
        finally:
            for task in self.posting:
                task.cancel()

    async def _pause(self) -> None:
        if not self.waiting:
            self._added.clear()
            await self._added.wait()
        else:
            await asyncio.sleep(TICK)

    def _take_due(self) -> None:
        now = asyncio.get_running_loop().time()
        while self.waiting and self.waiting[0][0] <= now:
            self._due.append(heappop(self.waiting)[2])

    def _fill_up(self) -> None:
        for _ in range(min(len(self._due), self.at_once - self._working)):
            self._working += 1
            task = asyncio.create_task(self._work())
            self.posting.add(task)
            task.add_done_callback(self.posting.discard)

    async def _work(self) -> None:
        """Post one after the other until nothing is due."""
        try:
            while self._due:
                await self._post(self._due.popleft())
        finally:
            self._working -= 1

    async def _post(self, callback: Callback) -> None:
        if await self._taken(callback):
            if callback.then:
                self.add(callback.then, 0)
        elif callback.tries < len(PAUSES):
            again = Callback(callback.url, callback.body, callback.then, callback.tries + 1)
            self.add(again, PAUSES[callback.tries])
        else:
            logger.warning("The sandbox gave up calling a webhook after %d tries", callback.tries + 1)

    async def _taken(self, callback: Callback) -> bool:
        """Whether it need not be repeated: dealt with, refused, or no address that can be called."""
        try:
            request = httpx.Request("POST", callback.url, headers=_HEADERS, content=callback.body)
            response = await self.transport.handle_async_request(request)
        except (httpx.InvalidURL, httpx.LocalProtocolError):
            return True
        except httpx.RequestError:
            return False
        return response.status_code < 500 and response.status_code != 429
