"""Receipts: kept in the inbox as they came, then applied up the ladder, never down."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, text, update
from sqlmodel import Session, col

from domain.deliveries import FINAL, State, may_replace
from storage.columns import UtcDateTime
from storage.database import Database
from storage.tables import CarrierAccount, Delivery, ReceiptInbox
from storage.tallies import Changes, shift


@dataclass(frozen=True, slots=True)
class Arrived:
    """A verified receipt as a webhook took it in."""

    account_id: int
    dedupe_key: str
    attempt_id: str | None
    carrier_message_id: str | None
    state: State
    code: str
    body: str


def account_of_token(db: Database, kind: str, token: str) -> CarrierAccount | None:
    """The carrier account whose webhook path holds `token`."""
    query = select(CarrierAccount).where(col(CarrierAccount.kind) == kind, col(CarrierAccount.token) == token)
    with db.read() as session:
        return session.scalars(query).one_or_none()


def take(db: Database, receipts: Sequence[Arrived], now: datetime) -> int:
    """Keep the receipts and apply what they say, all in one commit; returns how many were new.

    A receipt seen before changes nothing; one for an attempt we don't know (yet) stays in the inbox.
    """
    with db.write() as session:
        fresh = _keep(session, receipts, now)
        applied = _apply(session, fresh, now)
        _mark_applied(session, applied, now)
    return len(fresh)


def _keep(session: Session, receipts: Sequence[Arrived], now: datetime) -> dict[int, Arrived]:
    """Insert what is new; the ids of the new rows with their receipts."""
    by_key = {(receipt.account_id, receipt.dedupe_key): receipt for receipt in receipts}
    fresh = {}
    for receipt in by_key.values():
        row_id = session.execute(
            _INSERT,
            {
                "account_id": receipt.account_id,
                "dedupe_key": receipt.dedupe_key,
                "attempt_id": receipt.attempt_id,
                "carrier_message_id": receipt.carrier_message_id,
                "state": str(receipt.state),
                "code": receipt.code,
                "body": receipt.body,
                "received_at": now,
            },
        ).scalar()
        if row_id is not None:
            fresh[int(row_id)] = receipt
    return fresh


def _apply(session: Session, fresh: dict[int, Arrived], now: datetime) -> list[int]:
    """Raise the deliveries that the receipts name; the ids of the receipts that found theirs."""
    wanted = {
        row_id: number for row_id, receipt in fresh.items() if (number := _delivery_id(receipt.attempt_id))
    }
    query = (
        select(Delivery)
        .where(col(Delivery.id).in_(sorted(set(wanted.values()))))
        .order_by(col(Delivery.id))
        .with_for_update()
    )
    deliveries = {row.id: row for row in session.scalars(query)}
    applied: list[int] = []
    changes: Changes = Counter()
    for row_id, number in wanted.items():
        delivery, receipt = deliveries.get(number), fresh[row_id]
        if delivery is None or delivery.attempt_id != receipt.attempt_id:
            continue
        applied.append(row_id)
        delivery.carrier_message_id = delivery.carrier_message_id or receipt.carrier_message_id
        if not may_replace(delivery.state, receipt.state):
            continue
        changes[delivery.message_id, delivery.state, delivery.code] -= 1
        delivery.state, delivery.code, delivery.reason = receipt.state, receipt.code, None
        delivery.sent_at = delivery.sent_at or now
        delivery.finished_at = now if receipt.state in FINAL else None
        changes[delivery.message_id, delivery.state, delivery.code] += 1
    session.flush()
    shift(session, changes)
    return applied


def _mark_applied(session: Session, applied: list[int], now: datetime) -> None:
    if applied:
        session.execute(
            update(ReceiptInbox)
            .where(col(ReceiptInbox.id).in_(applied))
            .values(applied_at=now)
            .execution_options(synchronize_session=False)
        )


def _delivery_id(attempt_id: str | None) -> int | None:
    """An attempt id begins with its delivery's id, so no index on attempts is needed."""
    number = (attempt_id or "").partition("-")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None


_INSERT = text(
    "INSERT INTO receipt_inbox (account_id, dedupe_key, attempt_id, carrier_message_id, state, code, body, "
    "received_at) VALUES (:account_id, :dedupe_key, :attempt_id, :carrier_message_id, :state, :code, :body, "
    ":received_at) ON CONFLICT (account_id, dedupe_key) DO NOTHING RETURNING id"
).bindparams(bindparam("received_at", type_=UtcDateTime()))
