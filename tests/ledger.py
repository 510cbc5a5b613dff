"""Acting on the ledger as the sender does, beat by beat, with a clock that the test turns."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from domain.access import Actor
from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from storage import audiences, campaigns, deliveries, messages
from storage.database import Database
from storage.deliveries import Claimed, Settled
from storage.receipts import Arrived
from storage.tables import AuditEntry, CarrierAccount, Delivery, Line, Message
from storage.tallies import of_messages, recount
from tests import arrange

ACCEPTED = Outcome(Proof.ACCEPTED, "carrier-1")
ALL = 10_000


def beat(db: Database, now: datetime, size: int = audiences.CHUNK) -> None:
    """All that one tick does, to the end."""
    audiences.begin_due(db, now)
    for message_id in audiences.unplanned(db):
        while audiences.plan_chunk(db, message_id, now, size):
            pass
    audiences.finish(db, now)
    while audiences.cancel_rest(db, now, size):
        pass


def started(db: Database, actor: Actor, now: datetime, phones: Sequence[str], **more: object) -> int:
    """A running campaign whose first message is planned; it began at the full minute after `now`."""
    line_id = more.pop("line_id", None) or arrange.line(db, now)
    list_id = arrange.contact_list(db, actor, now, phones, str(more.pop("list_name", "Spring leads")))
    campaign_id = arrange.draft(db, actor, now, line_id, list_id, **more)  # type: ignore[arg-type]
    campaigns.schedule(db, actor, campaign_id, now)
    beat(db, start_of(now))
    return campaign_id


def start_of(now: datetime) -> datetime:
    """When the first message of `arrange.draft` begins."""
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def message_ids(db: Database, campaign_id: int) -> list[int]:
    return [message.id or 0 for message in messages.of_campaign(db, campaign_id)]


def claim(db: Database, message_id: int, now: datetime, limit: int = ALL, segments: int = 1) -> list[Claimed]:
    return deliveries.claim(db, message_id, limit, segments, now, secrets.token_hex(8))


def settle(
    db: Database,
    claimed: Iterable[Claimed],
    now: datetime,
    outcome: Outcome = ACCEPTED,
    retry_after: timedelta = timedelta(seconds=4),
) -> None:
    deliveries.settle(db, [Settled(c.id, c.attempt_id, outcome, now + retry_after) for c in claimed], now)


def send(db: Database, message_id: int, now: datetime, limit: int = ALL) -> list[Claimed]:
    """Claim and have accepted."""
    claimed = claim(db, message_id, now, limit)
    settle(db, claimed, now)
    return claimed


def receipt(
    db: Database,
    claimed: Claimed,
    state: State = State.DELIVERED,
    key: str = "",
    code: str = "",
    account_id: int | None = None,
) -> Arrived:
    """A receipt for an attempt, from the account of the line that it was sent on."""
    if account_id is None:
        with db.read() as session:
            query = select(col(CarrierAccount.id)).join(Line).order_by(col(CarrierAccount.id)).limit(1)
            account_id = session.scalars(query).one() or 0
    key = key or f"{claimed.attempt_id}-{state}"
    return Arrived(account_id, key, claimed.attempt_id, f"c-{claimed.id}", state, code, "{}")


def rows(db: Database, message_id: int) -> dict[str, Delivery]:
    """The deliveries of a message by phone number."""
    with db.read() as session:
        query = select(Delivery).where(col(Delivery.message_id) == message_id)
        return {row.phone: row for row in session.scalars(query)}


def states(db: Database, message_id: int) -> dict[str, State]:
    with db.read() as session:
        query = select(col(Delivery.phone), col(Delivery.state)).where(col(Delivery.message_id) == message_id)
        return dict(session.execute(query).all())


def check_tallies(db: Database) -> None:
    """Every message's tally says what a recount says, and no count is below zero, in one snapshot."""
    with db.read() as session:
        if db.engine.dialect.name == "postgresql":  # there each statement else sees a state of its own
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        ids = [number or 0 for number in session.scalars(select(col(Message.id)))]
        kept = of_messages(session, ids)
        for message_id in ids:
            counted = recount(session, message_id)
            assert kept[message_id] == counted, f"message {message_id}: {kept[message_id]} is not {counted}"
            assert all(count > 0 for count in counted.values())


def audit(db: Database) -> list[tuple[str, str, int]]:
    """What the audit remembers, oldest first: (action, kind, id)."""
    with db.read() as session:
        entries = session.scalars(select(AuditEntry).order_by(col(AuditEntry.id)))
        return [(entry.action, entry.kind, entry.object_id) for entry in entries]
