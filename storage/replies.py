"""Inbound texts, newest first, each with the campaign that it most likely answers."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlmodel import col

from storage.database import Database
from storage.tables import Campaign, Contact, Delivery, Inbound, Line, Message


@dataclass(frozen=True, slots=True)
class Received:
    """A text that a person sent to one of our lines."""

    inbound: Inbound
    campaign_id: int | None


def before(db: Database, inbound_id: int, limit: int) -> list[Received]:
    """Up to `limit` texts that came before the one with that id."""
    # The campaign whose message to this person, from the line they answered, went out last.
    sent_to = (
        exists()
        .where(
            col(Delivery.message_id) == col(Message.id),
            col(Delivery.contact_id) == col(Contact.id),
            col(Delivery.sent_at) <= col(Inbound.received_at),
        )
        .correlate(Message, Contact, Inbound)
    )
    campaign = (
        select(col(Message.campaign_id))
        .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
        .join(Line, col(Line.id) == col(Campaign.line_id))
        .join(Contact, col(Contact.phone) == col(Inbound.from_phone))
        .where(
            col(Line.number) == col(Inbound.to_number),
            col(Message.began_at) <= col(Inbound.received_at),
            sent_to,
        )
        .order_by(col(Message.began_at).desc(), col(Message.id).desc())
        .limit(1)
        .correlate(Inbound)
        .scalar_subquery()
    )
    query = (
        select(Inbound, campaign)
        .where(col(Inbound.id) < inbound_id)
        .order_by(col(Inbound.id).desc())
        .limit(limit)
    )
    with db.read() as session:
        return [Received(inbound, campaign_id) for inbound, campaign_id in session.execute(query)]
