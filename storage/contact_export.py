"""The contacts as a file has them: with what stands on each one's page, and a column for each field."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from domain.imports import MOST_COLUMNS
from storage import contact_grid
from storage.contact_grid import Query
from storage.database import Database
from storage.tables import Consent, Contact, Suppression

COLUMNS = (
    *("Phone", "First name", "Last name", "E-mail", "Time zone", "Zone of the number"),
    *("Status", "Opted out (UTC)", "Opt-out reason"),
    *("Opt-in time (UTC)", "Opt-in source", "Opt-in text", "Opt-in IP address", "Lists", "Added (UTC)"),
)
"""An import knows those of a person and of their opt-in by these names."""

MOST_FIELDS = MOST_COLUMNS - len(COLUMNS)
"""Fields that get a column: no import takes more."""

Values = Mapping[str, Any]


def fields(db: Database, query: Query) -> tuple[str, ...]:
    """The names of the fields that the contacts of a view have."""
    pairs = func.json_each(col(Contact.fields)).table_valued("key", joins_implicitly=True)
    names = select(pairs.c.key).select_from(Contact, pairs).distinct().limit(MOST_FIELDS)
    with db.read() as session:
        return tuple(sorted(session.scalars(names.where(contact_grid.matching(session, query, cap=None)))))


def part(
    db: Database, query: Query, names: Sequence[str], after: int, limit: int
) -> list[tuple[int, tuple[Any, ...]]]:
    """The next contacts of a view in the order in which they were added, each with its id."""
    people = contact_grid.after(db, query, after, limit)
    numbers = [one.phone for one in people]
    with db.read() as session:
        lists = contact_grid.lists_of(session, [one.id or 0 for one in people])
        off = select(Suppression).where(col(Suppression.phone).in_(numbers))
        opted_out = {row.phone: row for row in session.scalars(off)}
        given = select(Consent).where(col(Consent.phone).in_(numbers)).order_by(col(Consent.given_at))
        opt_ins = {row.phone: row for row in session.scalars(given)}  # the latest of each
    return [
        (
            one.id or 0,
            (
                *(one.phone, one.first_name, one.last_name, one.email, one.timezone, one.number_zone),
                *_standing(one, opted_out.get(one.phone)),
                *_opt_in(opt_ins.get(one.phone)),
                "; ".join(lists.get(one.id or 0, ())),
                one.created_at,
                *map(one.fields.get, names),
            ),
        )
        for one in people
    ]


def _standing(contact: Contact, off: Suppression | None) -> tuple[str, datetime | None, str | None]:
    if off is not None:
        return "Opted out", off.created_at, off.reason
    return (
        f"Invalid number: {contact.invalid_reason}" if contact.invalid_reason else "Can be texted",
        None,
        None,
    )


def _opt_in(given: Consent | None) -> tuple[Any, ...]:
    return (given.given_at, given.source, given.wording, given.address) if given else (None,) * 4
