"""Receipts with group commit against a commit each, and 5,000 a second offered for a minute."""

import asyncio
import itertools
import sqlite3
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import text

from bench import dispatch, receiver
from bench.measure import Bar, Turn, Turns, in_turns, pin, report, timed, unpin
from bench.workspaces import in_postgres, seeded
from domain.outcomes import Outcome, Proof
from storage import deliveries
from storage.database import Database
from storage.deliveries import Settled

RECEIPTS = 2_000
AT_ONCE = 64
OFFERED, SECONDS = 5_000, 60
GROUP, EACH = "group commit", "a commit each"


def run() -> str:
    """Measure on both databases, then offer what must hold, and give the tables."""
    pin(0)
    try:
        rows, turns = [], {}
        for name, db in (("SQLite", seeded("receipts")), ("PostgreSQL", in_postgres("receipts"))):
            turns[name] = _measured(db)
            db.close()
            rows += [
                [name, kind, f"{turns[name].rate(kind):,.0f}", f"{turns[name].cpu(kind):.0f} µs"]
                for kind in (GROUP, EACH)
            ]
        return _compared(rows, turns) + "\n" + _offered()
    finally:
        unpin()


def _compared(rows: Sequence[Sequence[str]], turns: dict[str, Turns]) -> str:
    lite, postgres = turns["SQLite"], turns["PostgreSQL"]
    return report(
        f"Receipts: {RECEIPTS:,} over {AT_ONCE} connections, with inbox and RETURNING",
        "Our ASGI application in a process and on a core of its own; the baseline is the same application "
        "with a transaction for every call, six at once. CPU is the receiving process's.",
        ["database", "what", "receipts/s", "CPU a receipt"],
        rows,
        [
            Bar("CPU of a commit each, on SQLite", lite.cpu(GROUP) / lite.cpu(EACH), 0.4, at_least=False),
            Bar("times the rate, on PostgreSQL", postgres.rate(GROUP) / postgres.rate(EACH), 5),
        ],
    )


def _measured(db: Database) -> Turns:
    sent = _sent(db, RECEIPTS)
    events = itertools.count()
    with receiver.running(db.url, core=1) as (group, each):
        kinds = {
            GROUP: lambda: _turn(group, sent, events),
            EACH: lambda: _turn(each, sent, events),
        }
        turns = in_turns(kinds)
    with db.read() as session:
        kept = session.execute(
            text("SELECT count(*) FROM receipt_inbox WHERE applied_at IS NOT NULL")
        ).scalar()
    assert kept == RECEIPTS * 12, f"{kept} receipts were kept and applied"
    return turns


def _turn(at: receiver.Running, sent: "Sent", events: "itertools.count[int]") -> Turn:
    calls = [sent.call(number, next(events)) for number in range(RECEIPTS)]
    with timed(RECEIPTS, [at.process.pid]) as turn:
        asyncio.run(_post(at.port, calls))
    return turn


class Sent:
    """Deliveries that were sent, and receipts for them."""

    def __init__(self, token: str, attempts: Sequence[tuple[str, str]]) -> None:
        self.token = token
        self.attempts = attempts

    def call(self, number: int, event: int) -> bytes:
        """A POST of the sandbox's wire that says delivered."""
        attempt, message = self.attempts[number % len(self.attempts)]
        body = f'{{"id":"{message}","status":"delivered","event_id":"e{event}"}}'
        return (
            f"POST /webhooks/sandbox/{self.token}/status?a={attempt} HTTP/1.1\r\nhost: x\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}"
        ).encode()


def _sent(db: Database, count: int) -> Sent:
    _db, message_id, line_id = dispatch.prepared(db, "http://127.0.0.1:1", count)
    attempts: list[tuple[str, str]] = []
    while claimed := deliveries.claim(db, message_id, 1_000, 1, datetime.now(UTC), "0123456789abcdef"):
        now = datetime.now(UTC)
        results = [
            Settled(one.id, one.attempt_id, Outcome(Proof.ACCEPTED, f"m-{one.id}"), now) for one in claimed
        ]
        deliveries.settle(db, results, now)
        attempts += [(one.attempt_id, f"m-{one.id}") for one in claimed]
    query = "SELECT token FROM carrier_account a JOIN line l ON l.account_id = a.id WHERE l.id = :id"
    with db.read() as session:
        return Sent(str(session.execute(text(query), {"id": line_id}).scalar()), attempts)


async def _post(port: int, calls: Sequence[bytes]) -> None:
    left = iter(calls)

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for call in left:
            await _one(reader, writer, call)
        writer.close()

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def _one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, call: bytes) -> None:
    writer.write(call)
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200"), answer


def _offered() -> str:
    """Offer the receipts at their pace; look into the database behind some of the answers."""
    db = seeded("offered")
    count = OFFERED * SECONDS
    sent = _sent(db, 20_000)
    path = str(db.engine.url.database)
    with receiver.running(db.url, core=1) as (group, _each):
        took, early = asyncio.run(_offer(group.port, sent, count, path))
    with db.read() as session:
        kept = session.execute(text("SELECT count(*) FROM receipt_inbox")).scalar() or 0
    db.close()
    late = sorted(took)
    words = (
        f"{OFFERED:,} receipts a second offered for {SECONDS} s to SQLite with synchronous=FULL, each on its "
        f"own schedule whether the ones before are answered or not; after every 500th answer another "
        "connection looks whether the receipt is in the database."
    )
    return report(
        "Receipts offered at a fixed pace",
        words,
        ["offered", "answered with 200", "in the inbox", "answer, median", "p99", "slowest"],
        [
            [
                f"{count:,}",
                f"{len(took):,}",
                f"{kept:,}",
                *(f"{late[place] * 1000:.0f} ms" for place in (len(late) // 2, len(late) * 99 // 100, -1)),
            ]
        ],
        [
            Bar("lost", count - kept, 0, at_least=False),
            Bar("answered before they were durable", early, 0, at_least=False),
            Bar("of the pace kept, in the slowest tenth of the time", _pace(took, count), 0.95),
        ],
    )


def _pace(took: Sequence[float], count: int) -> float:
    """How much of what was offered in the last tenth was answered within a second."""
    last = took[-count // 10 :]
    return statistics.mean(seconds <= 1.0 for seconds in last)


async def _offer(port: int, sent: Sent, count: int, path: str) -> tuple[list[float], int]:
    """The seconds that each answer took from its time on, and how many answers came too early."""
    took: list[float] = []
    early = 0
    other = sqlite3.connect(path)
    start = time.perf_counter() + 0.5
    left = iter(range(count))

    async def work() -> None:
        nonlocal early
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in left:
            due = start + number / OFFERED
            wait = due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            await _one(reader, writer, sent.call(number, number))
            took.append(time.perf_counter() - due)
            if number % 500 == 0:
                query = "SELECT count(*) FROM receipt_inbox WHERE dedupe_key = ?"
                early += not other.execute(query, (f"e{number}",)).fetchone()[0]
        writer.close()

    await asyncio.gather(*(work() for _ in range(AT_ONCE * 4)))
    other.close()
    return took, early
