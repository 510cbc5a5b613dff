"""The pump on a line whose carrier wants less, can't be reached or makes no sense: nothing is lost by it."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain.access import Actor
from domain.carrier_errors import why_blocked
from domain.deliveries import State
from sender.pump import GARBLED, Pump, Sending
from sender.transport import open_transport
from storage import line_holds, lines
from storage.database import Database
from storage.line_holds import LineHold
from storage.tables import Line
from tests import arrange, ledger
from tests.ports import free_port
from tests.sender.servers import Peer, serve

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
START = ledger.start_of(NOW)


class Clock:
    """Stands still until a test turns it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def db(sqlite_db: Database) -> Database:
    return sqlite_db


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


@pytest.fixture
async def sending(db: Database, clock: Clock) -> AsyncIterator[Sending]:
    transport = open_transport()
    yield Sending(db, clock, transport, "http://127.0.0.1:1", "s" * 40)
    await transport.aclose()


def running(db: Database, actor: Actor, url: str, count: int, rate: float | None = None) -> int:
    line_id = arrange.line(db, NOW, rate=rate, base_url=url)
    return ledger.message_ids(db, ledger.started(db, actor, NOW, arrange.numbers(count), line_id=line_id))[0]


def hold(db: Database, now: datetime) -> LineHold | None:
    with db.read() as session:
        return line_holds.of(session.get_one(Line, 1), now)


def answering(*answers: httpx.Response) -> Callable[[Peer], object]:
    """Give these answers, the last one again and again."""
    left = list(answers)

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            answer = left.pop(0) if len(left) > 1 else left[0]
            head = [f"HTTP/1.1 {answer.status_code} x", f"content-length: {len(answer.content)}"]
            head += [f"{name}: {value}" for name, value in answer.headers.items() if name == "retry-after"]
            await peer.send("\r\n".join([*head, "", ""]).encode() + answer.content)

    return script


ACCEPTED = httpx.Response(202, content=json.dumps({"id": "c-1"}))


def tally(db: Database, message_id: int) -> dict[State, int]:
    counts: dict[State, int] = {}
    for state in ledger.states(db, message_id).values():
        counts[state] = counts.get(state, 0) + 1
    return counts


async def test_too_fast_pauses_the_line_and_costs_nobody_a_try(
    db: Database, actor: Actor, sending: Sending, clock: Clock
) -> None:
    slow_down = httpx.Response(429, headers={"retry-after": "3"})
    async with serve(answering(slow_down, ACCEPTED)) as carrier:  # type: ignore[arg-type]
        message_id = running(db, actor, carrier.url.removesuffix("/messages"), 3, rate=1.0)
        await Pump(sending, 1).run()
        assert hold(db, clock()) == LineHold("", START + timedelta(seconds=3))
        assert tally(db, message_id) == {State.QUEUED: 3}
        assert {row.attempts for row in ledger.rows(db, message_id).values()} == {0}
        work = lines.work(db, 1, clock())
        assert work is not None
        assert work.rate == pytest.approx(0.7)
        clock.turn(3)
        sending.paces.clear()
        with db.write() as session:
            session.get_one(Line, 1).slowed_at = None  # a test need not wait for the slow line
            session.get_one(Line, 1).rate = None
        await Pump(sending, 1).run()
        assert tally(db, message_id) == {State.SENT: 3}


async def test_a_carrier_that_cant_be_reached_is_left_alone_and_probed(
    db: Database, actor: Actor, sending: Sending, clock: Clock
) -> None:
    message_id = running(db, actor, f"http://127.0.0.1:{free_port()}", 40)
    await Pump(sending, 1).run()
    until = START + timedelta(seconds=30)
    assert hold(db, clock()) == LineHold("", until, unreachable=True)
    assert tally(db, message_id) == {State.QUEUED: 40}
    tried = sum(row.attempts for row in ledger.rows(db, message_id).values())
    assert 10 <= tried <= 10 + 32
    clock.turn(30)
    await Pump(sending, 1).run()  # the probe fails
    assert hold(db, clock()) == LineHold("", clock() + timedelta(seconds=60), unreachable=True)
    assert sum(row.attempts for row in ledger.rows(db, message_id).values()) == tried + 1


async def test_a_probe_that_is_taken_lets_the_line_send_again(
    db: Database, actor: Actor, sending: Sending, clock: Clock
) -> None:
    async with serve(answering(ACCEPTED)) as carrier:  # type: ignore[arg-type]
        message_id = running(db, actor, carrier.url.removesuffix("/messages"), 5)
        line_holds.trip(db, 1, START)
        await Pump(sending, 1).run()
        assert carrier.seen == []
        clock.turn(30)
        await Pump(sending, 1).run()
        assert tally(db, message_id) == {State.SENT: 1, State.QUEUED: 4}
        assert hold(db, clock()) is None
        await Pump(sending, 1).run()
        assert tally(db, message_id) == {State.SENT: 5}


async def test_answers_that_nobody_understands_block_the_line(
    db: Database, actor: Actor, sending: Sending, clock: Clock
) -> None:
    async with serve(answering(httpx.Response(200, content=b"<html>Welcome!</html>"))) as carrier:  # type: ignore[arg-type]
        message_id = running(db, actor, carrier.url.removesuffix("/messages"), 200)
        await Pump(sending, 1).run()
        assert hold(db, clock()) == LineHold(GARBLED)
        counts = tally(db, message_id)
        assert set(counts) == {State.UNKNOWN, State.QUEUED}
        assert 3 <= counts[State.UNKNOWN] == len(carrier.seen) <= 3 + 32


async def test_a_sign_in_that_is_refused_blocks_the_line_and_everybody_stays_queued(
    db: Database, actor: Actor, sending: Sending, clock: Clock
) -> None:
    async with serve(answering(httpx.Response(401))) as carrier:  # type: ignore[arg-type]
        message_id = running(db, actor, carrier.url.removesuffix("/messages"), 5)
        await Pump(sending, 1).run()
        assert hold(db, clock()) == LineHold(why_blocked("sandbox", "http-401"))
        assert tally(db, message_id) == {State.QUEUED: 5}
        assert {row.attempts for row in ledger.rows(db, message_id).values()} == {0}
