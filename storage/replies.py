"""Inbound texts, newest first, and how many answer a message, each with what it most likely answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from domain.keywords import Kind
from storage.database import Database
from storage.revocations import UNDONE
from storage.tables import Inbound, Message, Revocation


@dataclass(frozen=True, slots=True)
class Received:
    """A text that a person sent to one of our lines."""

    inbound: Inbound
    campaign_id: int | None


def before(db: Database, inbound_id: int, limit: int) -> list[Received]:
    """Up to `limit` texts that came before the one with that id."""
    query = (
        select(Inbound, col(Message.campaign_id))
        .outerjoin(Message, col(Message.id) == col(Inbound.message_id))
        .where(col(Inbound.id) < inbound_id)
        .order_by(col(Inbound.id).desc())
        .limit(limit)
    )
    with db.read() as session:
        return [Received(inbound, campaign_id) for inbound, campaign_id in session.execute(query)]


def to_messages(session: Session, message_ids: Sequence[int]) -> dict[int, Counter[Kind]]:
    """How many texts of each kind answer each of the messages."""
    found: dict[int, Counter[Kind]] = {message_id: Counter() for message_id in message_ids}
    query = (
        select(col(Inbound.message_id), col(Inbound.kind), func.count())
        .where(col(Inbound.message_id).in_(message_ids))
        .group_by(col(Inbound.message_id), col(Inbound.kind))
    )
    for message_id, kind, count in session.execute(query):
        found[message_id or 0][Kind(kind)] = count
    return found


def opt_outs(session: Session, message_ids: Sequence[int]) -> dict[int, int]:
    """How many people opted out in answer to each of the messages: by keyword, or in plain words."""
    wished = col(Revocation.id).is_not(None) & (col(Revocation.state) != UNDONE)
    query = (
        select(col(Inbound.message_id), func.count(col(Inbound.from_phone).distinct()))
        .outerjoin(Revocation, col(Revocation.inbound_id) == col(Inbound.id))
        .where(
            col(Inbound.message_id).in_(message_ids),
            or_(col(Inbound.kind) == Kind.STOP.value, wished),
        )
        .group_by(col(Inbound.message_id))
    )
    return {message_id or 0: count for message_id, count in session.execute(query)}
