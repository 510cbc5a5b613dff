"""Planning, claiming and recording outcomes, in rows a second, against a plain executemany."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from bench import dispatch
from bench.measure import Turn, Turns, in_turns, report, timed
from bench.workspaces import in_postgres, seeded
from domain.outcomes import Outcome, Proof
from storage import audiences, deliveries
from storage.database import Database
from storage.deliveries import Claimed, Settled
from storage.tables import Message

PEOPLE = 20_000
BATCH = 128
"""What one claim takes at most, and so what one commit of outcomes is about."""


def run() -> str:
    """Measure on both databases, and give the table."""
    rows = []
    for name, db in (("SQLite", seeded("rows")), ("PostgreSQL", in_postgres("rows"))):
        turns = _measured(db)
        db.close()
        for what, baseline in _COMPARED.items():
            ours, plain = turns.rate(what), turns.rate(baseline)
            rows.append([name, what, f"{ours:,.0f}", f"{plain:,.0f}", f"{ours / plain:.2f}"])
    return report(
        f"Rows a second: planning, claims and outcomes of {PEOPLE:,} deliveries",
        f"Baseline: a plain executemany of the same rows: in chunks of {audiences.CHUNK:,} for planning, in "
        f"batches of {BATCH} with a commit each for claims and outcomes.",
        ["database", "what", "rows/s", "baseline", "ratio"],
        rows,
    )


_COMPARED = {
    "planning": "plain INSERT",
    "claims": "plain UPDATE of claims",
    "outcomes": "plain UPDATE of outcomes",
}


def _measured(db: Database) -> Turns:
    _db, message_id, _line_id = dispatch.prepared(db, "http://127.0.0.1:1", PEOPLE)
    state: list[Claimed] = []
    kinds: dict[str, Callable[[], Turn]] = {
        "plain INSERT": lambda: _plain_insert(db),
        "plain UPDATE of claims": lambda: _plain_update(db, "state = 'sending', attempt_id = :a"),
        "plain UPDATE of outcomes": lambda: _plain_update(db, "state = 'sent', carrier_message_id = :a"),
        "planning": lambda: _plan(db, message_id),
        "claims": lambda: _claim(db, message_id, state),
        "outcomes": lambda: _settle(db, state),
    }
    return in_turns(kinds)


def _plan(db: Database, message_id: int) -> Turn:
    with db.write() as session:
        session.execute(text("DELETE FROM delivery WHERE message_id = :id"), {"id": message_id})
        session.execute(text("DELETE FROM tally WHERE message_id = :id"), {"id": message_id})
        message = session.get_one(Message, message_id)
        message.state, message.plan_cursor = type(message.state).PLANNING, 0
    with timed(PEOPLE) as turn:
        while audiences.plan_chunk(db, message_id, datetime.now(UTC)):
            pass
    return turn


def _claim(db: Database, message_id: int, state: list[Claimed]) -> Turn:
    dispatch.requeue(db, message_id, PEOPLE)
    state.clear()
    with timed(PEOPLE) as turn:
        while claimed := deliveries.claim(db, message_id, BATCH, 1, datetime.now(UTC), "0123456789abcdef"):
            state += claimed
    assert len(state) == PEOPLE
    return turn


def _settle(db: Database, state: list[Claimed]) -> Turn:
    now = datetime.now(UTC)
    results = [Settled(one.id, one.attempt_id, Outcome(Proof.ACCEPTED, f"m-{one.id}"), now) for one in state]
    with timed(PEOPLE) as turn:
        for start in range(0, PEOPLE, BATCH):
            deliveries.settle(db, results[start : start + BATCH], now)
    return turn


def _plain_insert(db: Database) -> Turn:
    now = datetime.now(UTC)
    stored = f"{now:%Y-%m-%d %H:%M:%S.%f}" if db.is_sqlite else now
    row = {"message": 1, "state": "queued", "due": stored, "phone": "+12125550100"}
    insert = text(
        "INSERT INTO plain (message_id, contact_id, phone, state, due_at, expires_at) "
        "VALUES (:message, :contact, :phone, :state, :due, :due)"
    )
    _plain_table(db)
    with timed(PEOPLE) as turn:
        for start in range(1, PEOPLE + 1, audiences.CHUNK):
            chunk = range(start, min(PEOPLE + 1, start + audiences.CHUNK))
            with db.write() as session:
                session.connection().execute(insert, [{**row, "contact": number} for number in chunk])
    return turn


def _plain_update(db: Database, values: str) -> Turn:
    update = text(f"UPDATE plain SET {values} WHERE contact_id = :id")
    with timed(PEOPLE) as turn:
        for start in range(1, PEOPLE + 1, BATCH):
            batch = [{"id": number, "a": f"m-{number}"} for number in range(start, start + BATCH)]
            with db.write() as session:
                session.connection().execute(update, batch)
    return turn


def _plain_table(db: Database) -> None:
    """A ledger with nothing but its key: no index, no foreign key."""
    with db.write() as session:
        connection: Connection = session.connection()
        connection.execute(text("DROP TABLE IF EXISTS plain"))
        connection.execute(
            text(
                "CREATE TABLE plain (contact_id INTEGER PRIMARY KEY, message_id INTEGER, phone VARCHAR, "
                "state VARCHAR, due_at TIMESTAMP, expires_at TIMESTAMP, attempt_id VARCHAR, "
                "carrier_message_id VARCHAR)"
            )
        )
