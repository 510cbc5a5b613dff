"""How far the log of outgoing webhooks goes back: a month, and so many calls at each address."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import col

from domain import outgoing_webhooks as rules
from storage.database import Database
from storage.tables import OutgoingWebhook, WebhookCall

KEPT = timedelta(days=30)
"""How long the log of finished calls goes back."""

CHUNK = 5_000


def sweep(db: Database, now: datetime) -> int:
    """Remove finished calls that are too old, or too many at their address; returns how many."""
    finished = select(col(WebhookCall.id)).where(col(WebhookCall.finished_at).is_not(None))
    removed = _drop(db, finished.where(col(WebhookCall.finished_at) < now - KEPT))
    with db.read() as session:
        webhooks = session.scalars(select(col(OutgoingWebhook.id))).all()
    for number in webhooks:
        mine = finished.where(col(WebhookCall.webhook_id) == number)
        with db.read() as session:
            newest = session.scalar(
                mine.order_by(col(WebhookCall.id).desc()).offset(rules.MOST_KEPT).limit(1)
            )
        if newest is not None:
            removed += _drop(db, mine.where(col(WebhookCall.id) <= newest))
    return removed


def _drop(db: Database, unwanted: Any) -> int:
    """Remove these calls, in chunks."""
    old = unwanted.order_by(col(WebhookCall.id)).limit(CHUNK)
    removed = 0
    while True:
        with db.read() as session:
            ids = list(session.scalars(old))
        if not ids:
            return removed
        with db.write() as session:
            session.execute(delete(WebhookCall).where(col(WebhookCall.id).in_(ids)))
        removed += len(ids)
