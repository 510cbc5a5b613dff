"""Filters kept as lists: whoever matches is on them, counted anew again and again."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, null, select, update
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.contacts import clean_list_name
from domain.problems import Problem
from storage import audit, contacts, members
from storage.contact_grid import FILTERS, Query
from storage.contacts import ListNotFound
from storage.database import Database
from storage.tables import ContactList


class NothingFiltered(Problem):
    """Choose at least one filter first: a list of everybody is one of all contacts."""


class FilterOnFilter(Problem):
    """This view is that of a list that fills itself. Choose its filters themselves, and save those."""


def save(db: Database, actor: Actor, name: str, query: Query, now: datetime) -> int:
    """Keep what narrows a view as a list. Raises `ListNameTaken`, `NothingFiltered`, `FilterOnFilter`."""
    access.check(actor, Permission.EDIT)
    wanted = clean_list_name(name)
    with db.write() as session:
        kept = _kept(session, query)
        contacts.check_free(session, wanted)
        made = ContactList(name=wanted, filter=kept, created_at=now)
        session.add(made)
        session.flush()
        list_id = made.id or 0
        audit.record(session, actor, now, "create", "list", list_id, after={"name": wanted, "filter": kept})
    count(db, list_id)
    return list_id


def change(db: Database, actor: Actor, list_id: int, query: Query, now: datetime) -> None:
    """Let a list find others from now on. Raises `ListNotFound`, `NothingFiltered`, `FilterOnFilter`."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        kept = _kept(session, query)
        item = session.get(ContactList, list_id, with_for_update=True) if 0 < list_id < 2**31 else None
        if item is None or item.filter is None:
            raise ListNotFound
        if item.filter != kept:
            before, after = {"filter": item.filter}, {"filter": kept}
            item.filter = kept
            audit.record(session, actor, now, "change filter", "list", list_id, before=before, after=after)
    count(db, list_id)


def count(db: Database, list_id: int) -> int:
    """Count who matches now, and keep it as the list's size; found by reading, so that the write is short."""
    with db.read() as session:
        size = _size(session, list_id)
        kept = session.scalar(select(col(ContactList.size)).where(col(ContactList.id) == list_id))
    if kept is not None and kept != size:
        with db.write() as session:
            session.execute(update(ContactList).where(col(ContactList.id) == list_id).values(size=size))
    return size


def count_all(db: Database, _now: datetime) -> None:
    """The same for every such list."""
    with db.read() as session:
        query = select(col(ContactList.id)).where(col(ContactList.filter).is_not(null()))
        ids = [list_id or 0 for list_id in session.scalars(query)]
    for list_id in ids:
        count(db, list_id)


def _kept(session: Session, query: Query) -> dict[str, Any]:
    """What narrows a view, as it is kept."""
    if not query.filtered:
        raise NothingFiltered
    if query.list_id and members.saved_filter(session, query.list_id) is not None:
        raise FilterOnFilter
    return {key: value for key, value in asdict(query).items() if key in FILTERS and value}


def _size(session: Session, list_id: int) -> int:
    found = members.of(session, list_id).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0
