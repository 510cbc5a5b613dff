"""Retention: what people wrote and carriers' raw receipts go after a time that the workspace chooses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from domain.access import Actor, Role
from domain.problems import Problem
from storage import audit, choices
from storage.database import Database
from storage.tables import Answer, Conversation, Delivery, Inbound, ReceiptInbox, Revocation, ShortLink

NAME = "retention"
SHORTEST, LONGEST = 30, 3_650
CHUNK = 5_000
"""Rows in one transaction, so that nobody waits for the broom."""

BROOM = Actor(0, "Retention", Role.ADMIN)
"""As whom the audit remembers what went by itself."""


class RetentionOutOfRange(Problem):
    """Choose between 30 and 3,650 days."""


@dataclass(frozen=True, slots=True)
class Retention:
    """After how many days texts of people, and raw receipts, are removed."""

    texts_days: int = 395  # 13 months
    receipts_days: int = 90


def chosen(db: Database) -> Retention:
    """What holds now."""
    with db.read() as session:
        return _chosen(session)


def choose(db: Database, actor: Actor, retention: Retention, now: datetime) -> None:
    """Keep things for so long; raises `RetentionOutOfRange`."""
    for days in (retention.texts_days, retention.receipts_days):
        if not SHORTEST <= days <= LONGEST:
            raise RetentionOutOfRange
    value = {"texts_days": retention.texts_days, "receipts_days": retention.receipts_days}
    choices.choose(db, actor, NAME, value, now)


def sweep(db: Database, now: datetime) -> None:
    """Remove what is too old, in chunks; what was removed is in the audit, as counts."""
    keep = chosen(db)
    texts, receipts = now - timedelta(days=keep.texts_days), now - timedelta(days=keep.receipts_days)
    counts = {
        "receipts": _sweep(db, ReceiptInbox, col(ReceiptInbox.received_at) < receipts, None),
        "replies": _sweep(db, Inbound, _has_text(Inbound, "received_at", texts), {"text": ""}),
        "answers": _sweep(db, Answer, _has_text(Answer, "created_at", texts), {"text": ""}),
        "wishes": _sweep(db, Revocation, _has_text(Revocation, "received_at", texts), {"text": ""}),
    }
    last = (col(Conversation.last_at) < texts) & (col(Conversation.last_text) != "")
    _sweep(db, Conversation, last, {"last_text": ""})
    own = (col(Delivery.sent_at) < texts) & col(Delivery.text).is_not(None)
    counts["messages"] = _sweep(db, Delivery, own, {"text": None})
    counts["links"] = _sweep_links(db, texts)
    if any(counts.values()):
        with db.write() as session:
            audit.record(session, BROOM, now, "remove by age", "workspace", 0, after=counts)


def _chosen(session: Session) -> Retention:
    value = choices.chosen(session, NAME)
    usual = Retention()
    return Retention(
        int(value.get("texts_days", usual.texts_days)), int(value.get("receipts_days", usual.receipts_days))
    )


def _has_text(table: Any, time: str, before: datetime) -> Any:
    return (col(getattr(table, time)) < before) & (col(table.text) != "")


def _sweep(db: Database, table: Any, old: Any, blank: Mapping[str, str | None] | None) -> int:
    """Blank or delete what is old; returns how many rows. Found by reading, so that writes are short."""
    count = 0
    while ids := _ids(db, table, old):
        statement = delete(table) if blank is None else update(table).values(**blank)
        with db.write() as session:
            session.execute(
                statement.where(col(table.id).in_(ids)).execution_options(synchronize_session=False)
            )
        count += len(ids)
    return count


def _sweep_links(db: Database, before: datetime) -> int:
    """Delete short links with somebody's own words in them, with which they then lead nowhere."""
    sent = func.coalesce(col(Delivery.sent_at), col(Delivery.expires_at))
    old = (
        select(col(ShortLink.code))
        .join(Delivery, col(Delivery.id) == col(ShortLink.delivery_id))
        .where(col(ShortLink.target).is_not(None), sent < before)
        .limit(CHUNK)
    )
    count = 0
    while True:
        with db.read() as session:
            codes = session.scalars(old).all()
        if not codes:
            return count
        with db.write() as session:
            session.execute(
                delete(ShortLink)
                .where(col(ShortLink.code).in_(codes))
                .execution_options(synchronize_session=False)
            )
        count += len(codes)


def _ids(db: Database, table: Any, old: Any) -> list[int]:
    with db.read() as session:
        found: Iterable[int] = session.scalars(
            select(col(table.id)).where(old).order_by(col(table.id)).limit(CHUNK)
        )
        return list(found)
