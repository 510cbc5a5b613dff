"""What a carrier's refusal means beyond its one delivery: for the person's number, and for the line."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from domain.carrier_errors import Kind, explain, why_blocked
from domain.opt_outs import Source
from storage.contacts import suppress_number
from storage.tables import Contact, Line

OPTED_OUT = "Opted out at the carrier"


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """A carrier's word on why a message did not arrive."""

    phone: str
    line_id: int
    carrier_kind: str
    code: str


def follow(session: Session, refusals: Iterable[Refusal], now: datetime) -> None:
    """Suppress who opted out at the carrier, mark numbers that are none, block lines that may not send."""
    blocked: dict[int, Refusal] = {}
    for refusal in sorted(refusals):  # always in the same order, so that two of us never wait for each other
        words = explain(refusal.carrier_kind, refusal.code)
        if words.kind is Kind.OPTED_OUT:
            suppress_number(session, refusal.phone, OPTED_OUT, Source.CARRIER, now)
        elif words.kind is Kind.BAD_NUMBER:
            mark_invalid(session, refusal.phone, words.title)
        elif words.blocks:
            blocked[refusal.line_id] = refusal
    for line_id, refusal in sorted(blocked.items()):
        _block(session, line_id, refusal, now)


def mark_invalid(session: Session, phone: str, reason: str) -> None:
    """Leave the number out of later audiences; the first reason stays."""
    session.execute(
        update(Contact)
        .where(col(Contact.phone) == phone, col(Contact.invalid_reason).is_(None))
        .values(invalid_reason=reason)
        .execution_options(synchronize_session=False)
    )


def _block(session: Session, line_id: int, refusal: Refusal, now: datetime) -> None:
    reason = why_blocked(refusal.carrier_kind, refusal.code)
    session.execute(
        update(Line)
        .where(col(Line.id) == line_id, col(Line.blocked_reason).is_(None))
        .values(blocked_reason=reason, blocked_code=refusal.code, blocked_by=None, blocked_at=now)
        .execution_options(synchronize_session=False)
    )
