"""How long pages take while nothing is sent, and while the same process sends at full speed."""

import statistics
import time

from sqlalchemy import text

from bench import dispatch, served, sink
from bench.measure import Bar, report
from bench.workspaces import seeded
from storage.database import Database

ROUNDS = 5
LOADS = 60
QUEUED = 60_000
PAUSE = 0.02
"""Seconds between two loads, as a few people at work would make."""


def run() -> str:
    """Measure in turns, and give the table."""
    db = seeded("latency")
    idle: dict[str, list[float]] = {}
    busy: dict[str, list[float]] = {}
    rates: list[float] = []
    with sink.running() as carrier:
        _db, message_id, _line_id = dispatch.prepared(db, carrier.url, QUEUED)
        with db.read() as session:
            query = text("SELECT campaign_id FROM message WHERE id = :id")
            campaign_id = session.execute(query, {"id": message_id}).scalar()
        _set(db, message_id, 0)
        pages = {"the SMS tab": "/campaigns/sms", "the results page": f"/campaigns/sms/{campaign_id}"}
        with served.serving(db) as program:
            for number in range(ROUNDS + 1):
                quiet = {name: loads(program, path) for name, path in pages.items()}
                _set(db, message_id, QUEUED)
                before, start = _wait_until_sending(carrier), time.perf_counter()
                full = {name: loads(program, path) for name, path in pages.items()}
                after, seconds = carrier.answered(), time.perf_counter() - start
                assert _left(db, message_id), "everything was sent before the pages were loaded"
                _set(db, message_id, 0)
                if number:
                    rates.append((after - before) / seconds)
                    for name in pages:
                        idle.setdefault(name, []).append(p95(quiet[name]))
                        busy.setdefault(name, []).append(p95(full[name]))
    db.close()
    return _table(idle, busy, rates)


def _table(idle: dict[str, list[float]], busy: dict[str, list[float]], rates: list[float]) -> str:
    rows, bars = [], []
    for name in idle:
        quiet, full = statistics.median(idle[name]), statistics.median(busy[name])
        rows.append([name, f"{quiet * 1000:.0f} ms", f"{full * 1000:.0f} ms", f"{full / quiet:.2f}"])
        bars += [
            Bar(f"ms at p95 of {name} while sending", full * 1000, 200, at_least=False),
            Bar(f"times the idle p95 of {name}", full / quiet, 3, at_least=False),
        ]
    return report(
        "The interface while sending at full speed",
        f"p95 of {LOADS} loads a turn, {ROUNDS} turns; web and sender are one process on all cores, the sink "
        f"another. The campaign went out at {statistics.median(rates):,.0f} messages/s meanwhile.",
        ["page", "idle", "while sending", "ratio"],
        rows,
        bars,
    )


def loads(program: served.Served, path: str) -> list[float]:
    taken = []
    for _ in range(LOADS):
        time.sleep(PAUSE)
        taken.append(program.seconds(path))
    return taken


def p95(taken: list[float]) -> float:
    return sorted(taken)[len(taken) * 95 // 100]


def _wait_until_sending(carrier: sink.Running) -> int:
    first = carrier.answered()
    end = time.monotonic() + 60
    while (now := carrier.answered()) < first + 500:
        assert time.monotonic() < end, "nothing was sent"
        time.sleep(0.05)
    return now


def _left(db: Database, message_id: int) -> int:
    with db.read() as session:
        query = text("SELECT sum(count) FROM tally WHERE message_id = :id AND state = 'queued'")
        return int(session.execute(query, {"id": message_id}).scalar() or 0)


def _set(db: Database, message_id: int, queued: int) -> None:
    """Queue everything again (with 0: nothing any more), whatever the message came to."""
    state = "queued" if queued else "canceled"
    with db.write() as session:
        values = {"id": message_id, "state": state, "n": QUEUED}
        for statement in (
            "UPDATE delivery SET state = :state, attempts = 0, attempt_id = NULL WHERE message_id = :id",
            "DELETE FROM tally WHERE message_id = :id",
            "INSERT INTO tally (message_id, state, code, count) VALUES (:id, :state, '', :n)",
            "UPDATE message SET state = 'sending' WHERE id = :id",
            "UPDATE campaign SET status = 'running' "
            "WHERE id = (SELECT campaign_id FROM message WHERE id = :id)",
        ):
            session.execute(text(statement), values)
