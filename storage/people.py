"""The people behind a number of the results: found by name or number, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Mapped
from sqlmodel import col

from domain.audience import in_words
from domain.deliveries import State
from domain.texts import storable
from storage.database import Database
from storage.tables import AudienceMember, Campaign, Contact, Delivery


@dataclass(frozen=True, slots=True)
class Person:
    """One delivery as the list behind a number shows it; who was left out shows as skipped, with id 0."""

    delivery_id: int
    contact_id: int
    name: str
    phone: str
    state: State
    code: str
    reason: str
    attempts: int
    sent_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class People:
    """A page of them; `next` is the cursor of the page behind, None on the last."""

    rows: tuple[Person, ...]
    next: int | None


def people(
    db: Database,
    message_id: int,
    *,
    states: Sequence[State] = (),
    code: str | None = None,
    reason: str | None = None,
    search: str = "",
    after: int = 0,
    limit: int = 25,
) -> People:
    """The people of a message in some states, found by name or number, in the order of the ledger.

    `reason` is as it is stored, "" for those without any.
    """
    limit = max(1, min(limit, 200))
    query = (
        select(Delivery, col(Contact.first_name), col(Contact.last_name))
        .outerjoin(Contact, col(Contact.id) == col(Delivery.contact_id))
        .where(col(Delivery.message_id) == message_id, col(Delivery.id) > after)
        .order_by(col(Delivery.id))
        .limit(limit + 1)
    )
    if states:
        query = query.where(col(Delivery.state).in_(states))
    if code is not None:
        query = query.where(col(Delivery.code) == code)
    if reason is not None:
        query = query.where(func.coalesce(col(Delivery.reason), "") == reason)
    with db.read() as session:
        rows = session.execute(query.where(*matching(search, col(Delivery.phone)))).all()
    shown = tuple(_person(delivery, first, last) for delivery, first, last in rows[:limit])
    return People(shown, shown[-1].delivery_id if len(rows) > limit else None)


def reasons(db: Database, message_id: int, state: State) -> dict[str, int]:
    """The people of a message in a state by the reason as it is stored, the most frequent first."""
    reason = func.coalesce(col(Delivery.reason), "")
    query = (
        select(reason, func.count())
        .where(col(Delivery.message_id) == message_id, col(Delivery.state) == state)
        .group_by(reason)
        .order_by(func.count().desc(), reason)
        .limit(MOST_REASONS)
    )
    with db.read() as session:
        return {str(found): count for found, count in session.execute(query)}


MOST_REASONS = 50
"""Reasons to choose from; what carriers say in their own words may differ from person to person."""


def people_left_out(
    db: Database, campaign_id: int, reason: str, *, search: str = "", after: int = 0, limit: int = 25
) -> People:
    """The list's members who were left out of the audience for a reason, in the order of the contacts."""
    limit = max(1, min(limit, 200))
    member = AudienceMember
    query = (
        select(member, col(Contact.first_name), col(Contact.last_name))
        .outerjoin(Contact, col(Contact.id) == col(member.contact_id))
        .where(
            col(member.campaign_id) == campaign_id,
            col(member.left_out) == reason,
            col(member.contact_id) > after,
        )
        .order_by(col(member.contact_id))
        .limit(limit + 1)
    )
    query = query.where(*matching(search, col(member.phone)))
    with db.read() as session:
        fixed_at = session.scalar(
            select(col(Campaign.audience_fixed_at)).where(col(Campaign.id) == campaign_id)
        )
        rows = session.execute(query).all()
    shown = tuple(_left_out_person(row, first, last, fixed_at) for row, first, last in rows[:limit])
    return People(shown, shown[-1].contact_id if len(rows) > limit else None)


def _person(delivery: Delivery, first: str | None, last: str | None) -> Person:
    return Person(
        delivery_id=delivery.id or 0,
        contact_id=delivery.contact_id,
        name=f"{first or ''} {last or ''}".strip(),
        phone=delivery.phone,
        state=delivery.state,
        code=delivery.code,
        reason=in_words(delivery.reason or ""),
        attempts=delivery.attempts,
        sent_at=delivery.sent_at,
        finished_at=delivery.finished_at,
    )


def matching(search: str, phone: Mapped[str]) -> list[ColumnElement[bool]]:
    """Words with letters are looked for in the name; what is written as a number, in the number too."""
    words = storable(search).split()[:5]
    name = col(Contact.first_name) + " " + col(Contact.last_name)
    numbers = [word for word in words if not any(map(str.isalpha, word))]
    digits = "".join(c for c in "".join(numbers) if c.isascii() and c.isdigit())
    conditions = []
    for word in words:
        matches = [_contains(name, word)]
        if word in numbers and len(digits) >= 3:
            matches.append(phone.contains(digits))
        conditions.append(or_(*matches))
    return conditions


def _contains(name: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Whatever the case; where the database can fold only ASCII, the usual spellings of others as well."""
    spellings = {word, word.lower(), word.capitalize(), word.upper()}
    folded = func.lower(name).contains(word.lower(), autoescape=True)
    return or_(folded, *(name.contains(spelling, autoescape=True) for spelling in sorted(spellings)))


def _left_out_person(
    member: AudienceMember, first: str | None, last: str | None, fixed_at: datetime | None
) -> Person:
    return Person(
        delivery_id=0,
        contact_id=member.contact_id,
        name=f"{first or ''} {last or ''}".strip(),
        phone=member.phone,
        state=State.SKIPPED,
        code="",
        reason=in_words(member.left_out or ""),
        attempts=0,
        sent_at=None,
        finished_at=fixed_at,
    )
