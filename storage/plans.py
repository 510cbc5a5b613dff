"""A campaign as a plan to read: its details, and its messages with their files in order."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from domain.campaigns import Action, actions
from storage import attachments, found
from storage.database import Database
from storage.found import MessageNotFound
from storage.sequence import standing_of
from storage.tables import Attachment, Campaign, ContactList, Line, Message, User


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """One message with its files."""

    message: Message
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All of a campaign but its results."""

    campaign: Campaign
    status: str  # as shown: archived hides what lies below
    actions: tuple[Action, ...]
    line_label: str
    list_name: str
    owner: str
    created_by: str
    messages: tuple[PlannedMessage, ...]


def read(db: Database, campaign_id: int, now: datetime) -> Plan:
    """The campaign as it is now; raises `CampaignNotFound`."""
    with db.read() as session:
        campaign = found.campaign(session, campaign_id)
        standing = standing_of(session, campaign, now)
        return Plan(
            campaign=campaign,
            status=standing.shown,
            actions=tuple(actions(standing)),
            line_label=session.get_one(Line, campaign.line_id).label,
            list_name=session.get_one(ContactList, campaign.list_id).name,
            owner=session.get_one(User, campaign.owner_id).name,
            created_by=session.get_one(User, campaign.created_by_id).name,
            messages=tuple(_messages(session, campaign_id)),
        )


def message(db: Database, campaign_id: int, message_id: int) -> PlannedMessage:
    """One message of this campaign; raises `MessageNotFound` for one of another campaign too."""
    with db.read() as session:
        found.campaign(session, campaign_id)
        for planned in _messages(session, campaign_id):
            if planned.message.id == message_id:
                return planned
    raise MessageNotFound


def _messages(session: Session, campaign_id: int) -> list[PlannedMessage]:
    messages = found.messages(session, campaign_id)
    files = attachments.of_campaign_messages(session, [message.id or 0 for message in messages])
    return [PlannedMessage(message, tuple(files[message.id or 0])) for message in messages]
