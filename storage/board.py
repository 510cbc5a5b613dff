"""What the composer shows: the messages, what may change in each, and what keeps each from going out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from domain import times
from domain.campaigns import Standing, Status
from domain.media_limits import hint
from domain.messages import MessageState, may_edit_content, may_move
from domain.problems import Problem
from domain.schedules import Planned, check_sequence, earliest_after
from domain.zones import resolve, wall
from storage import found, media_limits, short_links
from storage.attachments import of_campaign_messages
from storage.database import Database
from storage.review import reached
from storage.sequence import (
    NOTHING_LEFT,
    NoMessages,
    as_open,
    audience_size,
    check_ready,
    list_zones,
    planned,
    standing_of,
    to_send,
)
from storage.tables import Attachment, Campaign, ContactList, Line, Message


@dataclass(frozen=True, slots=True)
class File:
    """An attachment of a message."""

    id: int
    filename: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Row:
    """One message as the composer shows it."""

    id: int
    position: int
    version: int
    text: str
    local_date: str
    local_time: str
    recipient_local: bool
    shorten_links: bool
    expire_after_minutes: int
    state: MessageState
    send_at: datetime | None
    first: datetime | None  # when the first person gets it; earlier than send_at for recipients' local time
    ends: datetime | None  # when the last one is expected to have it
    files: tuple[File, ...]
    edits_content: bool
    edits_time: bool
    to_send: bool  # scheduling would send it
    missing: str  # what keeps it from being scheduled, in a sentence; "" for nothing
    too_early: str  # why its time can't be, naming the earliest possible one; "" when it can
    reached: int  # people who have it from before a stop; only counted for a restart


@dataclass(frozen=True, slots=True)
class Board:
    """A campaign with its messages, oldest first."""

    id: int
    name: str
    standing: Standing
    timezone: str
    line_id: int
    line: str
    attachable: str  # what the line's carrier takes beside a text, in a line
    list_name: str
    people: int
    rows: tuple[Row, ...]
    nothing_to_send: str  # in a sentence; "" when scheduling would send something
    links: str  # what short links begin with

    @property
    def status(self) -> Status:
        """The status below the archived flag."""
        return self.standing.status

    @property
    def ready(self) -> bool:
        """Whether Schedule Campaign is enabled (product.md D2); the order of times is checked after it."""
        return not self.nothing_to_send and not any(row.missing for row in self.rows)


def read(db: Database, campaign_id: int, now: datetime) -> Board:
    """The board of a campaign; raises `CampaignNotFound`."""
    with db.read() as session:  # checking derives instants on the rows; nothing is written
        campaign = found.campaign(session, campaign_id)
        messages = found.messages(session, campaign_id)
        files = of_campaign_messages(session, [m.id or 0 for m in messages])
        sendable = to_send(messages)
        standing = standing_of(session, campaign, now)
        line = session.get_one(Line, campaign.line_id)
        contact_list = session.get_one(ContactList, campaign.list_id)
        kept = [m.model_copy() for m in messages]
        open_ = campaign.status is Status.DRAFT or campaign.restarting
        missing = {m.id: _missing(session, campaign, m, now) for m in sendable} if open_ else {}
        schedule = {p.position: p for p in planned(session, campaign, [as_open(m) for m in sendable], now)}
        early = _too_early(schedule, campaign, now) if open_ or campaign.status is Status.PAUSED else {}
        rows = tuple(
            replace(
                _row(session, campaign, message, files[message.id or 0], now, schedule.get(message.position)),
                to_send=message.id in {m.id for m in sendable},
                missing=missing.get(message.id, ""),
                too_early=early.get(message.position, ""),
            )
            for message in kept
        )
        return Board(
            id=campaign_id,
            name=campaign.name,
            standing=standing,
            timezone=campaign.timezone,
            line_id=campaign.line_id,
            line=line.number,
            attachable=hint(media_limits.carrier_of(session, campaign.line_id)),
            list_name=contact_list.name,
            people=audience_size(session, campaign),
            rows=rows,
            nothing_to_send="" if sendable else NoMessages(NOTHING_LEFT if messages else None).text,
            links=short_links.base(session),
        )


def row(db: Database, message_id: int, now: datetime) -> Row:
    """One message as it is kept now; raises `MessageNotFound`."""
    with db.read() as session:
        campaign, message = found.message(session, message_id)
        files = of_campaign_messages(session, [message_id])[message_id]
        return _row(session, campaign, message, files, now, None)


def fingerprint(db: Database, campaign_id: int) -> tuple[object, ...]:
    """Differs whenever the board does, apart from what the clock changes; cheap enough to ask often."""
    with db.read() as session:
        campaign = found.campaign(session, campaign_id)
        size = session.scalar(select(col(ContactList.size)).where(col(ContactList.id) == campaign.list_id))
        messages = select(
            col(Message.id),
            col(Message.position),
            col(Message.version),
            col(Message.state),
            col(Message.send_at),
        ).where(col(Message.campaign_id) == campaign_id)
        files = (
            select(col(Attachment.id))
            .join(Message, col(Message.id) == col(Attachment.message_id))
            .where(col(Message.campaign_id) == campaign_id)
        )
        return (
            campaign.name,
            campaign.standing(),
            campaign.timezone,
            campaign.line_id,
            campaign.list_id,
            campaign.audience_size,
            size,
            tuple(tuple(one) for one in session.execute(messages.order_by(col(Message.id)))),
            tuple(session.scalars(files.order_by(col(Attachment.id)))),
        )


def earliest(db: Database, message_id: int, now: datetime, *, recipient_local: bool) -> datetime:
    """The earliest wall-clock time, in the campaign's zone or in everyone's own, that a message can have."""
    with db.read() as session:
        campaign, message = found.message(session, message_id)
        ahead = [m for m in found.messages(session, campaign.id or 0) if m.position < message.position]
        before = planned(session, campaign, [as_open(m) for m in to_send(ahead)], now, message_id)
        soonest = earliest_after(before[-1] if before else None, now)
        zones = list_zones(session, campaign) if recipient_local else [None]
        places = {zone or campaign.timezone for zone in zones}
        chosen = max(wall(soonest, place) for place in places)
        while min(resolve(chosen, place).instant for place in places) < soonest:
            chosen += timedelta(minutes=15)  # clocks went back: this time was there before
        return chosen


def _row(
    session: Session,
    campaign: Campaign,
    message: Message,
    files: list[Attachment],
    now: datetime,
    plan: Planned | None,
) -> Row:
    movable = may_move(
        campaign.status,
        message.state,
        time_has_come=message.time_has_come(now),
        restarting=campaign.restarting,
    )
    restarting = campaign.restarting and campaign.status is Status.STOPPED
    return Row(
        id=message.id or 0,
        position=message.position,
        version=message.version,
        text=message.text,
        local_date=message.local_date or "",
        local_time=message.local_time or "",
        recipient_local=message.recipient_local,
        shorten_links=message.shorten_links,
        expire_after_minutes=message.expire_after_minutes,
        state=message.state,
        send_at=message.send_at,
        first=plan.first if plan else message.begins_at,
        ends=plan.ends if plan else None,
        files=tuple(File(f.id or 0, f.filename, f.bytes) for f in files),
        edits_content=may_edit_content(campaign.status, message.state) and not campaign.archived,
        edits_time=movable and not campaign.archived,
        to_send=False,
        missing="",
        too_early="",
        reached=reached(session, message.id or 0) if restarting else 0,
    )


def _missing(session: Session, campaign: Campaign, message: Message, now: datetime) -> str:
    try:
        check_ready(session, campaign, [message], now)
    except Problem as problem:
        named = f"Message {message.position}: "
        return problem.text.removeprefix(named)
    return ""


def _too_early(schedule: dict[int, Planned], campaign: Campaign, now: datetime) -> dict[int, str]:
    """What is wrong with each time, seen against the message before it alone."""
    found_: dict[int, str] = {}
    before: Planned | None = None
    for position, message in schedule.items():
        ahead = [replace(before, begun=True)] if before else []
        try:
            check_sequence([*ahead, message], now, times.reader(campaign.timezone))
        except Problem as problem:
            found_[position] = problem.text
        before = message
    return found_
