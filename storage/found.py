"""Looking up one row by its key, with a plain answer when it is not there."""

from sqlalchemy import select
from sqlmodel import Session, col

from domain.problems import NotFound
from storage.database import Database
from storage.tables import Campaign, Message


class CampaignNotFound(NotFound):
    """This campaign does not exist. It may have been deleted."""


class MessageNotFound(NotFound):
    """This message does not exist. It may have been removed."""


_LARGEST = 2**31 - 1


def campaign(session: Session, campaign_id: int, *, lock: bool = False) -> Campaign:
    """The campaign; `lock` keeps others from changing it until the transaction ends."""
    query = select(Campaign).where(col(Campaign.id) == campaign_id)
    row = None
    if 0 < campaign_id <= _LARGEST:
        row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise CampaignNotFound
    return row


def campaign_exists(db: Database, campaign_id: int) -> bool:
    """Whether there is such a campaign."""
    query = select(col(Campaign.id)).where(col(Campaign.id) == campaign_id)
    with db.read() as session:
        return 0 < campaign_id <= _LARGEST and session.scalar(query) is not None


def message(session: Session, message_id: int) -> tuple[Campaign, Message]:
    """A message with its campaign, both locked (the campaign first, as everybody does)."""
    if not 0 < message_id <= _LARGEST:
        raise MessageNotFound
    campaign_id = session.scalar(select(col(Message.campaign_id)).where(col(Message.id) == message_id))
    if campaign_id is None:
        raise MessageNotFound
    owner = campaign(session, campaign_id, lock=True)
    row = session.scalars(select(Message).where(col(Message.id) == message_id)).one_or_none()
    if row is None:
        raise MessageNotFound
    return owner, row


def messages(session: Session, campaign_id: int) -> list[Message]:
    """A campaign's messages in their order."""
    query = (
        select(Message)
        .where(col(Message.campaign_id) == campaign_id)
        .order_by(col(Message.position), col(Message.id))
    )
    return list(session.scalars(query))
