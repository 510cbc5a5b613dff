"""Starts the real program with its seams wrapped, as a fault says.

Nothing of this is in the program itself; what runs is its real code in a real process.

    {"die": {"point": "claimed", "nth": 3}}    SIGKILL itself at the third time that it comes there
    {"set": {"sender.tick:CARE_EVERY": 2}}     another value for a constant, so that a test waits less
    {"clock": "/path"}                         seconds to add to the clock, read from that file each time
    {"exact": true}                            the carrier finds an attempt by its id
"""

import asyncio
import importlib
import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx

import main
from tests import wait


class Death:
    """Kills this very process at a named point, and leaves word of what it was about."""

    def __init__(self, point: str, nth: int, note: str, journal: str = "") -> None:
        self.point, self.nth, self.note, self.journal = point, nth, Path(note), journal
        self._times = count(1)

    def comes(self, point: str) -> bool:
        """Whether it is due, one time further."""
        return point == self.point and next(self._times) == self.nth

    def die(self, attempts: Sequence[str]) -> None:
        """Write down the attempts that this is about, and end at once."""
        self.note.write_text(json.dumps(list(attempts)))
        os.kill(os.getpid(), signal.SIGKILL)

    def wrap(self) -> None:
        """Put it into the seams: the ledger's verbs and the wire."""
        from sender import dispatcher, transport
        from storage import audiences, deliveries

        exchange, plan = deliveries.exchange, audiences.plan_chunk

        def dying_exchange(db: Any, results: Any, *args: Any) -> Any:
            claimed = exchange(db, results, *args)
            if claimed and self.comes("claimed"):
                self.die([one.attempt_id for one in claimed])
            if results and self.comes("settled"):
                self.die([one.attempt_id for one in results])
            return claimed

        def dying_plan(*args: Any, **more: Any) -> bool:
            going_on = plan(*args, **more)
            if self.comes("planned"):
                self.die([])
            return going_on

        open_transport = transport.open_transport
        seams: dict[Any, dict[str, Any]] = {
            deliveries: {"exchange": dying_exchange},
            audiences: {"plan_chunk": dying_plan},
            dispatcher: {"open_transport": lambda **more: DyingTransport(self, open_transport(**more))},
        }
        for module, replaced in seams.items():
            for name, value in replaced.items():
                setattr(module, name, value)


class DyingTransport(httpx.AsyncBaseTransport):
    """The wire, with the points "written" (the carrier has the request) and "answered"."""

    def __init__(self, death: Death, wire: httpx.AsyncBaseTransport) -> None:
        self.death, self.wire = death, wire

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.death.comes("written"):
            attempt, journal = _attempt(request), Path(self.death.journal)
            sending = asyncio.create_task(self.wire.handle_async_request(request))
            await wait.until_async(lambda: attempt in journal.read_text(), 10, "the carrier's journal")
            assert not sending.done()
            self.death.die([attempt])
        answer = await self.wire.handle_async_request(request)
        if self.death.comes("answered"):
            self.death.die([_attempt(request)])
        return answer

    async def aclose(self) -> None:
        await self.wire.aclose()


def _attempt(request: httpx.Request) -> str:
    callback: str = json.loads(request.content)["callback"]
    return callback.rpartition("?a=")[2]


def change_constants(values: Mapping[str, Any]) -> None:
    """Give "module:NAME" another value, of the kind that it has."""
    for place, value in values.items():
        module = importlib.import_module(place.partition(":")[0])
        name = place.partition(":")[2]
        setattr(module, name, _like(getattr(module, name), value))


def _like(kept: Any, value: Any) -> Any:
    if isinstance(kept, tuple):
        return tuple(_like(kept[0], one) for one in value)
    return timedelta(seconds=value) if isinstance(kept, timedelta) else type(kept)(value)


def turn_clock(file: Path) -> None:
    """Let the program's clock be off by what the file says."""
    true: Callable[[], Any] = main._now
    main._now = lambda: true() + timedelta(seconds=float(file.read_text()))


def start(fault: Mapping[str, Any], arguments: Sequence[str]) -> int:
    """Wrap what the fault names, then be the program with these arguments."""
    change_constants(fault.get("set", {}))
    if "clock" in fault:
        turn_clock(Path(fault["clock"]))
    if "die" in fault:
        Death(**fault["die"]).wrap()
    return main.main(arguments)
