"""One contract for both engines: a kicked line is pumped, by one pump at a time, until it is drained."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from sender.engine import Engine, Run
from sender.engine.cluster import ClusterEngine
from sender.engine.embedded import EmbeddedEngine
from storage.database import APPLICATION, Database
from tests import postgres
from tests.wait import until_async


class Log:
    """What the runs of a test did, over all engines."""

    def __init__(self) -> None:
        self.started: Counter[int] = Counter()
        self.running: Counter[int] = Counter()
        self.most: Counter[int] = Counter()
        self.stops = 0
        self.hold = asyncio.Event()
        self.more: Counter[int] = Counter()  # runs that say there is more, by line
        self.broken: Counter[int] = Counter()  # runs that end with an error, by line
        self.settle = asyncio.Event()  # what a stopped run still waits for
        self.settle.set()


class Recorded:
    """A run that waits until it is let go or stopped, and notes who runs beside it."""

    def __init__(self, log: Log, line_id: int) -> None:
        self.log, self.line_id = log, line_id
        self._stop = asyncio.Event()

    async def run(self) -> bool:
        log, line = self.log, self.line_id
        if self._stop.is_set():
            return False  # as a pump that was stopped before it claimed anything
        log.started[line] += 1
        log.running[line] += 1
        log.most[line] = max(log.most[line], log.running[line])
        waits = [asyncio.create_task(log.hold.wait()), asyncio.create_task(self._stop.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        await log.settle.wait()
        log.running[line] -= 1
        log.broken[line] -= 1
        if log.broken[line] >= 0:
            raise RuntimeError("this run is meant to break")
        log.more[line] -= 1
        return log.more[line] >= 0

    def stop(self) -> None:
        self.log.stops += 1
        self._stop.set()


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
    for _ in range(5):  # those before may all have been for the first run
        await engine.kick(1)
    log.hold.set()
    await until_async(lambda: log.started[1] >= 2 and not log.running[1], what="a run after the running one")
    assert log.most[1] == log.most[2] == 1


async def test_a_pump_that_has_more_to_do_is_run_again(engine: Engine, log: Log) -> None:
    log.hold.set()
    log.more[1] = 2
    await engine.kick(1)
    await until_async(lambda: log.started[1] == 3)


async def test_a_kick_during_a_run_leads_to_another_one(engine: Engine, log: Log) -> None:
    await engine.kick(1)
    await until_async(lambda: log.running[1] == 1)
    await engine.kick(1)
    log.hold.set()
    await until_async(lambda: log.started[1] == 2 and not log.running[1])
    assert log.most[1] == 1


async def test_a_pump_that_breaks_leaves_its_line_free(engine: Engine, log: Log) -> None:
    log.hold.set()
    log.broken[1] = 1
    await engine.kick(1)
    await until_async(lambda: log.started[1] == 1 and not log.running[1])
    await engine.kick(1)
    await until_async(lambda: log.started[1] == 2, what="a run after the broken one")


async def test_a_pump_that_breaks_does_not_swallow_the_kick_that_waits(engine: Engine, log: Log) -> None:
    log.broken[1] = 1
    await engine.kick(1)
    await until_async(lambda: log.running[1] == 1)
    await engine.kick(1)
    log.hold.set()
    await until_async(lambda: log.started[1] == 2, what="the run that the kick asked for")


async def test_a_line_that_is_busy_keeps_no_other_waiting(engine: Engine, log: Log) -> None:
    await engine.kick(1)
    await until_async(lambda: log.running[1] == 1)
    await engine.kick(2)
    await until_async(lambda: log.running[2] == 1, what="a run on the other line")


async def test_caring_leaves_living_pumps_alone(engine: Engine, log: Log) -> None:
    await engine.kick(1)
    await until_async(lambda: log.running[1] == 1)
    for _ in range(3):
        await engine.care()
    await engine.kick(1)
    log.hold.set()
    await until_async(lambda: log.started[1] == 2 and not log.running[1])
    assert log.most[1] == 1


async def test_draining_stops_the_running_pumps_and_waits_for_them(engine: Engine, log: Log) -> None:
    log.settle.clear()
    for line_id in (1, 2):
        await engine.kick(line_id)
    await until_async(lambda: log.running[1] == log.running[2] == 1)
    draining = asyncio.create_task(engine.drain())
    await until_async(lambda: log.stops == 2, what="both pumps' stop")
    assert not draining.done()
    assert log.running[1] == log.running[2] == 1
    log.settle.set()
    await draining
    assert not any(log.running.values())


async def test_nothing_starts_while_draining_or_after(engine: Engine, log: Log) -> None:
    log.settle.clear()
    log.more[1] = 5
    await engine.kick(1)
    await until_async(lambda: log.running[1] == 1)
    await engine.kick(1)
    draining = asyncio.create_task(engine.drain())
    await until_async(lambda: log.stops == 1)
    await engine.kick(1)
    await engine.kick(2)
    log.settle.set()
    await draining
    await engine.kick(1)
    await engine.kick(2)
    assert +log.started == {1: 1}


@pytest.fixture
async def cluster(postgres_db: Database, log: Log) -> AsyncIterator[list[ClusterEngine]]:
    """Two engines of one cluster, as in two workers."""
    engines = [ClusterEngine(postgres_db.url, lambda line_id: Recorded(log, line_id)) for _ in range(2)]
    await asyncio.gather(*(engine.open() for engine in engines))
    yield engines
    log.hold.set()
    for engine in engines:
        await engine.drain()


async def test_two_engines_of_a_cluster_share_the_lines(cluster: list[ClusterEngine], log: Log) -> None:
    for line_id in range(1, 5):
        for engine in cluster:
            await engine.kick(line_id)
    await until_async(lambda: sum(log.running.values()) == 4, what="four running pumps")
    log.hold.set()
    await until_async(lambda: not any(log.running.values()))
    assert max(log.most.values()) == 1


async def test_what_one_engine_leaves_the_other_takes_over(
    cluster: list[ClusterEngine], postgres_db: Database, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sender.engine.cluster.STALLED_SECONDS", 1.0)
    first, second = cluster
    for _ in range(2):
        await first.kick(1)
        await until_async(lambda: log.running[1] == 1)
    await first.drain()
    await second.drain()  # whoever had the pump: both have left, and the kick that waited waits still
    third = ClusterEngine(postgres_db.url, lambda line_id: Recorded(log, line_id))
    await third.open()

    async def taken_over() -> bool:
        await third.care()  # the waiting kick may just have been fetched by the one that left
        await third.kick(1)  # as a beat does where there is work
        return log.started[1] >= 2

    await until_async(taken_over, what="the run that was left behind")
    log.hold.set()
    await third.drain()


async def test_care_frees_the_line_of_a_dead_worker_whose_successor_waits(
    postgres_db: Database, log: Log
) -> None:
    dead, living = (ClusterEngine(postgres_db.url, lambda line_id: Recorded(log, line_id)) for _ in range(2))
    await dead.open()
    await dead.kick(1)
    await until_async(lambda: log.running[1] == 1)
    await dead.kick(1)
    with postgres_db.write() as session:  # what is left of a process that was killed two minutes ago
        session.execute(
            text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
        )
    await living.open()
    await living.kick(1)
    await asyncio.gather(living.care(), living.care())
    await until_async(lambda: log.started[1] == 2, what="a run in the living worker")
    log.hold.set()
    await until_async(lambda: not log.running[1])
    await dead.drain()  # it was only frozen: its late end harms nobody
    await living.kick(1)
    await until_async(lambda: log.started[1] >= 3, what="another run")
    await living.drain()


async def test_care_ends_a_transaction_in_which_its_process_froze(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sender.engine.cluster.FORSAKEN_SECONDS", 0.2)
    url = make_url(postgres.database("engines")).set(drivername="postgresql").render_as_string(False)
    engine = ClusterEngine(url, lambda line_id: Recorded(log, line_id))
    await engine.open()
    frozen = psycopg.connect(url, application_name=APPLICATION)
    copy = psycopg.connect(url, application_name=f"{APPLICATION} copy")
    with copy as stranger, psycopg.connect(url, autocommit=True) as observer:
        frozen.execute("CREATE TABLE locked (number int)")
        stranger.execute("SELECT 1")
        frozen.cursor().executemany("INSERT INTO locked VALUES (%s)", [(1,), (2,)])
        here = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"

        async def ended() -> bool:
            await engine.care()
            return observer.execute(here, (frozen.info.backend_pid,)).fetchone() == (0,)

        await until_async(ended, what="the frozen transaction's end")
        stranger.execute("SELECT 1")  # a copy may take its time
    frozen.close()
    await engine.drain()


async def test_care_frees_a_line_whose_pump_ended_but_could_not_say_so(
    cluster: list[ClusterEngine], postgres_db: Database, log: Log
) -> None:
    lines_to_run = count(1)

    async def both_run() -> bool:
        await cluster[0].kick(next(lines_to_run))
        return workers_at_work(postgres_db) == 2

    await until_async(both_run, what="runs in both")
    log.hold.set()
    await until_async(lambda: jobs(postgres_db) == 0, what="the end of all of them")
    with postgres_db.write() as session:
        for worker in session.scalars(text("SELECT id FROM procrastinate_workers")).all():
            session.execute(text(_LEFT), {"worker": worker, "lock": f"line:{worker + 1_000}"})
        left = session.scalars(text("SELECT lock FROM procrastinate_jobs")).all()
    lines = [int(lock.removeprefix("line:")) for lock in left]
    assert len(lines) == 2
    for line_id in lines:
        await cluster[0].kick(line_id)
    for engine in cluster * 2:
        await engine.care()
    await until_async(lambda: all(log.started[line_id] == 1 for line_id in lines), what="runs on both lines")


_LEFT = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, lock, status, worker_id)
    VALUES ('pumps', 'pump', :lock, 'doing', :worker)
"""


def workers_at_work(db: Database) -> int:
    query = "SELECT count(DISTINCT worker_id) FROM procrastinate_jobs WHERE status = 'doing'"
    with db.read() as session:
        return int(session.execute(text(query)).scalar_one())


def jobs(db: Database) -> int:
    with db.read() as session:
        return int(session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one())


async def test_a_worker_loop_that_ends_stops_its_pumps_and_begins_anew(
    postgres_db: Database, log: Log
) -> None:
    engine = ClusterEngine(postgres_db.url, lambda line_id: Recorded(log, line_id))
    await engine.open()
    await engine.kick(1)
    await until_async(lambda: log.running[1] == 1)
    with closed(postgres_db):
        await until_async(lambda: log.stops == 1, what="the pump's stop")
    log.hold.set()
    await until_async(lambda: jobs(postgres_db) == 0, what="the end of what was left")
    await engine.kick(1)
    await until_async(lambda: log.started[1] == 2, what="a run in the new loop")
    await engine.drain()


@contextmanager
def closed(db: Database) -> Iterator[None]:
    """Break every connection to the database, and let nobody in."""
    name = make_url(db.url).database
    admin = create_engine(postgres.server(), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(text(query), {"name": name})
        yield
        connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
    admin.dispose()


async def test_workers_that_start_at_once_on_an_empty_queue_all_start(
    postgres_db: Database, log: Log
) -> None:
    engines = [ClusterEngine(postgres_db.url, lambda line_id: Recorded(log, line_id)) for _ in range(5)]
    await asyncio.gather(*(engine.open() for engine in engines))
    await engines[0].kick(1)
    await until_async(lambda: log.running[1] == 1)
    log.hold.set()
    for engine in engines:
        await engine.drain()
