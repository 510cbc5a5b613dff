"""The processes that send: each reports what it counted, and is forgotten when it ends or falls silent."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from storage.database import Database
from storage.tables import SenderProcess

SILENT_AFTER = timedelta(seconds=30)
"""A sender that has not reported for so long is taken for dead."""

FORGOTTEN_AFTER = timedelta(hours=1)


def report(
    db: Database, sender: str, started_at: datetime, figures: Mapping[str, Any], now: datetime
) -> None:
    """Note that this sender is alive, and what it counted since it started."""
    with db.write() as session:
        row = SenderProcess(id=sender, started_at=started_at, seen_at=now, figures=dict(figures))
        session.merge(row)
        session.execute(delete(SenderProcess).where(col(SenderProcess.seen_at) < now - FORGOTTEN_AFTER))


def leave(db: Database, sender: str) -> None:
    """Forget a sender that ends."""
    with db.write() as session:
        session.execute(delete(SenderProcess).where(col(SenderProcess.id) == sender))


def alive(session: Session, now: datetime) -> list[SenderProcess]:
    """Those that reported lately."""
    query = select(SenderProcess).where(col(SenderProcess.seen_at) > now - SILENT_AFTER)
    return list(session.scalars(query.order_by(col(SenderProcess.id))))
