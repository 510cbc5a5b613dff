"""Wishes in plain words not to be texted again: held at once, then looked at within ten business days."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from domain import access, business_days
from domain.access import Actor, Permission
from domain.opt_outs import Source
from domain.problems import Conflict, NotFound
from storage import audit
from storage.contacts import suppress_number
from storage.database import Database
from storage.tables import Contact, Inbound, Revocation, Suppression

BUSINESS_DAYS = 10
"""Within which such a wish must have been honoured (47 CFR 64.1200(a)(10))."""

OPEN, ACCEPTED, UNDONE = "open", "accepted", "undone"

HELD = "Asked in plain words not to be texted"
"""Why a number is held until a person has looked at what was written."""


class RevocationNotFound(NotFound):
    """This entry of the review list does not exist."""


class AlreadyDecided(Conflict):
    """Somebody has decided this already."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wrote, as the review list shows it."""

    id: int
    phone: str
    name: str
    text: str
    received_at: datetime
    due_on: date
    conversation_id: int | None


def wait(session: Session, kept: Inbound, now: datetime) -> None:
    """Put what was written on the review list; the clock runs from now on."""
    due = business_days.after(now.date(), BUSINESS_DAYS)
    session.add(
        Revocation(
            inbound_id=kept.id or 0, phone=kept.from_phone, text=kept.text, due_on=due, received_at=now
        )
    )


def settled_by_stop(session: Session, phone: str, now: datetime) -> None:
    """The person says STOP as well, so there is nothing left to look at."""
    session.execute(
        update(Revocation)
        .where(col(Revocation.phone) == phone, col(Revocation.state) == OPEN)
        .values(state=ACCEPTED, decided_at=now, decided_by="A STOP of the person")
        .execution_options(synchronize_session=False)
    )


def count_open(db: Database) -> int:
    """How many wait for somebody to look at them."""
    with db.read() as session:
        return session.scalar(select(func.count()).where(col(Revocation.state) == OPEN)) or 0


def waiting(db: Database, first: int = 0, limit: int = 25) -> list[Wish]:
    """Those that wait, the one with the least time left first."""
    query = (
        select(Revocation, col(Contact.first_name), col(Contact.last_name), col(Inbound.conversation_id))
        .join(Inbound, col(Inbound.id) == col(Revocation.inbound_id))
        .outerjoin(Contact, col(Contact.phone) == col(Revocation.phone))
        .where(col(Revocation.state) == OPEN)
        .order_by(col(Revocation.due_on), col(Revocation.id))
        .offset(max(0, first))
        .limit(limit)
    )
    with db.read() as session:
        rows = session.execute(query).all()
    return [
        Wish(
            id=row.id or 0,
            phone=row.phone,
            name=f"{given or ''} {family or ''}".strip(),
            text=row.text,
            received_at=row.received_at,
            due_on=row.due_on,
            conversation_id=talk,
        )
        for row, given, family, talk in rows
    ]


def accept(db: Database, actor: Actor, revocation_id: int, now: datetime) -> None:
    """It was a wish to opt out: the number stays on the suppression list."""
    _decide(db, actor, revocation_id, ACCEPTED, "accept opt-out", now)


def undo(db: Database, actor: Actor, revocation_id: int, now: datetime) -> None:
    """It meant something else: the hold is lifted, unless the number is suppressed for another reason."""
    _decide(db, actor, revocation_id, UNDONE, "undo opt-out", now)


def reopen(db: Database, actor: Actor, revocation_id: int, now: datetime) -> None:
    """Take a decision back: the number is held again, and what was written waits once more."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        row = _row(session, revocation_id)
        if row.state == OPEN:
            return
        if not row.phone:
            raise RevocationNotFound  # the person was erased
        suppress_number(session, row.phone, HELD, Source.PLAIN_WORDS, now)
        row.state, row.decided_at, row.decided_by, row.decided_by_id = OPEN, None, "", None
        audit.record(session, actor, now, "reopen opt-out", "contact", 0, after={"phone": row.phone})


def _decide(db: Database, actor: Actor, revocation_id: int, state: str, action: str, now: datetime) -> None:
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        row = _row(session, revocation_id)
        if row.state != OPEN:
            raise AlreadyDecided
        row.state, row.decided_at = state, now
        row.decided_by, row.decided_by_id = actor.name, actor.user_id
        if state == UNDONE:
            held = delete(Suppression).where(
                col(Suppression.phone) == row.phone, col(Suppression.source) == Source.PLAIN_WORDS
            )
            session.execute(held)
        # What was written stays with the entry, where retention finds it.
        audit.record(session, actor, now, action, "contact", 0, after={"phone": row.phone})


def _row(session: Session, revocation_id: int) -> Revocation:
    query = select(Revocation).where(col(Revocation.id) == revocation_id).with_for_update()
    row = session.scalars(query).one_or_none() if 0 < revocation_id < 2**31 else None
    if row is None:
        raise RevocationNotFound
    return row
