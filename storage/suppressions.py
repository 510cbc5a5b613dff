"""The suppression list as people read and mend it; `contacts.suppress` puts a number on it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import col

from domain import access
from domain.access import Actor, Permission
from domain.opt_outs import Source
from domain.phones import normalise
from domain.problems import NotFound
from domain.texts import storable
from storage import audit, erasure
from storage.contacts import suppress_numbers
from storage.database import Database
from storage.number_file import Row
from storage.tables import Contact, Suppression

Sort = Literal["phone", "since"]
SORTABLE: tuple[Sort, ...] = get_args(Sort)


class NotSuppressed(NotFound):
    """This number is not on the suppression list."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A number as the list shows it."""

    phone: str
    name: str
    contact_id: int | None
    reason: str
    source: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list."""

    rows: tuple[Entry, ...]
    total: int
    page: int


@dataclass(slots=True)
class Imported:
    """What came of a file: good lines, how many of their numbers are new, and the lines that are wrong."""

    good: int = 0
    new: int = 0
    wrong: int = 0
    bad: list[Row] = field(default_factory=list)  # the first `SHOWN_BAD` of them


CHUNK = 2_000
SHOWN_BAD = 1_000


def of_number(db: Database, phone: str) -> Suppression:
    """The entry of one number; raises `NotSuppressed`."""
    with db.read() as session:
        entry = session.get(Suppression, normalise(phone))
    if entry is None:
        raise NotSuppressed
    return entry


def after(db: Database, phone: str, limit: int, *, search: str = "", source: str = "") -> list[Suppression]:
    """Up to `limit` entries in the order of their numbers, from behind `phone` on, found as by `page`."""
    query = (
        select(Suppression)
        .where(col(Suppression.phone) > phone, *_matching(search, source))
        .order_by(col(Suppression.phone))
        .limit(limit)
    )
    with db.read() as session:
        return list(session.scalars(query))


def page(
    db: Database,
    *,
    search: str = "",
    source: str = "",
    sort: Sort = "since",
    descending: bool = True,
    number: int = 1,
    size: int = 25,
) -> Page:
    """One page, searched by number and reason; a page behind the last one is the last one."""
    wanted = _matching(search, source)
    order = col(Suppression.phone) if sort == "phone" else col(Suppression.created_at)
    both: list[Any] = [order, col(Suppression.phone)] if sort == "since" else [order]
    with db.read() as session:
        total = session.scalar(select(func.count()).select_from(Suppression).where(*wanted)) or 0
        number = max(1, min(number, -(-total // size)))
        shown = (
            select(Suppression)
            .where(*wanted)
            .order_by(*(one.desc() if descending else one for one in both))
            .offset((number - 1) * size)
            .limit(size)
        )
        rows = session.scalars(shown).all()
        known = select(Contact).where(col(Contact.phone).in_([row.phone for row in rows]))
        people = {contact.phone: contact for contact in session.scalars(known)}
    return Page(tuple(_entry(row, people.get(row.phone)) for row in rows), total, number)


def import_file(
    db: Database,
    actor: Actor,
    rows: Iterable[Row],
    file_name: str,
    now: datetime,
    tell: Callable[[int], None] = lambda _read: None,
) -> Imported:
    """Put a file's good numbers on the list, in chunks that hold nobody up; `tell` hears how far it is."""
    access.check(actor, Permission.EDIT)
    done = Imported()
    ahead = iter(rows)
    while chunk := list(islice(ahead, CHUNK)):
        reasons: dict[str, str] = {}
        for row in chunk:
            if row.phone:
                reasons.setdefault(row.phone, storable(row.reason)[:200] or f"From the file {file_name}")
            else:
                done.wrong += 1
                done.bad += [row] if len(done.bad) < SHOWN_BAD else []
        with db.write() as session:
            done.new += suppress_numbers(session, reasons, Source.IMPORT, now)
        done.good += sum(bool(row.phone) for row in chunk)
        tell(done.good + done.wrong)
    with db.write() as session:
        after = {"file": file_name, "numbers": done.new}
        audit.record(session, actor, now, "import suppressions", "suppression", 0, after=after)
    return done


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
        erasure.let_in_again(session, db, number)
        audit.record(session, actor, now, "lift suppression", "contact", 0, before=before)


def _matching(search: str, source: str) -> list[ColumnElement[bool]]:
    wanted = [col(Suppression.source) == source] if source else []
    words = storable(search).strip()
    digits = "".join(c for c in words if c.isascii() and c.isdigit())
    if not words:
        return wanted
    found = [col(Suppression.reason).icontains(words, autoescape=True)]
    if len(digits) >= 3 and not any(map(str.isalpha, words)):
        found.append(col(Suppression.phone).contains(digits))
    return [*wanted, or_(*found)]


def _entry(row: Suppression, contact: Contact | None) -> Entry:
    return Entry(
        phone=row.phone,
        name=f"{contact.first_name} {contact.last_name}".strip() if contact else "",
        contact_id=contact.id if contact else None,
        reason=row.reason,
        source=row.source,
        since=row.created_at,
    )
