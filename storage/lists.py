"""Contact lists as people keep them: found, made, renamed, deleted when nothing needs them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.contacts import clean_list_name
from domain.problems import Conflict
from domain.texts import storable
from storage import audit, contacts
from storage.contacts import ListNameTaken, ListNotFound
from storage.database import Database
from storage.tables import Campaign, ContactList, Membership

Column = Literal["name", "size", "campaigns", "created"]
MAX_PAGE = 100


class ListInUse(Conflict):
    """Campaigns use this list. Delete those drafts or choose another list for them first."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which lists are wanted."""

    search: str = ""
    sort: Column = "name"
    descending: bool = False
    page: int = 1
    size: int = 25


@dataclass(frozen=True, slots=True)
class Row:
    """One list as the table shows it."""

    id: int
    name: str
    size: int
    campaigns: int
    created_at: datetime
    filter: dict[str, Any] | None = None  # whom it finds; None: people are put on it


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, and how many there are in all."""

    rows: tuple[Row, ...]
    total: int
    page: int


_used = (
    select(func.count())
    .where(col(Campaign.list_id) == col(ContactList.id))
    .correlate(ContactList)
    .scalar_subquery()
)
_SORTS: dict[str, Any] = {
    "name": func.lower(col(ContactList.name)),
    "size": col(ContactList.size),
    "campaigns": _used,
    "created": col(ContactList.created_at),
}
SORTABLE = frozenset(_SORTS)


def page(db: Database, query: Query) -> Page:
    """The rows of a page. A page past the end gives the last one."""
    size = max(1, min(query.size, MAX_PAGE))
    name = func.lower(col(ContactList.name))
    words = storable(query.search[:120]).lower().split()
    conditions = [name.contains(word, autoescape=True) for word in words]
    column = _SORTS[query.sort if query.sort in SORTABLE else "name"]
    order = column.desc() if query.descending else column.asc()
    tie = col(ContactList.id).desc() if query.descending else col(ContactList.id).asc()
    with db.read() as session:
        total = session.scalar(select(func.count()).select_from(ContactList).where(*conditions)) or 0
        number = max(1, min(query.page, -(-total // size)))
        found = session.execute(
            select(ContactList, _used)
            .where(*conditions)
            .order_by(order, tie)
            .offset((number - 1) * size)
            .limit(size)
        )
        return Page(tuple(_row(item, used) for item, used in found), total, number)


def one(db: Database, list_id: int) -> Row:
    """A list; raises `ListNotFound`."""
    with db.read() as session:
        item = _list(session, list_id)
        used = session.scalar(select(func.count()).where(col(Campaign.list_id) == list_id)) or 0
        return _row(item, used)


def exists(db: Database, list_id: int) -> bool:
    """Whether there is such a list."""
    query = select(col(ContactList.id)).where(col(ContactList.id) == list_id)
    with db.read() as session:
        return 0 < list_id < 2**31 and session.scalar(query) is not None


def create(db: Database, actor: Actor, name: str, now: datetime) -> int:
    """Make an empty list with a tidied name; raises `ListNameTaken`."""
    return contacts.create_list(db, actor, clean_list_name(name), now)


def rename(db: Database, actor: Actor, list_id: int, name: str, now: datetime) -> None:
    """Call a list something else; raises `ListNameTaken`."""
    access.check(actor, Permission.EDIT)
    wanted = clean_list_name(name)
    with db.write() as session:
        item = _list(session, list_id)
        other = session.scalar(select(col(ContactList.id)).where(col(ContactList.name) == wanted))
        if other not in (None, list_id):
            raise ListNameTaken
        if item.name != wanted:
            audit.record(
                session,
                actor,
                now,
                "rename",
                "list",
                list_id,
                before={"name": item.name},
                after={"name": wanted},
            )
            item.name = wanted


def delete(db: Database, actor: Actor, list_id: int, now: datetime) -> None:
    """Delete a list that no campaign uses; its people stay contacts. Raises `ListInUse`."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        item = _list(session, list_id)
        if session.scalar(select(col(Campaign.id)).where(col(Campaign.list_id) == list_id).limit(1)):
            raise ListInUse
        session.execute(sql_delete(Membership).where(col(Membership.list_id) == list_id))
        session.delete(item)
        audit.record(
            session, actor, now, "delete", "list", list_id, before={"name": item.name, "size": item.size}
        )


def _list(session: Session, list_id: int) -> ContactList:
    found = session.get(ContactList, list_id) if 0 < list_id < 2**31 else None
    if found is None:
        raise ListNotFound
    return found


def _row(item: ContactList, used: int) -> Row:
    return Row(item.id or 0, item.name, item.size, used, item.created_at, item.filter)
