"""Carrier accounts, lines and lists in the order they were made, for programs that page through them."""

from sqlalchemy import select
from sqlmodel import col

from storage.database import Database
from storage.tables import CarrierAccount, ContactList, Line


def accounts(db: Database, after: int, limit: int) -> list[CarrierAccount]:
    """Up to `limit` carrier accounts from behind the id `after` on."""
    query = (
        select(CarrierAccount)
        .where(col(CarrierAccount.id) > after)
        .order_by(col(CarrierAccount.id))
        .limit(limit)
    )
    with db.read() as session:
        return list(session.scalars(query))


def lines(db: Database, after: int, limit: int) -> list[Line]:
    """Up to `limit` lines from behind the id `after` on."""
    query = select(Line).where(col(Line.id) > after).order_by(col(Line.id)).limit(limit)
    with db.read() as session:
        return list(session.scalars(query))


def lists(db: Database, after: int, limit: int) -> list[ContactList]:
    """Up to `limit` contact lists from behind the id `after` on."""
    query = select(ContactList).where(col(ContactList.id) > after).order_by(col(ContactList.id)).limit(limit)
    with db.read() as session:
        return list(session.scalars(query))
