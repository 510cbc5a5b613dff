"""The audit: who changed what, written in the transaction that changes it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from storage.database import Database
from storage.tables import AuditEntry


def record(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    kind: str,
    object_id: int,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note that `actor` did `action` to the object; `before` and `after` hold only what changed."""
    session.add(
        AuditEntry(
            at=now,
            user_id=actor.user_id,
            user_name=actor.name,
            address=actor.address,
            action=action,
            kind=kind,
            object_id=object_id,
            before=before,
            after=after,
        )
    )


def before(db: Database, actor: Actor, entry_id: int, limit: int) -> list[AuditEntry]:
    """What happened before that entry, newest first."""
    access.check(actor, Permission.ADMINISTER)
    with db.read() as session:
        query = select(AuditEntry).where(col(AuditEntry.id) < entry_id)
        return list(session.scalars(query.order_by(col(AuditEntry.id).desc()).limit(limit)))
