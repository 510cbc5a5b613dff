"""Texts with merge fields, written out for each person as they are claimed, and kept with the delivery."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from domain.merge_fields import template, values_of
from storage.tables import Contact


def rendered(session: Session, text: str, people: Sequence[tuple[int, str]]) -> dict[int, str]:
    """The text for each of these people (contact id, number); {} when it has no fields.

    Somebody who is no contact any more gets the fallbacks.
    """
    made = template(text)
    if not made.fields:
        return {}
    found = words(session, people)
    return {contact_id: made.render(found[contact_id]) for contact_id, _phone in people}


def words(session: Session, people: Sequence[tuple[int, str]]) -> dict[int, dict[str, str]]:
    """What the merge fields say to each of these people."""
    query = select(
        col(Contact.id),
        col(Contact.first_name),
        col(Contact.last_name),
        col(Contact.email),
        col(Contact.fields),
    ).where(col(Contact.id).in_([contact_id for contact_id, _phone in people]))
    known = {row.id: row for row in session.execute(query)}
    found = {}
    for contact_id, phone in people:
        row = known.get(contact_id)
        found[contact_id] = (
            values_of(row.first_name, row.last_name, row.email, phone, row.fields or {})
            if row is not None
            else values_of("", "", "", phone, {})
        )
    return found
