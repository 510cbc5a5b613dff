"""The audit: who changed what, written in the transaction that changes it."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain.access import Actor
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
