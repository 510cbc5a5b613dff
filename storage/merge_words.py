"""What merge fields there are for a campaign's people, and what they hold for one person after the other."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from domain.merge_fields import OWN, named, values_of
from domain.phones import for_people
from storage import found, members
from storage.database import Database
from storage.tables import Contact

LOOKED_AT = 200
"""Contacts whose own fields are offered: names of fields hardly differ within a list."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody of the list, as a text with merge fields sees them."""

    contact_id: int
    name: str
    values: Mapping[str, str]


def names(db: Database, campaign_id: int) -> list[str]:
    """The fields that can be inserted: every contact's, then those of the list's own people."""
    with db.read() as session:
        everybody = members.of(session, found.campaign(session, campaign_id).list_id).subquery()
        query = (
            select(col(Contact.fields))
            .join(everybody, everybody.c.contact_id == col(Contact.id))
            .order_by(col(Contact.id))
            .limit(LOOKED_AT)
        )
        own = {named(name) for fields in session.scalars(query) for name in fields or {}}
    return [name for name in OWN if name != "phone"] + sorted(own - set(OWN) - {""})


def next_to(db: Database, campaign_id: int, contact_id: int, *, back: bool = False) -> Recipient | None:
    """The list's person behind that contact, or before it; None at the list's end."""
    with db.read() as session:
        everybody = members.of(session, found.campaign(session, campaign_id).list_id).subquery()
        query = select(Contact).join(everybody, everybody.c.contact_id == col(Contact.id)).limit(1)
        number = col(Contact.id)
        if back:
            query = query.where(number < contact_id).order_by(number.desc())
        else:
            query = query.where(number > contact_id).order_by(number)
        person = session.scalars(query).one_or_none()
    if person is None:
        return None
    name = f"{person.first_name} {person.last_name}".strip() or for_people(person.phone)
    values = values_of(person.first_name, person.last_name, person.email, person.phone, person.fields or {})
    return Recipient(person.id or 0, name, values)
