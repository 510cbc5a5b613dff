"""Receipts that found no delivery at first, and deliveries whose receipt never came."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlmodel import Session, col

from domain.deliveries import RECEIPT_WITHIN, State
from storage.columns import UtcDateTime
from storage.database import Database
from storage.receipts import Arrived, apply, mark_applied
from storage.tables import Campaign, Delivery, Line, Message, ReceiptInbox, Tally
from storage.tallies import Changes, shift

CHUNK = 5_000
"""Deliveries given up in one transaction."""

STRAYS_OF = 10 * RECEIPT_WITHIN
"""So far back receipts are counted that fit nothing."""

NO_RECEIPT = "The carrier never said what became of it."


def match(db: Database, now: datetime, limit: int = 500) -> int:
    """Apply receipts that name a message only by the carrier's own id, once that id is known to us.

    They are tried until they are 72 h old. Returns how many found their delivery.
    """
    with db.read() as session:
        if not _open(session, now, 1):
            return 0
    with db.write() as session:
        receipts = {row.id or 0: row for row in _open(session, now, limit)}
        attempts = _attempts(session, receipts.values(), now)
        named = {
            row_id: _arrived(row)._replace(attempt_id=attempts[row.account_id, row.carrier_message_id or ""])
            for row_id, row in receipts.items()
            if (row.account_id, row.carrier_message_id) in attempts
        }
        applied = apply(session, named, now)
        mark_applied(session, applied, now)
    return len(applied)


def strays(db: Database, now: datetime) -> Counter[int]:
    """Receipts of the last month that nobody could place within 72 h, by carrier account."""
    with db.read() as session:
        return count_strays(session, now)


def count_strays(session: Session, now: datetime) -> Counter[int]:
    """The same inside a transaction."""
    query = (
        select(col(ReceiptInbox.account_id), func.count())
        .where(
            col(ReceiptInbox.applied_at).is_(None),
            col(ReceiptInbox.received_at) <= now - RECEIPT_WITHIN,
            col(ReceiptInbox.received_at) > now - STRAYS_OF,
        )
        .group_by(col(ReceiptInbox.account_id))
    )
    found: Counter[int] = Counter()
    for account_id, count in session.execute(query):
        found[account_id] = count
    return found


def give_up(db: Database, now: datetime) -> int:
    """Move what was accepted 72 h ago and has no final receipt to a bucket of its own; returns how many."""
    before = now - RECEIPT_WITHIN
    with db.read() as session:
        messages = session.scalars(_waiting(before)).all()
    found = 0
    for message_id in messages:
        with db.write() as session:
            rows = session.execute(_GIVE_UP, {"message": message_id, "before": before, "k": CHUNK}).all()
            changes: Changes = Counter()
            for row in rows:
                changes[message_id, State.SENT, row.code] -= 1
                changes[message_id, State.NO_RECEIPT, row.code] += 1
            shift(session, changes)
        found += len(rows)
    return found


def _open(session: Session, now: datetime, limit: int) -> Sequence[ReceiptInbox]:
    query = (
        select(ReceiptInbox)
        .where(
            col(ReceiptInbox.applied_at).is_(None),
            col(ReceiptInbox.received_at) > now - RECEIPT_WITHIN,
            col(ReceiptInbox.carrier_message_id).is_not(None),
        )
        .order_by(col(ReceiptInbox.received_at), col(ReceiptInbox.id))
        .limit(limit)
    )
    return session.scalars(query).all()


def _attempts(session: Session, receipts: Any, now: datetime) -> dict[tuple[int, str], str]:
    """The attempts that the carriers know by these ids, by account and id.

    Found by message and state, which keeps the ledger free of an index that every send would pay for.
    """
    ids = {row.carrier_message_id for row in receipts}
    accounts = {row.account_id for row in receipts}
    if not ids:
        return {}
    counted = select(col(Tally.message_id)).where(
        col(Tally.message_id) == col(Message.id), col(Tally.state).in_(_MAY_CHANGE), col(Tally.count) > 0
    )
    lately = [
        tuple(row)
        for row in session.execute(
            select(col(Message.id), col(Line.account_id))
            .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
            .join(Line, col(Line.id) == col(Campaign.line_id))
            .where(col(Line.account_id).in_(accounts), counted.exists(), _lately(now))
        )
    ]
    account_of: dict[int, int] = dict(lately)
    query = select(_delivery.c.message_id, _delivery.c.carrier_message_id, _delivery.c.attempt_id).where(
        _delivery.c.message_id.in_(account_of),
        _delivery.c.state.in_(_MAY_CHANGE),
        _delivery.c.carrier_message_id.in_(ids),
        _delivery.c.attempt_id.is_not(None),
    )
    return {(account_of[row[0]], row[1]): row[2] for row in session.execute(query)}


def _lately(now: datetime) -> ColumnElement[bool]:
    """Messages that may still get receipts: going on, or ended within 72 h."""
    ended = col(Message.finished_at)
    return col(Message.began_at).is_not(None) & (ended.is_(None) | (ended > now - RECEIPT_WITHIN))


def _arrived(row: ReceiptInbox) -> Arrived:
    return Arrived(
        row.account_id, row.dedupe_key, row.attempt_id, row.carrier_message_id, row.state, row.code, row.body
    )


def _waiting(before: datetime) -> Any:
    return (
        select(col(Message.id))
        .join(Tally, col(Tally.message_id) == col(Message.id))
        .where(col(Tally.state) == State.SENT, col(Tally.count) > 0, col(Message.began_at) <= before)
        .distinct()
    )


_MAY_CHANGE = (State.SENT, State.NO_RECEIPT, State.UNDELIVERED, State.FAILED)
_delivery = Delivery.__table__  # type: ignore[attr-defined]
_old = (
    select(_delivery.c.id)
    .where(
        _delivery.c.message_id == bindparam("message"),
        _delivery.c.state == State.SENT,
        _delivery.c.sent_at <= bindparam("before", type_=UtcDateTime()),
    )
    .order_by(_delivery.c.id)
    .limit(bindparam("k"))
    .with_for_update()
    .cte("old")
)
_GIVE_UP = (
    update(_delivery)
    .where(_delivery.c.id.in_(select(_old.c.id)), _delivery.c.state == State.SENT)
    .values(state=State.NO_RECEIPT.value, reason=NO_RECEIPT)
    .returning(_delivery.c.code)
    .execution_options(synchronize_session=False)
)
