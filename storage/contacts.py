"""Contacts and lists: adding many at once, one per phone number, with every bad row reported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, text
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.opt_outs import Source
from domain.phones import BadNumber, normalise
from domain.problems import Conflict, NotFound
from domain.searching import fold
from domain.texts import storable
from domain.zones import UnknownZone, zone, zones_of_number
from storage import audit, erasure, events, many, members, whereabouts
from storage.columns import UtcDateTime
from storage.database import Database
from storage.tables import Contact, ContactList, Membership


class ListNameTaken(Conflict):
    """Another list already has this name. Choose a different one."""


class ListNotFound(NotFound):
    """This contact list does not exist."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One person to add."""

    phone: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    timezone: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Invalid:
    """An entry that could not be added; `index` counts from 0."""

    index: int
    phone: str
    reason: str


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding entries to a list."""

    added: int
    updated: int
    invalid: tuple[Invalid, ...]


def create_list(db: Database, actor: Actor, name: str, now: datetime) -> int:
    """Make an empty list; raises `ListNameTaken`."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        return new_list(session, actor, name, now)


def new_list(session: Session, actor: Actor, name: str, now: datetime) -> int:
    """The same within a transaction."""
    check_free(session, name)
    made = ContactList(name=name, created_at=now)
    session.add(made)
    session.flush()
    audit.record(session, actor, now, "create", "list", made.id or 0, after={"name": name})
    return made.id or 0


def check_free(session: Session, name: str) -> None:
    """Raise `ListNameTaken` where a list has that name."""
    if session.scalar(select(col(ContactList.id)).where(col(ContactList.name) == name)) is not None:
        raise ListNameTaken


def add(db: Database, actor: Actor, list_id: int, entries: Sequence[Entry], now: datetime) -> Added:
    """Add people to a list in one transaction; who is known by the number is updated, never emptied.

    "added" counts people new to the list. Entries with a bad number or zone are reported, the rest go in.
    """
    access.check(actor, Permission.EDIT)
    rows, invalid = _checked(entries, now)
    with db.write() as session:
        if not 0 < list_id < 2**31 or session.get(ContactList, list_id) is None:
            raise ListNotFound
        members.refuse_filter(session, list_id)
        with_zone = [row["phone"] for row in rows if row["timezone"]]
        going_on = whereabouts.going_on(session) if with_zone else ()
        if rows:
            session.connection().execute(_UPSERT, rows)
        whereabouts.follow_zones(session, going_on, with_zone, now)
        erasure.recall(session, db, (row["phone"] for row in rows), now)
        added = join_list(session, list_id, [row["phone"] for row in rows])
        size = select(func.count()).where(col(Membership.list_id) == list_id)
        session.get_one(ContactList, list_id).size = session.scalar(size) or 0
        audit.record(session, actor, now, "add contacts", "list", list_id, after={"added": added})
    return Added(added, len(rows) - added, tuple(invalid))


def suppress(db: Database, actor: Actor, phone: str, reason: str, source: str, now: datetime) -> None:
    """Put a number on the suppression list; holds from the next claim on."""
    access.check(actor, Permission.EDIT)
    number = normalise(phone)
    with db.write() as session:
        if suppress_number(session, number, reason, source, now):
            after = {"phone": number, "reason": reason}
            audit.record(session, actor, now, "suppress", "contact", 0, after=after)


def suppress_number(session: Session, phone: str, reason: str, source: str, now: datetime) -> bool:
    """The same inside a transaction; returns whether that is news. The first reason stays, unless it only
    held the number until somebody had looked.
    """
    news = suppress_numbers(session, {phone: reason}, source, now) > 0
    if news:
        events.opted_out(session, phone, reason, source, now)
    return news


def suppress_numbers(session: Session, reasons: Mapping[str, str], source: str, now: datetime) -> int:
    """The same for many numbers with a reason each; returns for how many that is news."""
    rows = [
        {"phone": phone, "reason": reason, "source": source, "created_at": now}
        for phone, reason in sorted(reasons.items())
    ]
    if not rows:
        return 0
    return session.connection().execute(_SUPPRESS, rows, execution_options=_COUNTED).rowcount


def _checked(entries: Sequence[Entry], now: datetime) -> tuple[list[dict[str, Any]], list[Invalid]]:
    rows: dict[str, dict[str, Any]] = {}
    invalid = []
    for index, entry in enumerate(entries):
        try:
            phone = normalise(entry.phone)
            if entry.timezone:
                zone(entry.timezone)
        except (BadNumber, UnknownZone) as problem:
            invalid.append(Invalid(index, entry.phone, problem.text))
            continue
        candidates = zones_of_number(phone)
        rows[phone] = {
            "phone": phone,
            "first_name": storable(entry.first_name),
            "last_name": storable(entry.last_name),
            "email": storable(entry.email),
            "timezone": entry.timezone or None,
            "number_zone": candidates[0] if len(candidates) == 1 else None,
            "fields": entry.fields,
            "created_at": now,
            **keys(entry.first_name, entry.last_name, entry.email),
        }
    return list(rows.values()), invalid


def keys(first_name: str, last_name: str, email: str) -> dict[str, str]:
    """What a contact is found and sorted by."""
    return {
        "name_key": fold(f"{first_name} {last_name}"),
        "last_key": fold(last_name),
        "email_key": fold(email),
    }


def join_list(session: Session, list_id: int, phones: list[str]) -> int:
    """Put the people with these numbers on the list; returns how many were not on it."""
    join = text(
        "INSERT INTO membership (list_id, contact_id) SELECT :list_id, id FROM contact "
        f"WHERE phone IN ({many.listed(session)}) ON CONFLICT (list_id, contact_id) DO NOTHING"
    )
    parameters = {"list_id": list_id, "many": many.packed(phones)}
    return session.connection().execute(join, parameters, execution_options=_COUNTED).rowcount


def known(session: Session, phones: Sequence[str]) -> int:
    """How many of these numbers are contacts' already."""
    count = text(f"SELECT count(*) FROM contact WHERE phone IN ({many.listed(session)})")
    return session.connection().execute(count, {"many": many.packed(phones)}).scalar() or 0


ON_CONFLICT = (
    "ON CONFLICT (phone) DO UPDATE SET "
    "first_name = COALESCE(NULLIF(excluded.first_name, ''), contact.first_name), "
    "last_name = COALESCE(NULLIF(excluded.last_name, ''), contact.last_name), "
    "email = COALESCE(NULLIF(excluded.email, ''), contact.email), "
    "timezone = COALESCE(excluded.timezone, contact.timezone), "
    "place_id = CASE WHEN excluded.timezone <> COALESCE(contact.timezone, '') THEN NULL "
    "ELSE contact.place_id END, "
    "name_key = CASE "
    "WHEN excluded.name_key = '' THEN contact.name_key "
    "WHEN excluded.last_name = '' THEN TRIM(excluded.name_key || ' ' || contact.last_key) "
    "WHEN excluded.first_name = '' THEN TRIM(TRIM(SUBSTR(contact.name_key, 1, "
    "LENGTH(contact.name_key) - LENGTH(contact.last_key))) || ' ' || excluded.last_key) "
    "ELSE excluded.name_key END, "
    "last_key = COALESCE(NULLIF(excluded.last_key, ''), contact.last_key), "
    "email_key = COALESCE(NULLIF(excluded.email_key, ''), contact.email_key)"
)
"""Who is known by the number keeps what the new row leaves empty."""

_UPSERT = text(
    "INSERT INTO contact (phone, first_name, last_name, email, timezone, number_zone, fields, created_at, "
    "name_key, last_key, email_key) VALUES (:phone, :first_name, :last_name, :email, :timezone, "
    ":number_zone, :fields, :created_at, :name_key, :last_key, :email_key) "
    f"{ON_CONFLICT}, "
    "fields = CASE WHEN CAST(excluded.fields AS TEXT) = '{}' THEN contact.fields ELSE excluded.fields END"
).bindparams(
    bindparam("created_at", type_=UtcDateTime()),
    bindparam("fields", type_=Contact.__table__.c.fields.type),  # type: ignore[attr-defined]
)
_COUNTED = {"preserve_rowcount": True}
_SUPPRESS = text(
    "INSERT INTO suppression (phone, reason, source, created_at) "
    "VALUES (:phone, :reason, :source, :created_at) ON CONFLICT (phone) DO UPDATE "
    "SET reason = excluded.reason, source = excluded.source "
    f"WHERE suppression.source = '{Source.PLAIN_WORDS}' AND excluded.source <> '{Source.PLAIN_WORDS}'"
).bindparams(bindparam("created_at", type_=UtcDateTime()))
