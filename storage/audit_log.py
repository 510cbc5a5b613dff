"""The audit as administrators read it: filtered, a page at a time, and whole as a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from domain import access
from domain.access import Actor, Permission
from storage import audit
from storage.database import Database
from storage.tables import AuditEntry

PART = 1_000
COLUMNS = ("when", "who", "what", "object", "id", "before", "after", "from address")


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the list; None and "" narrow nothing."""

    person: int | None = None
    action: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None  # exclusive


@dataclass(frozen=True, slots=True)
class Entry:
    """Who changed what, from what to what, when, and from where."""

    id: int
    at: datetime
    who: str
    address: str
    action: str
    kind: str
    object_id: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries of many, the newest first."""

    rows: tuple[Entry, ...]
    total: int
    page: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the audit can be filtered by."""

    people: Mapping[int, str]
    actions: tuple[str, ...]
    kinds: tuple[str, ...]


def page(db: Database, actor: Actor, filters: Filters, number: int, size: int) -> Page:
    """One page; behind the last one, that."""
    access.check(actor, Permission.ADMINISTER)
    where = _where(filters)
    with db.read() as session:
        total = session.scalar(select(func.count()).select_from(AuditEntry).where(*where)) or 0
        number = max(1, min(number, -(-total // size)))
        query = select(AuditEntry).where(*where).order_by(col(AuditEntry.id).desc())
        rows = session.scalars(query.offset((number - 1) * size).limit(size)).all()
    return Page(tuple(map(_entry, rows)), total, number)


def part(db: Database, actor: Actor, filters: Filters, before: int | None) -> list[Entry]:
    """The next entries of an export, older than the id `before`; none when it is complete."""
    access.check(actor, Permission.ADMINISTER)
    older = [] if before is None else [col(AuditEntry.id) < before]
    query = select(AuditEntry).where(*_where(filters), *older).order_by(col(AuditEntry.id).desc())
    with db.read() as session:
        return [_entry(row) for row in session.scalars(query.limit(PART))]


def choices(db: Database, actor: Actor) -> Choices:
    """Everybody and everything that the audit names; a person by their newest name there."""
    access.check(actor, Permission.ADMINISTER)
    newest = select(func.max(col(AuditEntry.id))).group_by(col(AuditEntry.user_id))
    named = select(col(AuditEntry.user_id), col(AuditEntry.user_name)).where(col(AuditEntry.id).in_(newest))
    with db.read() as session:
        rows = session.execute(named.order_by(col(AuditEntry.user_name))).all()
        actions = session.scalars(select(col(AuditEntry.action)).distinct().order_by(col(AuditEntry.action)))
        kinds = session.scalars(select(col(AuditEntry.kind)).distinct().order_by(col(AuditEntry.kind)))
        return Choices({number: name for number, name in rows if name}, tuple(actions), tuple(kinds))


def note_export(db: Database, actor: Actor, what: str, object_id: int, now: datetime) -> None:
    """Remember that somebody took data out of the program."""
    access.check(actor, Permission.VIEW)
    with db.write() as session:
        audit.record(session, actor, now, "export", what, object_id)


def _where(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.person is not None:
        found.append(col(AuditEntry.user_id) == filters.person)
    if filters.action:
        found.append(col(AuditEntry.action) == filters.action)
    if filters.kind:
        found.append(col(AuditEntry.kind) == filters.kind)
    if filters.since is not None:
        found.append(col(AuditEntry.at) >= filters.since)
    if filters.until is not None:
        found.append(col(AuditEntry.at) < filters.until)
    return found


def _entry(row: AuditEntry) -> Entry:
    return Entry(
        row.id or 0,
        row.at,
        row.user_name,
        row.address,
        row.action,
        row.kind,
        row.object_id,
        row.before,
        row.after,
    )
