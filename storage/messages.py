"""What people do with a campaign's messages: write, move, reorder, remove. Drafts take anything typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from domain import access, campaigns
from domain.access import Actor, Permission
from domain.campaigns import Action, Status
from domain.messages import (
    BEGUN,
    MAX_MESSAGES,
    UNDECIDED,
    ChangedElsewhere,
    MessageLocked,
    MessageState,
    TimeHasCome,
    TooManyMessages,
    may_edit_content,
    may_move,
)
from domain.problems import Problem
from domain.schedules import TimeMissing
from domain.texts import storable
from domain.zones import parse_date, parse_time, wall
from storage import audit, expiry, found
from storage.attachments import give, of_message
from storage.audiences import mark_moved
from storage.database import Database
from storage.deliveries import keep_text
from storage.sequence import check_content, check_shown, check_times, note_start, set_instants, to_send
from storage.tables import Attachment, Campaign, Message

KEPT_CHARACTERS = 100_000
"""What a draft keeps of a text, far more than can be sent, so that nothing pasted is lost."""


@dataclass(frozen=True, slots=True)
class Change:
    """New values of a message; None leaves one as it is."""

    text: str | None = None
    local_date: str | None = None
    local_time: str | None = None
    recipient_local: bool | None = None
    expire_after_minutes: int | None = None
    at: datetime | None = None  # an exact instant, instead of date and time
    attachment_ids: Sequence[int] | None = None  # uploaded before, in their order
    shorten_links: bool | None = None

    @property
    def of_time(self) -> bool:
        """Whether it moves the message."""
        times = (self.local_date, self.local_time, self.recipient_local, self.at)
        return any(v is not None for v in times)

    @property
    def of_content(self) -> bool:
        """Whether it changes what people read."""
        contents = (self.text, self.attachment_ids, self.shorten_links)
        return any(v is not None for v in contents)


def add(db: Database, actor: Actor, campaign_id: int, now: datetime, change: Change | None = None) -> Message:
    """Add a message at the end of a draft's sequence.

    Raises `MessageLocked` once the campaign is more than a draft, `TooManyMessages` at 50.
    """
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        campaign = _draft(session, campaign_id)
        last = session.scalar(
            select(func.max(col(Message.position))).where(col(Message.campaign_id) == campaign_id)
        )
        if (last or 0) >= MAX_MESSAGES:
            raise TooManyMessages
        message = Message(campaign_id=campaign_id, position=(last or 0) + 1, created_at=now)
        session.add(message)
        _apply(session, campaign, message, change or Change())
        session.flush()
        _note(session, campaign)
        audit.record(session, actor, now, "add message", "campaign", campaign_id)
        return message


def save(
    db: Database, actor: Actor, message_id: int, change: Change, now: datetime, version: int | None = None
) -> Message:
    """Change a message and give it back with its new version.

    A draft keeps whatever was typed. In a scheduled, running or paused campaign the result must be
    possible: raises `MessageLocked`, `TimeHasCome`, `TimeMissing`, `TooEarly`, `MessageNotReady`.
    With `version`, raises `ChangedElsewhere` when the message is not as the caller last saw it.
    """
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        campaign, message = found.message(session, message_id)
        if version is not None and message.version != version:
            raise ChangedElsewhere
        _check_allowed(campaign, message, change, now)
        before = _seen(session, message)
        _apply(session, campaign, message, change)
        if change.of_time and message.state in BEGUN | UNDECIDED:
            message.state = MessageState.SCHEDULED
            mark_moved(session, message_id)
        if campaign.status not in (Status.DRAFT, Status.STOPPED):
            _check_strictly(session, campaign, message, change, now)
        message.version += 1
        session.flush()
        _note(session, campaign)
        after = _seen(session, message)
        if campaign.status is not Status.DRAFT and after != before:
            audit.record(session, actor, now, "edit", "message", message_id, before=before, after=after)
        return message


@dataclass(frozen=True, slots=True)
class Removed:
    """A message that was taken out, as `put_back` needs it."""

    message: Message
    files: tuple[Attachment, ...]


def remove(db: Database, actor: Actor, message_id: int, now: datetime) -> Removed:
    """Take a message out of a draft; the ones behind move up and keep their times."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        campaign, message = found.message(session, message_id)
        _check_draft(campaign)
        removed = Removed(
            Message(**message.model_dump()),
            tuple(Attachment(**file.model_dump()) for file in of_message(session, message_id)),
        )
        session.delete(message)
        session.flush()
        for position, left in enumerate(found.messages(session, campaign.id or 0), start=1):
            left.position = position
        _note(session, campaign)
        audit.record(session, actor, now, "remove message", "campaign", campaign.id or 0)
        return removed


def put_back(db: Database, actor: Actor, removed: Removed, now: datetime) -> Message:
    """Undo a removal: the message is at its old place again, with its text, time and attachments."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        campaign = found.campaign(session, removed.message.campaign_id, lock=True)
        _check_draft(campaign)
        others = found.messages(session, campaign.id or 0)
        if len(others) >= MAX_MESSAGES:
            raise TooManyMessages
        place = min(removed.message.position, len(others) + 1)
        for other in others[place - 1 :]:
            other.position += 1
        message = Message(**removed.message.model_dump(exclude={"id", "position"}), position=place)
        set_instants(session, campaign, message)  # the zone may be another one now
        session.add(message)
        session.flush()
        for file in removed.files:
            session.add(Attachment(**file.model_dump(exclude={"id", "message_id"}), message_id=message.id))
        session.flush()
        _note(session, campaign)
        audit.record(session, actor, now, "put back message", "campaign", campaign.id or 0)
        return message


def reorder(db: Database, actor: Actor, message_id: int, position: int, now: datetime) -> None:
    """Put a draft's message at another place, from 1. Send times belong to the places and stay there."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        campaign, message = found.message(session, message_id)
        _check_draft(campaign)
        messages = found.messages(session, campaign.id or 0)
        times = [(m.local_date, m.local_time, m.recipient_local, m.send_at, m.begins_at) for m in messages]
        messages.remove(message)
        messages.insert(min(max(position, 1), len(messages) + 1) - 1, message)
        for place, (moved, time) in enumerate(zip(messages, times, strict=True), start=1):
            moved.position = place
            moved.local_date, moved.local_time, moved.recipient_local, moved.send_at, moved.begins_at = time
            moved.version += 1
        audit.record(session, actor, now, "reorder messages", "campaign", campaign.id or 0)


def of_campaign(db: Database, campaign_id: int) -> list[Message]:
    """The messages in their order."""
    with db.read() as session:
        return found.messages(session, campaign_id)


def _draft(session: Session, campaign_id: int) -> Campaign:
    campaign = found.campaign(session, campaign_id, lock=True)
    _check_draft(campaign)
    return campaign


def _check_draft(campaign: Campaign) -> None:
    check_shown(campaign)
    if campaign.status is not Status.DRAFT:
        raise MessageLocked


def _check_allowed(campaign: Campaign, message: Message, change: Change, now: datetime) -> None:
    check_shown(campaign)
    if change.of_content and not may_edit_content(campaign.status, message.state):
        raise MessageLocked
    movable = may_move(
        campaign.status,
        message.state,
        time_has_come=message.time_has_come(now),
        restarting=campaign.restarting,
    )
    if (change.of_time or change.expire_after_minutes is not None) and not movable:
        if campaign.status is not Status.DRAFT:
            campaigns.check(Action.EDIT_SCHEDULE, campaign.standing())
        raise TimeHasCome


def _apply(session: Session, campaign: Campaign, message: Message, change: Change) -> None:
    if change.text is not None:
        if message.began_at is not None:
            keep_text(session, message.id or 0, message.text)
        message.text = storable(change.text)[:KEPT_CHARACTERS]
    if change.shorten_links is not None:
        message.shorten_links = change.shorten_links
    if change.expire_after_minutes is not None:
        before = message.expire_after_minutes
        message.expire_after_minutes = max(1, min(change.expire_after_minutes, 7 * 24 * 60))
        if message.began_at is not None:
            expiry.move(session, message.id or 0, timedelta(minutes=message.expire_after_minutes - before))
    if change.of_time:
        if change.local_date is not None:
            message.local_date = storable(change.local_date).strip()[:40] or None
        if change.local_time is not None:
            message.local_time = storable(change.local_time).strip()[:40] or None
        if change.recipient_local is not None:
            message.recipient_local = change.recipient_local
        if change.at is not None:
            local = wall(change.at, campaign.timezone)
            message.local_date, message.local_time = f"{local:%Y-%m-%d}", f"{local:%H:%M}"
            message.send_at = change.at
        set_instants(session, campaign, message)
    if change.attachment_ids is not None:
        session.flush()
        give(session, message, change.attachment_ids)
        session.flush()


def _check_strictly(
    session: Session, campaign: Campaign, message: Message, change: Change, now: datetime
) -> None:
    """Whoever only rewrites a text is not asked about times that passed while the campaign was paused."""
    check_content(session, message)
    if message.send_at is None:
        _explain_time(message)
    moved_id = message.id if change.of_time else 0
    check_times(session, campaign, to_send(found.messages(session, campaign.id or 0)), now, moved_id)


def _explain_time(message: Message) -> None:
    if not message.local_date or not message.local_time:
        raise TimeMissing
    parse_date(message.local_date)
    parse_time(message.local_time)
    raise Problem("This time can't be understood.")


def _note(session: Session, campaign: Campaign) -> None:
    messages = found.messages(session, campaign.id or 0)
    campaign.message_count = len(messages)
    note_start(campaign, messages)


def _seen(session: Session, message: Message) -> dict[str, object]:
    return {
        "text": message.text,
        "attachments": [file.filename for file in of_message(session, message.id or 0)],
        "date": message.local_date,
        "time": message.local_time,
        "recipient_local": message.recipient_local,
        "shorten_links": message.shorten_links,
        "expire_after_minutes": message.expire_after_minutes,
    }
