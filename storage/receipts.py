"""Receipts: kept in the inbox as they came, then applied up the ladder, never down."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from domain.deliveries import FINAL, State, may_replace, may_replace_late
from storage import answers, events
from storage.columns import UtcDateTime
from storage.consequences import Refusal, follow
from storage.database import Database
from storage.prepared import Among, Insert, Prepared, Rewrite, instant
from storage.tables import Campaign, CarrierAccount, Delivery, DoubtfulAttempt, Line, Message, ReceiptInbox
from storage.tallies import Changes, shift


class Arrived(NamedTuple):
    """A verified receipt as a webhook took it in."""

    account_id: int
    dedupe_key: str
    attempt_id: str | None
    carrier_message_id: str | None
    state: State
    code: str
    body: str


def take(db: Database, receipts: Sequence[Arrived], now: datetime) -> int:
    """Keep the receipts and apply what they say, all in one commit; returns how many were new.

    A receipt seen before changes nothing; one for an attempt we don't know (yet), or for another
    account's, stays in the inbox.
    """
    with db.write() as session:
        fresh = _keep(session, receipts, now)
        applied = apply(session, fresh, now) + _apply_to_answers(session, fresh, now)
        mark_applied(session, applied, now)
    return len(fresh)


def _keep(session: Session, receipts: Sequence[Arrived], now: datetime) -> dict[int, Arrived]:
    """Insert what is new; the ids of the new rows with their receipts, in the order of arrival."""
    by_key: dict[tuple[int, str], Arrived] = {}
    for receipt in receipts:
        by_key.setdefault((receipt.account_id, receipt.dedupe_key), receipt)
    if not by_key:
        return {}
    rows = [(*by_key[one], now) for one in sorted(by_key)]
    new = _KEEP.run(session.connection(), rows)
    ids = {(account_id, key): row_id for row_id, account_id, key in new}
    return {ids[one]: receipt for one, receipt in by_key.items() if one in ids}


def apply(session: Session, fresh: dict[int, Arrived], now: datetime) -> list[int]:
    """Raise the deliveries that the receipts name; the ids of the receipts that found theirs."""
    numbers = {row_id: _delivery_id(receipt.attempt_id) for row_id, receipt in fresh.items()}
    wanted = sorted({number for number in numbers.values() if number})
    found = _NAMED.rows(session.connection(), {"ids": wanted}) if wanted else ()
    deliveries = {row.id: _read(row._asdict()) for row in found}
    late = _replaced(session, [(r, deliveries.get(numbers[i] or 0)) for i, r in fresh.items()])
    applied: list[int] = []
    touched: dict[int, dict[str, Any]] = {}
    changes: Changes = Counter()
    refusals: list[Refusal] = []
    for row_id, receipt in fresh.items():
        delivery = deliveries.get(numbers[row_id] or 0)
        if delivery is None or not _is_ours(delivery, receipt, late):
            continue
        applied.append(row_id)
        is_late = delivery["attempt_id"] != receipt.attempt_id
        if is_late and not may_replace_late(delivery["state"], receipt.state):
            continue
        touched[delivery["id"]] = delivery
        delivery["carrier_message_id"] = delivery["carrier_message_id"] or receipt.carrier_message_id
        if not may_replace(delivery["state"], receipt.state):
            continue
        changes[delivery["message_id"], delivery["state"], delivery["code"]] -= 1
        delivery["state"], delivery["code"], delivery["reason"] = receipt.state, receipt.code, None
        delivery["sent_at"] = delivery["sent_at"] or now
        delivery["finished_at"] = now if receipt.state in FINAL else None
        changes[delivery["message_id"], delivery["state"], delivery["code"]] += 1
        if receipt.state in (State.UNDELIVERED, State.FAILED):
            refusals.append(Refusal(delivery["phone"], delivery["line_id"], delivery["kind"], receipt.code))
    _RAISE.run(session.connection(), list(touched.values()))
    shift(session, changes)
    events.finished(session, [row for row in touched.values() if row["finished_at"] == now], now)
    follow(session, refusals, now)
    return applied


def _apply_to_answers(session: Session, fresh: dict[int, Arrived], now: datetime) -> list[int]:
    """The same for answers in conversations, which are few."""
    return [
        row_id
        for row_id, receipt in fresh.items()
        if (attempt := receipt.attempt_id or "").startswith(answers.PREFIX)
        and answers.raise_to(session, attempt, receipt.account_id, receipt.state, receipt.code, now)
    ]


def _read(row: dict[str, Any]) -> dict[str, Any]:
    """A delivery with our own values in place of the driver's."""
    times = {name: row[name] and instant(row[name]) for name in ("sent_at", "finished_at")}
    return {**row, **times, "state": State(row["state"])}


def _is_ours(delivery: Mapping[str, Any], receipt: Arrived, late: Container[str]) -> bool:
    known = receipt.attempt_id == delivery["attempt_id"] or receipt.attempt_id in late
    return bool(known and receipt.account_id == delivery["account_id"])


def _replaced(session: Session, pairs: Iterable[tuple[Arrived, Mapping[str, Any] | None]]) -> set[str]:
    """The attempts among the receipts' that another one took the place of; hardly ever any."""
    others = {r.attempt_id for r, row in pairs if row is not None and r.attempt_id != row["attempt_id"]}
    if not others:
        return set()
    query = select(col(DoubtfulAttempt.attempt_id)).where(col(DoubtfulAttempt.attempt_id).in_(others))
    return set(session.scalars(query))


def mark_applied(session: Session, applied: list[int], now: datetime) -> None:
    """Note that these receipts of the inbox are done with."""
    if applied:
        _MARK.each(session.connection(), [{"ids": applied, "now": now}])


def _delivery_id(attempt_id: str | None) -> int | None:
    """An attempt id begins with its delivery's id, so no index on attempts is needed."""
    number = (attempt_id or "").partition("-")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None


_inbox = ReceiptInbox.__table__  # type: ignore[attr-defined]
_delivery = Delivery.__table__  # type: ignore[attr-defined]
_CHANGED = ("state", "code", "reason", "carrier_message_id", "sent_at", "finished_at")
_NAMED = Prepared(
    select(
        _delivery.c.id,
        _delivery.c.message_id,
        _delivery.c.attempt_id,
        *(_delivery.c[name] for name in _CHANGED),
        _delivery.c.phone,
        col(Line.id).label("line_id"),
        col(Line.account_id),
        col(CarrierAccount.kind),
    )
    .join_from(_delivery, Message, col(Message.id) == _delivery.c.message_id)
    .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
    .join(Line, col(Line.id) == col(Campaign.line_id))
    .join(CarrierAccount, col(CarrierAccount.id) == col(Line.account_id))
    .where(Among(_delivery.c.id, "ids"))
    .order_by(_delivery.c.id)
    .with_for_update(of=_delivery)
)
_KEEP = Insert(_inbox, (*Arrived._fields, "received_at"), ("id", "account_id", "dedupe_key"))
_RAISE = Rewrite(_delivery, *_CHANGED)
_MARK = Prepared(
    update(_inbox).where(Among(_inbox.c.id, "ids")).values(applied_at=bindparam("now", type_=UtcDateTime()))
)
