"""How a number came on the suppression list and off it: what the person wrote, and what the team did."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import String, cast, or_, select
from sqlmodel import Session, col

from domain.keywords import Kind
from domain.opt_outs import source_words
from storage.revocations import ACCEPTED, UNDONE
from storage.tables import AuditEntry, Inbound, Revocation, Suppression


class Step(NamedTuple):
    """One thing that happened."""

    at: datetime
    what: str
    who: str
    words: str


def of(session: Session, phone: str) -> list[Step]:
    """All that is known of a number, the oldest first."""
    steps = [*_standing(session, phone), *_wishes(session, phone), *_heard(session, phone)]
    return sorted([*steps, *_by_the_team(session, phone)], key=lambda step: step.at)


def _standing(session: Session, phone: str) -> Iterator[Step]:
    entry = session.get(Suppression, phone)
    if entry is not None:
        yield Step(entry.created_at, "On the suppression list", source_words(entry.source), entry.reason)


def _wishes(session: Session, phone: str) -> Iterator[Step]:
    wishes = select(Revocation).where(col(Revocation.phone) == phone).order_by(col(Revocation.id))
    for wish in session.scalars(wishes):
        yield Step(wish.received_at, "Asked in plain words", "The person", wish.text)
        if wish.decided_at:
            yield Step(wish.decided_at, DECIDED.get(wish.state, wish.state), wish.decided_by, "")


def _heard(session: Session, phone: str) -> Iterator[Step]:
    keywords = (Kind.STOP.value, Kind.START.value)
    query = select(Inbound).where(col(Inbound.from_phone) == phone, col(Inbound.kind).in_(keywords))
    for row in session.scalars(query.order_by(col(Inbound.id))):
        yield Step(row.received_at, f"Replied {row.kind.upper()}", "The person", row.text)


def _by_the_team(session: Session, phone: str) -> Iterator[Step]:
    query = select(AuditEntry).where(
        col(AuditEntry.kind) == "contact",
        col(AuditEntry.object_id) == 0,
        col(AuditEntry.action).in_(DONE),
        or_(
            *(cast(part, String).contains(phone) for part in (col(AuditEntry.before), col(AuditEntry.after)))
        ),
    )
    for entry in session.scalars(query.order_by(col(AuditEntry.id))):
        about = entry.after or entry.before or {}
        yield Step(entry.at, DONE[entry.action], entry.user_name, str(about.get("reason", "")))


DECIDED = {ACCEPTED: "The wish was accepted", UNDONE: "The hold was undone"}
DONE = {"suppress": "Put on the suppression list", "lift suppression": "Taken off the suppression list"}
