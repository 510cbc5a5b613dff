"""Which other campaigns send on a line at the same time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from domain import expected_segments
from domain.campaigns import Status
from domain.messages import MessageState
from domain.schedules import lasting
from storage.sequence import audience_size, links_of
from storage.tables import Campaign, Line, Message

GOING = (Status.SCHEDULED, Status.RUNNING)
AHEAD = (MessageState.SCHEDULED, MessageState.PLANNING, MessageState.SENDING)


def others(session: Session, campaign: Campaign) -> Sequence[tuple[Message, Campaign]]:
    """The messages of other campaigns that are still to be sent on this one's line, the first one first."""
    return [(message, other) for message, other in session.execute(_others(campaign))]


def at_once(session: Session, campaign: Campaign, first: datetime, last: datetime) -> tuple[str, ...]:
    """The names of the campaigns that send on its line in this time, each once."""
    rate = session.get_one(Line, campaign.line_id).rate
    found = {}
    for message, other in others(session, campaign):
        if message.begins_at is None or message.begins_at > last:
            continue
        usual = expected_segments.usual(message.text, links_of(session, message))
        ends = message.begins_at + lasting(audience_size(session, other), usual, rate)
        if message.state is not MessageState.SCHEDULED or ends >= first:
            found[other.id] = other.name
    return tuple(found.values())


def _others(campaign: Campaign) -> Any:
    return (
        select(Message, Campaign)
        .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
        .where(
            col(Campaign.line_id) == campaign.line_id,
            col(Campaign.id) != campaign.id,
            col(Campaign.status).in_(GOING),
            col(Message.state).in_(AHEAD),
        )
        .order_by(col(Message.begins_at), col(Message.id))
    )
