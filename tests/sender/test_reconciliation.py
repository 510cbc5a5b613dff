"""Attempts in doubt, settled over real HTTP: repeated under their own key, or looked up at the carrier."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

import httpx
import pytest

from domain.access import Actor
from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from sender.carriers.bodies import fields
from sender.carriers.protocol import Carrier, Certainty, Finder, InDoubt, Sighting
from sender.carriers.sandbox import SandboxCarrier
from sender.pump import Pump, Sending
from sender.reconciliation import Reconciliation
from sender.transport import open_transport
from storage import campaigns
from storage.database import Database
from tests import arrange, ledger
from tests.conftest import NOW
from tests.sender.servers import Peer, serve

START = ledger.start_of(NOW)


class Clock:
    """Stands still until a test turns it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def turn(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


class Book:
    """A finder that asks GET /messages, as a carrier's list of messages."""

    def __init__(self, base_url: str, certainty: Certainty) -> None:
        self.certainty = certainty
        self._url = httpx.URL(base_url + "/messages")

    def request(self, doubt: InDoubt) -> httpx.Request:
        question = {"attempt": doubt.attempt_id, "to": doubt.recipient, "text": doubt.text}
        times = {"since": doubt.since.isoformat(), "until": doubt.until.isoformat()}
        return httpx.Request("GET", self._url, params=question | times)

    def sightings(
        self, doubt: InDoubt, status: int, headers: Mapping[str, str], body: bytes
    ) -> Sequence[Sighting] | None:
        found = fields(body).get("ids") if status == 200 else None
        return [Sighting(str(one), State.SENT) for one in found] if isinstance(found, list) else None


class Asked(SandboxCarrier):
    """The sandbox's way of sending, at a carrier that can be asked or that knows attempts by their ids."""

    def __init__(self, base_url: str, certainty: Certainty | None) -> None:
        super().__init__(base_url, delay_seconds=0.0)
        self._finder = Book(base_url, certainty) if certainty else None

    @property
    def repeatable(self) -> bool:  # type: ignore[override]
        return self._finder is None

    @property
    def finder(self) -> Finder | None:  # type: ignore[override]
        return self._finder


class Double:
    """A carrier that hangs up on every message, and answers questions as a test wants."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.asked: list[str] = []
        self.hangs_up = True
        self.ids: dict[str, list[str]] | None = {}  # recipient → messages; None: it can't say

    async def script(self, peer: Peer) -> None:
        while True:
            request = await peer.request()
            if request.startswith(b"GET"):
                self.asked.append(str(httpx.URL(request.split()[1].decode()).params["to"]))
                answer = b"busy" if self.ids is None else self._list(self.asked[-1])
                await self._answer(peer, 503 if self.ids is None else 200, answer)
            else:
                self.taken.append(request.split(b"\r\n\r\n")[1])
                if self.hangs_up:
                    return
                await self._answer(peer, 202, json.dumps({"id": f"c-{len(self.taken)}"}).encode())

    def _list(self, recipient: str) -> bytes:
        assert self.ids is not None
        return json.dumps({"ids": self.ids.get(recipient, [])}).encode()

    async def _answer(self, peer: Peer, status: int, body: bytes) -> None:
        head = f"HTTP/1.1 {status} x\r\ncontent-length: {len(body)}\r\n\r\n"
        await peer.send(head.encode() + body)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def double() -> Double:
    return Double()


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


@pytest.fixture
async def url(double: Double) -> AsyncIterator[str]:
    async with serve(double.script) as server:
        yield server.url.removesuffix("/messages")


@pytest.fixture
async def sending(db: Database, clock: Clock) -> AsyncIterator[Sending]:
    transport = open_transport()
    yield Sending(db, clock, transport, "http://127.0.0.1:1", "s" * 40)
    await transport.aclose()


async def broken_off(db: Database, actor: Actor, sending: Sending, url: str, count: int = 2) -> int:
    """A message during whose sending the carrier hung up each time."""
    line_id = arrange.line(db, NOW, base_url=url)
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(count), line_id=line_id)
    message_id = ledger.message_ids(db, campaign_id)[0]
    await Pump(sending, line_id).run()
    assert set(ledger.states(db, message_id).values()) == {State.UNKNOWN}
    return message_id


def asking(sending: Sending, url: str, certainty: Certainty | None) -> Reconciliation:
    def open_carrier(_kind: str, _settings: Mapping[str, str]) -> Carrier:
        return Asked(url, certainty)

    return Reconciliation(sending, open_carrier)


async def test_an_attempt_is_repeated_to_the_letter_where_the_carrier_takes_each_key_once(
    db: Database, actor: Actor, sending: Sending, clock: Clock, double: Double, url: str
) -> None:
    message_id = await broken_off(db, actor, sending, url)
    first = sorted(double.taken)
    reconciliation = asking(sending, url, None)
    await reconciliation.round()
    assert len(double.taken) == 2  # too early
    clock.turn(1)
    await reconciliation.round()
    assert sorted(double.taken[2:]) == first
    assert set(ledger.states(db, message_id).values()) == {State.UNKNOWN}
    double.hangs_up = False
    clock.turn(4)
    await reconciliation.round()
    assert sorted(double.taken[4:]) == first
    rows = ledger.rows(db, message_id).values()
    assert {(row.state, row.attempts) for row in rows} == {(State.SENT, 1)}
    assert {row.carrier_message_id for row in rows} == {"c-5", "c-6"}
    ledger.check_tallies(db)


@pytest.mark.parametrize("end", ["stop", "time"])
async def test_nothing_is_repeated_after_a_stop_or_when_the_carrier_may_have_forgotten_the_key(
    db: Database, actor: Actor, sending: Sending, clock: Clock, double: Double, url: str, end: str
) -> None:
    message_id = await broken_off(db, actor, sending, url)
    if end == "stop":
        campaigns.stop(db, actor, 1, clock())
    clock.turn(1 if end == "stop" else 23 * 60)
    await asking(sending, url, None).round()
    assert len(double.taken) == 2
    assert set(ledger.states(db, message_id).values()) == {State.UNKNOWN}


async def test_what_an_exact_look_finds_is_sent_and_what_it_misses_goes_out_again(
    db: Database, actor: Actor, sending: Sending, clock: Clock, double: Double, url: str
) -> None:
    message_id = await broken_off(db, actor, sending, url)
    here, gone = arrange.numbers(2)
    double.ids = {here: ["c-7"]}
    clock.turn(1)
    await asking(sending, url, Certainty.EXACT).round()
    assert ledger.states(db, message_id) == {here: State.SENT, gone: State.UNKNOWN}
    clock.turn(4)
    await asking(sending, url, Certainty.EXACT).round()
    assert ledger.states(db, message_id) == {here: State.SENT, gone: State.QUEUED}
    double.hangs_up = False
    await Pump(sending, 1).run()
    assert ledger.states(db, message_id) == {here: State.SENT, gone: State.SENT}
    assert len(double.taken) == 3
    ledger.check_tallies(db)


async def test_a_weak_look_takes_its_time_and_leaves_what_is_not_certain(
    db: Database, actor: Actor, sending: Sending, clock: Clock, double: Double, url: str
) -> None:
    message_id = await broken_off(db, actor, sending, url, 3)
    one, two, none = arrange.numbers(3)
    double.ids = {one: ["c-1"], two: ["c-2", "c-3"]}
    for minutes, expected in ((1, State.UNKNOWN), (4, State.UNKNOWN), (5, State.QUEUED)):
        clock.turn(minutes)
        await asking(sending, url, Certainty.WEAK).round()  # each time as after a restart
        states = ledger.states(db, message_id)
        assert states == {one: State.SENT, two: State.UNKNOWN, none: expected}
    assert double.asked.count(one) == 1
    ledger.check_tallies(db)


async def test_a_carrier_that_cant_say_is_asked_again_later(
    db: Database, actor: Actor, sending: Sending, clock: Clock, double: Double, url: str
) -> None:
    message_id = await broken_off(db, actor, sending, url, 1)
    double.ids = None
    reconciliation = asking(sending, url, Certainty.EXACT)
    for minutes in (1, 1, 1, 60):
        clock.turn(minutes)
        await reconciliation.round()
    assert len(double.asked) == 2
    assert set(ledger.states(db, message_id).values()) == {State.UNKNOWN}


async def test_who_cant_be_asked_stays_unconfirmed(
    db: Database, actor: Actor, sending: Sending, clock: Clock, double: Double, url: str
) -> None:
    message_id = await broken_off(db, actor, sending, url)
    clock.turn(60)
    await Reconciliation(sending).round()  # the sandbox itself
    assert len(double.taken) == 2
    assert double.asked == []
    assert set(ledger.states(db, message_id).values()) == {State.UNKNOWN}


async def test_the_answer_to_a_slow_call_wins_over_a_look(
    db: Database, actor: Actor, sending: Sending, clock: Clock, double: Double, url: str
) -> None:
    line_id = arrange.line(db, NOW, base_url=url)
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(1), line_id=line_id)
    message_id = ledger.message_ids(db, campaign_id)[0]
    claimed = ledger.claim(db, message_id, START)
    ledger.settle(db, claimed, START, Outcome(Proof.AMBIGUOUS))
    clock.turn(5)
    await asking(sending, url, Certainty.EXACT).round()
    assert set(ledger.states(db, message_id).values()) == {State.QUEUED}
    ledger.settle(db, claimed, clock())
    assert set(ledger.states(db, message_id).values()) == {State.SENT}
    assert ledger.claim(db, message_id, clock()) == []
    ledger.check_tallies(db)
