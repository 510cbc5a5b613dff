"""The ledger of a campaign, one delivery after the other, for programs that read all of it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from domain.deliveries import State
from storage import found
from storage.database import Database
from storage.tables import Delivery


@dataclass(frozen=True, slots=True)
class Place:
    """How far a reader came: a message, and in it a contact (a delivery when reading one state only)."""

    message_id: int = 0
    row: int = 0


def after(
    db: Database, campaign_id: int, place: Place, limit: int, state: State | None = None
) -> list[tuple[Delivery, Place]]:
    """Up to `limit` deliveries from behind `place` on, each with its own place.

    Message by message in the order of an index, so that every page of a million rows costs the same.
    """
    key = col(Delivery.contact_id) if state is None else col(Delivery.id)
    rows: list[tuple[Delivery, Place]] = []
    with db.read() as session:
        found.campaign(session, campaign_id)
        messages = sorted(message.id or 0 for message in found.messages(session, campaign_id))
        for message_id in messages:
            if message_id < place.message_id:
                continue
            behind = place.row if message_id == place.message_id else 0
            query = select(Delivery).where(col(Delivery.message_id) == message_id, key > behind)
            if state is not None:
                query = query.where(col(Delivery.state) == state)
            for delivery in session.scalars(query.order_by(key).limit(limit - len(rows))):
                row = delivery.contact_id if state is None else delivery.id or 0
                rows.append((delivery, Place(message_id, row)))
            if len(rows) == limit:
                break
    return rows
