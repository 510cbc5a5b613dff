"""Claim → HTTP → durable outcome, against the bare transport and raw asyncio streams to the same sink."""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvloop
from sqlalchemy import select, text
from sqlmodel import col

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
ROUNDS = 5
TEXT = "Hello from Harbor & Pine. Reply STOP to opt out."


def now() -> datetime:
    return datetime.now(UTC)


def run() -> str:
    """Measure in turns, and give the table."""
    sink = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("sink.py"))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert sink.stdout and sink.stdin
    url = f"http://127.0.0.1:{sink.stdout.readline().strip()}"
    db, message_id, line_id = _prepared(url)
    kinds: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
        "raw asyncio streams": lambda: _raw(url),
        "the bare transport": lambda: _bare(url),
        "claim → HTTP → durable outcome": lambda: _pumped(db, message_id, line_id),
    }
    rates: dict[str, list[float]] = {name: [] for name in kinds}
    cpus: dict[str, list[float]] = {name: [] for name in kinds}
    for number in range(ROUNDS + 1):
        for name, kind in kinds.items():
            _requeue(db, message_id)
            start, cpu = time.perf_counter(), time.process_time()
            uvloop.run(kind())
            if number:
                rates[name].append(MESSAGES / (time.perf_counter() - start))
                cpus[name].append((time.process_time() - cpu) / MESSAGES * 1e6)
    sink.stdin.close()
    sink.wait()
    db.close()
    return _table(rates, cpus)


def _table(rates: dict[str, list[float]], cpus: dict[str, list[float]]) -> str:
    lines = [
        f"### Dispatch, {MESSAGES:,} messages, {IN_FLIGHT} in flight, SQLite with synchronous=FULL",
        "Baseline: raw asyncio streams to the same sink, which has a process of its own.",
        "",
        "| what | messages/s | ratio | CPU a message |",
        "|---|---|---|---|",
    ]
    ceiling = statistics.median(rates["raw asyncio streams"])
    for name, found in rates.items():
        rate = statistics.median(found)
        lines.append(
            f"| {name} | {rate:,.0f} | {rate / ceiling:.2f} | {statistics.median(cpus[name]):.0f} µs |"
        )
    return "\n".join(lines) + "\n"


def _prepared(url: str) -> tuple[Database, int, int]:
    db = seeded("dispatch")
    actor = arrange.person(db, now(), name="Bench")
    line_id = arrange.line(db, now(), label="Bench", base_url=url)
    list_id = arrange.contact_list(db, actor, now(), arrange.numbers(MESSAGES), name="Bench")
    campaign_id = arrange.draft(db, actor, now(), line_id, list_id, name="Bench", texts=(TEXT,))
    campaigns.schedule(db, actor, campaign_id, now())
    with db.write() as session:
        message = session.scalars(select(Message).where(col(Message.campaign_id) == campaign_id)).one()
        message.send_at = message.begins_at = now()
        message_id = message.id or 0
    audiences.begin_due(db, now())
    while audiences.plan_chunk(db, message_id, now()):
        pass
    return db, message_id, line_id


def _requeue(db: Database, message_id: int) -> None:
    with db.write() as session:
        session.execute(
            text("UPDATE delivery SET state = 'queued', attempts = 0 WHERE message_id = :id"),
            {"id": message_id},
        )
        session.execute(text("DELETE FROM tally WHERE message_id = :id"), {"id": message_id})
        session.execute(
            text("INSERT INTO tally (message_id, state, code, count) VALUES (:id, 'queued', '', :n)"),
            {"id": message_id, "n": MESSAGES},
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
    parts, carrier, left = urlsplit(url), SandboxCarrier(url), iter(range(MESSAGES))
    sample = carrier.request(_outgoing(0)).content
    head = (
        f"POST /messages HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-length: {len(sample)}\r\n\r\n".encode()
    )

    async def work() -> None:
        async with _connected(parts.port or 0) as (reader, writer):
            for _number in left:
                writer.write(head + sample)
                answer = await reader.readuntil(b"}")
                assert answer.startswith(b"HTTP/1.1 202")

    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))


@asynccontextmanager
async def _connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
