"""The suppression list as people read and mend it; `contacts.suppress` puts a number on it."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from domain import access
from domain.access import Actor, Permission
from domain.phones import normalise
from domain.problems import NotFound
from storage import audit
from storage.database import Database
from storage.tables import Suppression


class NotSuppressed(NotFound):
    """This number is not on the suppression list."""


def of_number(db: Database, phone: str) -> Suppression:
    """The entry of one number; raises `NotSuppressed`."""
    with db.read() as session:
        entry = session.get(Suppression, normalise(phone))
    if entry is None:
        raise NotSuppressed
    return entry


def after(db: Database, phone: str, limit: int) -> list[Suppression]:
    """Up to `limit` entries in the order of their numbers, from behind `phone` on."""
    query = (
        select(Suppression)
        .where(col(Suppression.phone) > phone)
        .order_by(col(Suppression.phone))
        .limit(limit)
    )
    with db.read() as session:
        return list(session.scalars(query))


def lift(db: Database, actor: Actor, phone: str, now: datetime) -> None:
    """Take a number off the list: whoever does it must have the person's new consent."""
    access.check(actor, Permission.EDIT)
    number = normalise(phone)
    with db.write() as session:
        entry = session.get(Suppression, number)
        if entry is None:
            raise NotSuppressed
        before = {"phone": number, "reason": entry.reason, "source": entry.source}
        session.delete(entry)
        audit.record(session, actor, now, "lift suppression", "contact", 0, before=before)
