"""What people were sent, word for word: their own text, or their message's as it was when their turn came.

A text that is the same for everybody is kept once, with its message. Where somebody rewrote it while the
campaign was paused, the audit knows what it said before.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from storage.tables import AuditEntry


class Turn(NamedTuple):
    """One person's turn of a message."""

    message_id: int
    written: str  # what the message says now
    own: str | None  # the person's own text, where it was not one for all
    at: datetime | None  # when they were sent to


def as_sent(session: Session, turns: Sequence[Turn]) -> list[str]:
    """The text of each of these turns."""
    shared = {turn.message_id for turn in turns if turn.own is None and turn.at is not None}
    before = _rewritten(session, shared)
    return [
        turn.own if turn.own is not None else _then(before.get(turn.message_id, ()), turn) for turn in turns
    ]


def _then(rewritten: Sequence[tuple[datetime, str]], turn: Turn) -> str:
    return next((text for at, text in rewritten if turn.at is not None and at >= turn.at), turn.written)


def _rewritten(session: Session, message_ids: set[int]) -> dict[int, list[tuple[datetime, str]]]:
    """When each message was changed, and what it said until then; the oldest change first."""
    query = (
        select(col(AuditEntry.object_id), col(AuditEntry.at), col(AuditEntry.before))
        .where(
            col(AuditEntry.kind) == "message",
            col(AuditEntry.object_id).in_(message_ids),
            col(AuditEntry.action) == "edit",
        )
        .order_by(col(AuditEntry.id))
    )
    found: dict[int, list[tuple[datetime, str]]] = {}
    for message_id, at, before in session.execute(query) if message_ids else ():
        if isinstance(text := (before or {}).get("text"), str):
            found.setdefault(message_id, []).append((at, text))
    return found
