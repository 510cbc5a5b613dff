"""Which files a message carried at a person's turn: those it has now, less what was changed since."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from storage import attachments
from storage.sent_texts import Turn
from storage.tables import AuditEntry

Change = tuple[datetime, str, dict[str, Any], dict[str, Any]]
"""When, what, and what the audit keeps of before and after."""


def as_sent(session: Session, turns: Sequence[Turn]) -> list[list[str]]:
    """The names of the files of each of these turns; none for one that has not come."""
    messages = {turn.message_id for turn in turns if turn.at is not None}
    kept = attachments.of_campaign_messages(session, messages)
    changes = _changes(session, messages)
    return [
        _then([file.filename for file in kept[turn.message_id]], changes.get(turn.message_id, ()), turn.at)
        if turn.at is not None
        else []
        for turn in turns
    ]


def _then(names: list[str], changes: Sequence[Change], at: datetime) -> list[str]:
    for when, action, before, after in changes:
        if when < at:
            break
        if action == "attach" and after.get("file") in names:
            names.remove(after["file"])
        elif action == "detach":
            names.append(before.get("file", ""))
        elif action == "edit":
            names = list(before.get("attachments", names))
    return names


def _changes(session: Session, message_ids: set[int]) -> dict[int, list[Change]]:
    """What was done to each message, the newest first."""
    query = (
        select(
            col(AuditEntry.object_id),
            col(AuditEntry.at),
            col(AuditEntry.action),
            col(AuditEntry.before),
            col(AuditEntry.after),
        )
        .where(
            col(AuditEntry.kind) == "message",
            col(AuditEntry.object_id).in_(message_ids),
            col(AuditEntry.action).in_(("edit", "attach", "detach")),
        )
        .order_by(col(AuditEntry.id).desc())
    )
    found: dict[int, list[Change]] = {}
    for message_id, at, action, before, after in session.execute(query) if message_ids else ():
        found.setdefault(message_id, []).append((at, action, before or {}, after or {}))
    return found
