"""Where people may be, and the hours in which each place may be sent to, kept ahead of every claim."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, or_, select, update
from sqlmodel import Session, col

from domain import places
from domain.quiet_hours import MARGIN, Hours
from storage import quiet_hours
from storage.database import Database
from storage.tables import Contact, Place

AHEAD = timedelta(days=9)
"""How far an opening is looked for."""


_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def locate(session: Session, contacts: Iterable[tuple[int, str | None, str]], now: datetime) -> None:
    """Note where these contacts (id, own zone, number) may be, in one statement for all of them."""
    found = {number: places.of(zone, phone).key for number, zone, phone in contacts}
    if not found:
        return
    ids = _ids(session, sorted(set(found.values())), now)
    session.execute(
        update(Contact), [{"id": number, "place_id": ids[key]} for number, key in sorted(found.items())]
    )


def locate_listed(session: Session, contact_ids: Select[Any], now: datetime) -> None:
    """The same for those of a subquery's contacts who have no place yet."""
    query = select(col(Contact.id), col(Contact.timezone), col(Contact.phone)).where(
        col(Contact.id).in_(contact_ids), col(Contact.place_id).is_(None)
    )
    locate(session, [(row.id, row.timezone, row.phone) for row in session.execute(query)], now)


def refresh(db: Database, now: datetime) -> int:
    """Look up the hours of places whose span is over or was never looked up; returns how many.

    A claim sends to nobody at a place whose span is over, so this runs with every beat.
    """
    with db.read() as session:
        if session.scalar(select(col(Place.id)).where(_stale(now)).limit(1)) is None:
            return 0
    with db.write() as session:
        return look_up(session, now)


def look_up(session: Session, now: datetime) -> int:
    """`refresh` inside a transaction."""
    hours = quiet_hours.of(session)
    stale = session.scalars(select(Place).where(_stale(now))).all()
    spans = [{"id": place.id, **_span(hours, place.key, now)} for place in stale]
    if spans:
        session.execute(update(Place), spans)
    return len(spans)


def _stale(now: datetime) -> ColumnElement[bool]:
    return or_(col(Place.closes_at).is_(None), col(Place.closes_at) <= now)


def _span(hours: Hours | None, key: str, now: datetime) -> dict[str, datetime | None]:
    """The span that holds now, or the next one; claims end a little before it closes."""
    if hours is None:
        return {"opens_at": now, "closes_at": _NEVER}
    for opens, closes in hours.intervals(places.of_key(key), now, AHEAD.days):
        if closes - MARGIN > now:
            return {"opens_at": opens, "closes_at": closes - MARGIN}
    return {"opens_at": None, "closes_at": now + timedelta(days=1)}


def _ids(session: Session, keys: list[str], now: datetime) -> dict[str, int]:
    """The ids of the places with these keys; new ones are added, with their hours."""
    known = {place.key: place.id or 0 for place in session.scalars(_with(keys))}
    new = [{"key": key} for key in keys if key not in known]
    if new:
        session.execute(insert(Place), new)
        look_up(session, now)
        known |= {place.key: place.id or 0 for place in session.scalars(_with([row["key"] for row in new]))}
    return known


def _with(keys: list[str]) -> Select[Any]:
    return select(Place).where(col(Place.key).in_(keys))
