"""Opt-in records: when, where and to which words a person said yes, and who wrote it down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import bindparam, select, text
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.opt_ins import ConsentInFuture, ConsentNeedsSource
from domain.phones import normalise
from domain.texts import storable
from storage import audit
from storage.columns import UtcDateTime
from storage.database import Database
from storage.tables import Consent


class Via(StrEnum):
    """By which way a record came in."""

    FORM = "form"
    API = "api"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Given:
    """One opt-in, as evidence: `wording` is the exact text agreed to, `address` the IP it came from."""

    phone: str
    given_at: datetime
    source: str
    wording: str = ""
    address: str = ""


def record(db: Database, actor: Actor, given: Given, via: Via, now: datetime) -> None:
    """Keep an opt-in. Raises `BadNumber`, `ConsentNeedsSource` or `ConsentInFuture`."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        if record_all(session, actor, [given], via, now):
            after = {"phone": normalise(given.phone), "source": given.source}
            audit.record(session, actor, now, "record consent", "contact", 0, after=after)


def record_all(session: Session, actor: Actor, many: Sequence[Given], via: Via, now: datetime) -> int:
    """Keep many opt-ins inside a transaction; returns how many were not known yet.

    The caller checks the permission and writes the one audit entry. The same number, time and source
    again changes nothing, so a file may be read twice.
    """
    rows = [_row(actor, given, via, now) for given in many]
    if not rows:
        return 0
    return session.connection().execute(_RECORD, rows, execution_options=_COUNTED).rowcount


def of_number(db: Database, phone: str) -> list[Consent]:
    """The opt-ins of a number, newest first."""
    query = (
        select(Consent)
        .where(col(Consent.phone) == normalise(phone))
        .order_by(col(Consent.given_at).desc(), col(Consent.id).desc())
    )
    with db.read() as session:
        return list(session.scalars(query))


def check(given: Given, now: datetime) -> None:
    """Raise what is wrong with an opt-in, apart from its number."""
    if not given.source.strip():
        raise ConsentNeedsSource
    if given.given_at > now:
        raise ConsentInFuture


def _row(actor: Actor, given: Given, via: Via, now: datetime) -> dict[str, object]:
    check(given, now)
    return {
        "phone": normalise(given.phone),
        "given_at": given.given_at,
        "source": storable(given.source).strip(),
        "wording": storable(given.wording),
        "address": storable(given.address).strip(),
        "entered_by": actor.name,
        "entered_by_id": actor.user_id,
        "via": via.value,
        "created_at": now,
    }


_COUNTED = {"preserve_rowcount": True}
_RECORD = text(
    "INSERT INTO consent "
    "(phone, given_at, source, wording, address, entered_by, entered_by_id, via, created_at) "
    "VALUES (:phone, :given_at, :source, :wording, :address, :entered_by, :entered_by_id, :via, :created_at) "
    "ON CONFLICT (phone, given_at, source) DO NOTHING"
).bindparams(bindparam("given_at", type_=UtcDateTime()), bindparam("created_at", type_=UtcDateTime()))
