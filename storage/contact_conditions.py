"""By what contacts are filtered beside their own columns: consent, a field, and what came of a campaign."""

from typing import Literal

from sqlalchemy import ColumnElement, String, and_, cast, exists, select
from sqlmodel import Session, col

from domain.deliveries import State
from storage.tables import AudienceMember, Consent, Contact, Delivery, Inbound, Message

ConsentState = Literal["", "given", "none"]
Outcome = Literal["", "delivered", "not_delivered", "replied", "not_replied"]
CONSENT_STATES: tuple[ConsentState, ...] = ("given", "none")
OUTCOMES: tuple[Outcome, ...] = ("delivered", "not_delivered", "replied", "not_replied")


def consented(state: ConsentState) -> ColumnElement[bool]:
    """With an opt-in on record, or without one."""
    given = exists().where(col(Consent.phone) == col(Contact.phone))
    return given if state == "given" else ~given


def with_field(name: str, value: str) -> ColumnElement[bool]:
    """Whose field has this value; any, where none is named. A quotation mark can't be in a field's path."""
    found = cast(col(Contact.fields)[name.replace('"', "")].as_string(), String)
    return found == value if value else found.is_not(None)


def took_part(session: Session, campaign_id: int, outcome: Outcome) -> ColumnElement[bool]:
    """Who was in a campaign's audience, and what came of that."""
    member = exists().where(
        col(AudienceMember.campaign_id) == campaign_id,
        col(AudienceMember.contact_id) == col(Contact.id),
        col(AudienceMember.left_out).is_(None),
    )
    if not outcome:
        return member
    messages = session.scalars(select(col(Message.id)).where(col(Message.campaign_id) == campaign_id)).all()
    if outcome in ("delivered", "not_delivered"):
        found = exists().where(
            col(Delivery.message_id).in_(messages),
            col(Delivery.contact_id) == col(Contact.id),
            col(Delivery.state) == State.DELIVERED,
        )
    else:
        found = exists().where(
            col(Inbound.from_phone) == col(Contact.phone), col(Inbound.message_id).in_(messages)
        )
    return and_(member, ~found if outcome.startswith("not_") else found)
