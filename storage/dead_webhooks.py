"""Outgoing webhooks that answer no more: switched off by themselves, so that nothing piles up for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlmodel import Session, col

from domain import outgoing_webhooks as rules
from domain.access import NOBODY
from domain.outgoing_webhooks import CallState
from storage import audit
from storage.database import Database
from storage.tables import OutgoingWebhook, WebhookCall

ENDED = "Not called any more: the address was switched off."


@dataclass(frozen=True, slots=True)
class Dead:
    """An address that was switched off, and why."""

    id: int
    host: str
    why: str


def dead(db: Database) -> tuple[Dead, ...]:
    """Those that wait for somebody to switch them on again, or to remove them."""
    query = select(OutgoingWebhook).where(col(OutgoingWebhook.off_at).is_not(None))
    with db.read() as session:
        rows = session.scalars(query.order_by(col(OutgoingWebhook.id)))
        return tuple(Dead(row.id or 0, urlsplit(row.url).hostname or row.url, row.off_why) for row in rows)


def note(session: Session, webhook_id: int, delivered: Sequence[bool], now: datetime) -> bool:
    """Remember what came of some calls to an address; whether it was switched off for it."""
    row = session.get(OutgoingWebhook, webhook_id, with_for_update=True)
    if row is None or not row.active:
        return False
    if any(delivered):
        row.failing_since, row.failed_tries = None, 0
        return False
    row.failing_since = row.failing_since or now
    row.failed_tries += len(delivered)
    many = _more_wait_than(session, webhook_id, rules.MOST_WAITING)
    why = rules.why_off(row.failing_since, row.failed_tries, now, too_many_wait=many)
    if why:
        _switch_off(session, row, why, now)
    return bool(why)


def revived(row: OutgoingWebhook) -> None:
    """Forget that it failed: somebody switched it on again."""
    row.failing_since = row.off_at = None
    row.failed_tries, row.off_why = 0, ""


def _switch_off(session: Session, row: OutgoingWebhook, why: str, now: datetime) -> None:
    row.active, row.off_at, row.off_why = False, now, why
    session.execute(
        update(WebhookCall)
        .where(col(WebhookCall.webhook_id) == row.id, col(WebhookCall.state) == CallState.WAITING.value)
        .values(state=CallState.FAILED.value, detail=ENDED, finished_at=now)
    )
    audit.record(session, NOBODY, now, "switch off", "outgoing webhook", row.id or 0, after={"reason": why})


def _more_wait_than(session: Session, webhook_id: int, most: int) -> bool:
    waiting = (
        select(col(WebhookCall.id))
        .where(col(WebhookCall.webhook_id) == webhook_id, col(WebhookCall.state) == CallState.WAITING.value)
        .offset(most)
        .limit(1)
    )
    return session.scalar(waiting) is not None
