"""Claim → HTTP → durable outcome, against the bare transport and raw asyncio streams to the same sink."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import uvloop
from sqlalchemy import select, text
from sqlmodel import col

from bench import sink
from bench.measure import Bar, Turn, Turns, in_turns, pin, report, timed, unpin
from bench.workspaces import seeded
from sender.carriers.protocol import Outgoing
from sender.carriers.sandbox import SandboxCarrier
from sender.pump import IN_FLIGHT, Pump, Sending
from sender.transport import open_transport
from storage import audiences, campaigns
from storage.database import Database
from storage.tables import Message
from tests import arrange

MESSAGES = 6_000
TEXT = "Hello from Harbor & Pine. Reply STOP to opt out."
RAW, BARE, WHOLE = "raw asyncio streams", "the bare transport", "claim → HTTP → durable outcome"


def now() -> datetime:
    return datetime.now(UTC)


def run() -> str:
    """Measure in turns, and give the table."""
    pin(0)
    try:
        with sink.running(core=1) as carrier:
            return _table(measured(carrier.url))
    finally:
        unpin()


def measured(url: str, rounds: int = 5) -> Turns:
    """The three in turns, in this very process."""
    db, message_id, line_id = prepared(seeded("dispatch"), url)
    kinds = {
        RAW: lambda: _turn(lambda: _raw(url)),
        BARE: lambda: _turn(lambda: _bare(url)),
        WHOLE: lambda: pumped(db, message_id, line_id),
    }
    turns = in_turns(kinds, rounds)
    db.close()
    return turns


def pumped(db: Database, message_id: int, line_id: int) -> Turn:
    """One turn of our own pipeline."""
    requeue(db, message_id)
    return _turn(lambda: _pumped(db, message_id, line_id))


def _turn(kind: Callable[[], Coroutine[Any, Any, None]]) -> Turn:
    with timed(MESSAGES) as turn:
        uvloop.run(kind())
    return turn


def _table(turns: Turns) -> str:
    ceiling, bare, whole = (turns.rate(kind) for kind in (RAW, BARE, WHOLE))
    rows = [
        [kind, f"{turns.rate(kind):,.0f}", f"{turns.rate(kind) / ceiling:.2f}", f"{turns.cpu(kind):.0f} µs"]
        for kind in turns.of
    ]
    return report(
        f"Dispatch: {MESSAGES:,} messages, {IN_FLIGHT} in flight, SQLite with synchronous=FULL",
        "One process on one core; the sink has a process and a core of its own. The raw streams write a "
        "message's own body and read an answer's head and body, and do nothing else.",
        ["what", "messages/s", "ratio", "CPU a message"],
        rows,
        [Bar("of the raw ceiling", whole / ceiling, 0.35), Bar("of its own transport", whole / bare, 0.8)],
    )


def prepared(db: Database, url: str, count: int = MESSAGES, name: str = "Bench") -> tuple[Database, int, int]:
    """A line to `url` with a message to `count` people, planned and due; the message's and the line's id."""
    actor = arrange.person(db, now(), name=name)
    line_id = arrange.line(db, now(), label=name, base_url=url)
    list_id = arrange.contact_list(db, actor, now(), arrange.numbers(count), name=name)
    at = now()  # one for both, or the minute may turn between them
    campaign_id = arrange.draft(db, actor, at, line_id, list_id, name=name, texts=(TEXT,))
    campaigns.schedule(db, actor, campaign_id, at)
    with db.write() as session:
        message = session.scalars(select(Message).where(col(Message.campaign_id) == campaign_id)).one()
        message.send_at = message.begins_at = now()
        message_id = message.id or 0
    audiences.begin_due(db, now())
    while audiences.plan_chunk(db, message_id, now()):
        pass
    return db, message_id, line_id


def requeue(db: Database, message_id: int, count: int = MESSAGES) -> None:
    """As if nothing had been sent."""
    with db.write() as session:
        session.execute(
            text("UPDATE delivery SET state = 'queued', attempts = 0 WHERE message_id = :id"),
            {"id": message_id},
        )
        session.execute(text("DELETE FROM tally WHERE message_id = :id"), {"id": message_id})
        session.execute(
            text("INSERT INTO tally (message_id, state, code, count) VALUES (:id, 'queued', '', :n)"),
            {"id": message_id, "n": count},
        )


async def _pumped(db: Database, message_id: int, line_id: int) -> None:
    transport = open_transport()
    sending = Sending(db, now, transport, "http://127.0.0.1:1", "s" * 40)
    while await Pump(sending, line_id).run():
        pass
    await transport.aclose()
    with db.read() as session:
        query = text("SELECT count(*) FROM delivery WHERE message_id = :id AND state = 'sent'")
        assert session.execute(query, {"id": message_id}).scalar() == MESSAGES


async def _bare(url: str) -> None:
    transport, carrier, left = open_transport(), SandboxCarrier(url), iter(range(MESSAGES))

    async def work() -> None:
        for number in left:
            answer = await transport.handle_async_request(carrier.request(_outgoing(number)))
            assert answer.status_code == 202

    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    await transport.aclose()


def _outgoing(number: int) -> Outgoing:
    callback = f"http://127.0.0.1:1/webhooks/sandbox/{'0' * 32}/status?a={number}-0123456789abcdef"
    return Outgoing(f"{number}-0123456789abcdef", "+14155550100", f"+1212600{number:04d}", TEXT, (), callback)


async def _raw(url: str) -> None:
    parts, left = urlsplit(url), iter(range(MESSAGES))
    sample = SandboxCarrier(url).request(_outgoing(0)).content
    head = f"POST /messages HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-length: {len(sample)}\r\n\r\n"

    async def work() -> None:
        async with _connected(parts.port or 0) as (reader, writer):
            for number in left:
                writer.write(head.encode() + sample.replace(b"+12126000000", b"+1212600%04d" % number))
                await writer.drain()
                answer = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(answer)
                assert answer.startswith(b"HTTP/1.1 202") and length
                await reader.readexactly(int(length[1]))

    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))


_LENGTH = re.compile(rb"content-length: (\d+)")


@asynccontextmanager
async def _connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
