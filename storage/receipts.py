"""Receipts: kept in the inbox as they came, then applied up the ladder, never down."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
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
    by_key: dict[tuple[int, str], Arrived] = {}
    for receipt in receipts:
        by_key.setdefault((receipt.account_id, receipt.dedupe_key), receipt)
    if not by_key:
        return 0
    with db.write() as session:
        named = _look(session, by_key.values())
        fresh = _keep(session, by_key, named, now)
        _raise(session, fresh.values(), named, now)
        mark_applied(session, _apply_to_answers(session, fresh, now), now)
    return len(fresh)


def apply(session: Session, receipts: Mapping[int, Arrived], now: datetime) -> list[int]:
    """Apply receipts of the inbox, by their ids there; the ids of those that found their delivery."""
    named = _look(session, receipts.values())
    _raise(session, receipts.values(), named, now)
    return [row_id for row_id, receipt in receipts.items() if named.of(receipt)]


class _Named(NamedTuple):
    """The deliveries that receipts name, locked, and the attempts that others took the place of."""

    deliveries: dict[int, dict[str, Any]]
    late: set[str]

    def of(self, receipt: Arrived) -> dict[str, Any] | None:
        """The delivery, where the receipt's account has made the attempt it names."""
        delivery = self.deliveries.get(_delivery_id(receipt.attempt_id) or 0)
        if delivery is None or receipt.account_id != delivery["account_id"]:
            return None
        known = receipt.attempt_id == delivery["attempt_id"] or receipt.attempt_id in self.late
        return delivery if known else None


def _look(session: Session, receipts: Collection[Arrived]) -> _Named:
    wanted = sorted({number for receipt in receipts if (number := _delivery_id(receipt.attempt_id))})
    found = _NAMED.rows(session.connection(), {"ids": wanted}) if wanted else ()
    deliveries = {row.id: _read(row._asdict()) for row in found}
    return _Named(deliveries, _replaced(session, receipts, deliveries))


def _keep(
    session: Session, by_key: Mapping[tuple[int, str], Arrived], named: _Named, now: datetime
) -> dict[int, Arrived]:
    """Insert what is new, as applied where it will be; the new ids with their receipts, as they came."""
    rows = [(*receipt, now, now if named.of(receipt) else None) for _, receipt in sorted(by_key.items())]
    ids = {(account_id, key): row_id for row_id, account_id, key in _KEEP.run(session.connection(), rows)}
    return {ids[one]: receipt for one, receipt in by_key.items() if one in ids}


def _raise(session: Session, receipts: Iterable[Arrived], named: _Named, now: datetime) -> None:
    """Raise the deliveries to what the receipts say of them."""
    touched: dict[int, dict[str, Any]] = {}
    changes: Changes = Counter()
    refusals: list[Refusal] = []
    for receipt in receipts:
        delivery = named.of(receipt)
        if delivery is None:
            continue
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


def _apply_to_answers(session: Session, fresh: Mapping[int, Arrived], now: datetime) -> list[int]:
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


def _replaced(
    session: Session, receipts: Iterable[Arrived], deliveries: Mapping[int, Mapping[str, Any]]
) -> set[str]:
    """The attempts among the receipts' that another one took the place of; hardly ever any."""
    others = {
        r.attempt_id
        for r in receipts
        if (row := deliveries.get(_delivery_id(r.attempt_id) or 0)) and r.attempt_id != row["attempt_id"]
    }
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
_KEEP = Insert(_inbox, (*Arrived._fields, "received_at", "applied_at"), ("id", "account_id", "dedupe_key"))
_RAISE = Rewrite(_delivery, *_CHANGED)
_MARK = Prepared(
    update(_inbox).where(Among(_inbox.c.id, "ids")).values(applied_at=bindparam("now", type_=UtcDateTime()))
)
