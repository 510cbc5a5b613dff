"""Databases of the sizes that the benchmarks need, made in bulk."""

import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import insert, text

from domain.campaigns import Status
from domain.deliveries import State
from domain.details import ACKNOWLEDGMENT
from domain.messages import MessageState
from domain.names import key
from storage import demo
from storage.database import Database
from storage.schema import upgrade
from storage.tables import Campaign, Delivery, Message, Tally
from tests.postgres import OwnServer

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def seeded(name: str) -> Database:
    """A new SQLite database with the demo's data."""
    folder = Path(tempfile.mkdtemp(prefix=f"bench-{name}-"))
    db = Database(f"sqlite:///{folder / 'sms.db'}")
    upgrade(db)
    demo.seed(db, NOW)
    return db


def in_postgres(name: str) -> Database:
    """The same in a PostgreSQL that a crash loses nothing of: fsync and synchronous_commit are on."""
    db = Database(_postgres().database(f"bench_{name}"))
    upgrade(db)
    demo.seed(db, NOW)
    return db


@cache
def _postgres() -> OwnServer:
    return OwnServer(on_disk=True)


def with_campaigns(count: int) -> Database:
    """The demo's data and `count` campaigns more, with two messages each."""
    db, random = seeded("grid"), Random(1)  # noqa: S311
    words = ("Spring", "Winter", "VIP", "Early", "Sale", "Store", "Opening", "Reminder", "Loyalty", "Café")
    campaigns: list[dict[str, Any]] = []
    for number in range(count):
        name = f"{random.choice(words)} {random.choice(words)} {number}"
        campaigns.append(
            {
                "id": 1000 + number,
                "name": name,
                "name_key": key(name),
                "line_id": 1 + number % 3,
                "list_id": 1 + number % 3,
                "owner_id": 1 + number % 5,
                "created_by_id": 1 + number * 7 % 5,
                "status": random.choice(list(Status)),
                "archived": number % 20 == 0,
                "acknowledged_by_id": 1,
                "acknowledged_at": NOW,
                "acknowledgment": ACKNOWLEDGMENT,
                "start_at": NOW + timedelta(minutes=random.randint(-500_000, 100_000)),
                "message_count": 2,
                "status_since": NOW,
                "created_at": NOW,
            }
        )
    messages = [
        {
            "id": campaign["id"] * 2 + place,
            "campaign_id": campaign["id"],
            "position": place + 1,
            "text": "Hello",
            "state": MessageState.SCHEDULED,
            "begins_at": NOW + timedelta(days=1),
            "created_at": NOW,
        }
        for campaign in campaigns
        for place in (0, 1)
    ]
    with db.write() as session:
        session.connection().execute(insert(Campaign), campaigns)
        session.connection().execute(insert(Message), messages)
        session.connection().execute(text("ANALYZE"))
    return db


def with_deliveries(sizes: tuple[int, ...]) -> tuple[Database, dict[int, int]]:
    """The demo's data and one completed campaign for each size; returns the campaigns' ids by size."""
    db = seeded("results")
    ids = {}
    for place, size in enumerate(sizes):
        ids[size] = campaign_id = 5000 + place
        with db.write() as session:
            session.add(completed(campaign_id, size))
            session.flush()
            session.add(sent_message(campaign_id))
            session.flush()
            for start in range(0, size, 10_000):
                rows = [delivery(campaign_id, n) for n in range(start, min(size, start + 10_000))]
                session.connection().execute(insert(Delivery), rows)
            for state, count in _counts(size).items():
                session.add(Tally(message_id=campaign_id, state=state, code="", count=count))
    return db, ids


def completed(campaign_id: int, size: int) -> Campaign:
    """A campaign that went to so many."""
    name = f"Campaign to {size}"
    return Campaign(
        id=campaign_id, name=name, name_key=key(name), line_id=1, list_id=1, owner_id=1, created_by_id=1,
        status=Status.COMPLETED, acknowledged_by_id=1, acknowledged_at=NOW, acknowledgment=ACKNOWLEDGMENT,
        start_at=NOW, message_count=1, audience_size=size, audience_fixed_at=NOW, started_at=NOW,
        completed_at=NOW, status_since=NOW, created_at=NOW,
    )  # fmt: skip


def sent_message(campaign_id: int) -> Message:
    """Its only message, with the same id."""
    return Message(
        id=campaign_id, campaign_id=campaign_id, position=1, text="Hello", state=MessageState.DONE,
        local_date="2026-11-23", local_time="12:00", send_at=NOW, begins_at=NOW, began_at=NOW,
        finished_at=NOW, created_at=NOW,
    )  # fmt: skip


_EVERY = (State.FAILED, State.UNDELIVERED, *(State.DELIVERED,) * 18)


def _counts(size: int) -> dict[State, int]:
    counts: dict[State, int] = {}
    for place, state in enumerate(_EVERY):
        counts[state] = counts.get(state, 0) + len(range(place, size, len(_EVERY)))
    return {state: count for state, count in counts.items() if count}


def delivery(message_id: int, number: int) -> dict[str, object]:
    """The row of one of them: most were delivered."""
    return {
        "message_id": message_id,
        "contact_id": number + 1,
        "phone": f"+1212{number:07d}",
        "state": _EVERY[number % len(_EVERY)],
        "due_at": NOW,
        "expires_at": NOW + timedelta(days=1),
        "code": "",
        "attempts": 1,
        "sent_at": NOW,
        "finished_at": NOW,
    }
