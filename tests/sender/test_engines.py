"""One contract for both engines: a kicked line is pumped, by one pump at a time, until it is drained."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from sender.engine import Engine, Run
from sender.engine.cluster import ClusterEngine
from sender.engine.embedded import EmbeddedEngine
from storage.database import Database
from tests.wait import until_async


class Log:
    """What the runs of a test did, over all engines."""

    def __init__(self) -> None:
        self.started: Counter[int] = Counter()
        self.running: Counter[int] = Counter()
        self.most: Counter[int] = Counter()
        self.stopped = 0
        self.hold = asyncio.Event()
        self.more: Counter[int] = Counter()  # runs that say there is more, by line


class Recorded:
    """A run that waits until it is let go, and notes who runs beside it."""

    def __init__(self, log: Log, line_id: int) -> None:
        self.log, self.line_id = log, line_id
        self._stop = asyncio.Event()

    async def run(self) -> bool:
        log, line = self.log, self.line_id
        log.started[line] += 1
        log.running[line] += 1
        log.most[line] = max(log.most[line], log.running[line])
        waits = [asyncio.create_task(log.hold.wait()), asyncio.create_task(self._stop.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        log.running[line] -= 1
        log.stopped += self._stop.is_set()
        log.more[line] -= 1
        return log.more[line] >= 0

    def stop(self) -> None:
        self._stop.set()


Open = Callable[[], Awaitable[Engine]]


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture(params=["embedded", "cluster"])
async def engine(request: pytest.FixtureRequest, log: Log) -> AsyncIterator[Engine]:
    def make(line_id: int) -> Run:
        return Recorded(log, line_id)

    if request.param == "embedded":
        made: Engine = EmbeddedEngine(make)
    else:
        db: Database = request.getfixturevalue("postgres_db")
        made = ClusterEngine(db.url, make)
    await made.open()
    yield made
    log.hold.set()
    await made.drain()


async def test_a_kicked_line_is_pumped(engine: Engine, log: Log) -> None:
    log.hold.set()
    await engine.kick(1)
    await until_async(lambda: log.started[1] == 1 and not log.running[1])


async def test_many_kicks_never_run_two_pumps_of_a_line_at_once(engine: Engine, log: Log) -> None:
    for _ in range(5):
        await engine.kick(1)
        await engine.kick(2)
    await until_async(lambda: log.running[1] == 1 and log.running[2] == 1)
    log.hold.set()
    await until_async(lambda: log.started[1] >= 2 and not log.running[1], what="a run after the running one")
    assert log.most[1] == log.most[2] == 1


async def test_a_pump_that_has_more_to_do_is_run_again(engine: Engine, log: Log) -> None:
    log.hold.set()
    log.more[1] = 2
    await engine.kick(1)
    await until_async(lambda: log.started[1] == 3)


async def test_draining_stops_the_running_pumps_and_waits_for_them(engine: Engine, log: Log) -> None:
    await engine.kick(1)
    await until_async(lambda: log.running[1] == 1)
    await engine.drain()
    assert log.stopped == 1
    assert not log.running[1]
    await engine.kick(1)
    assert log.started[1] == 1


async def test_two_engines_of_a_cluster_share_the_lines(postgres_db: Database, log: Log) -> None:
    engines = [ClusterEngine(postgres_db.url, lambda line_id: Recorded(log, line_id)) for _ in range(2)]
    for engine in engines:
        await engine.open()
    for line_id in range(1, 5):
        for engine in engines:
            await engine.kick(line_id)
    await until_async(lambda: sum(log.running.values()) == 4, what="four running pumps")
    log.hold.set()
    await until_async(lambda: not any(log.running.values()))
    for engine in engines:
        await engine.drain()
    assert max(log.most.values()) == 1
