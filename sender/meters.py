"""What a sending process counts since its start: outcomes, the carriers' answering times, running pumps."""

import asyncio
import socket
from bisect import bisect_left
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from time import monotonic
from typing import Any

from domain.latencies import BOUNDS
from domain.outcomes import Outcome
from sender.engine import Run
from sender.traces import tracer, within
from storage import senders
from storage.database import Database

REPORT_EVERY = 5.0
"""Seconds between two reports to the database, from which /metrics reads them, whichever process sends."""


@dataclass
class Latency:
    """How long a carrier took to answer; each bucket counts what took no longer than its bound."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0


class Meters:
    """One for each process that sends, used on its loop alone."""

    def __init__(self) -> None:
        self.id = f"{socket.gethostname()}-{token_hex(3)}"
        self.outcomes: Counter[tuple[str, str]] = Counter()  # by kind of carrier and proof
        self.latencies: dict[str, Latency] = {}
        self.pumps = 0
        self._last = monotonic()  # of an outcome
        self.tracer = tracer()

    async def timed(self, kind: str, call: Awaitable[Outcome]) -> Outcome:
        """Wait for a call to that kind of carrier, and count what came of it."""
        began = monotonic()
        outcome = await (within(self.tracer, "send", call, carrier=kind) if self.tracer else call)
        self._last = monotonic()
        took = self._last - began
        latency = self.latencies.get(kind)
        if latency is None:
            latency = self.latencies[kind] = Latency()
        latency.buckets[bisect_left(BOUNDS, took)] += 1
        latency.seconds += took
        self.outcomes[kind, outcome.proof.value] += 1
        return outcome

    def counted(self, run: Run) -> Run:
        """The same run, counted while it goes on."""
        return _Counted(self, run)

    def figures(self, late_by: float | None) -> dict[str, Any]:
        """All of it, as it is reported."""
        outcomes: dict[str, dict[str, int]] = {}
        for (kind, proof), count in self.outcomes.items():
            outcomes.setdefault(kind, {})[proof] = count
        latencies = {
            kind: {"buckets": found.buckets, "seconds": found.seconds}
            for kind, found in self.latencies.items()
        }
        return {
            "outcomes": outcomes,
            "latencies": latencies,
            "pumps": self.pumps,
            "late_by": late_by,
            "idle": monotonic() - self._last,
        }


@dataclass
class Reports:
    """Its `beat` writes down what was counted, so that whoever serves /metrics can read it."""

    db: Database
    clock: Callable[[], datetime]
    meters: Meters
    late_by: Callable[[], float | None]
    started_at: datetime
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def beat(self) -> None:
        """Report once."""
        async with self._turn:
            figures = self.meters.figures(self.late_by())
            await self.db.run(senders.report, self.meters.id, self.started_at, figures, self.clock())

    async def end(self) -> None:
        """Nobody sends here any more."""
        async with self._turn:
            await self.db.run(senders.leave, self.meters.id)


@dataclass(eq=False)  # engines keep their runs in sets
class _Counted:
    meters: Meters
    counted: Run

    async def run(self) -> bool:
        """As the run itself."""
        self.meters.pumps += 1
        try:
            return await self.counted.run()
        finally:
            self.meters.pumps -= 1

    def stop(self) -> None:
        """As the run itself."""
        self.counted.stop()
