"""What the results page shows: facts, timeline and tallies of a campaign."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import func, select
from sqlmodel import Session, col

from domain import expected_segments
from domain.audience import Waits
from domain.campaigns import Action, Standing, Status, actions
from domain.deliveries import OPEN, State
from domain.forecast import rest_ends
from domain.keywords import Kind
from domain.line_time import Cost
from domain.messages import UNDECIDED, MessageState
from domain.schedules import next_minute
from storage import attachments, found, line_holds, line_use, replies, short_links
from storage.database import Database
from storage.line_holds import LineHold
from storage.sequence import audience_size, links_of, list_zones, planned, standing_of
from storage.short_links import Clicks
from storage.tables import (
    Attachment,
    AudienceMember,
    CarrierAccount,
    ContactList,
    Delivery,
    Line,
    Message,
    User,
)
from storage.tallies import of_messages


@dataclass(frozen=True, slots=True)
class MessageResult:
    """One message of the timeline."""

    id: int
    position: int
    text: str
    state: MessageState
    send_at: datetime | None
    recipient_local: bool
    expected_end: datetime | None
    tally: dict[State, int]
    codes: dict[tuple[State, str], int]  # the same counts by error code, where there is one
    replies: int  # texts of people that answer it, without keywords
    opt_outs: int  # texts that answer it with STOP
    held: int  # queued people whose quiet hours have not ended
    attachments: tuple[Attachment, ...]
    links: tuple[Clicks, ...] = ()  # those that were shortened


@dataclass(frozen=True, slots=True)
class Results:
    """A campaign with all its messages, oldest to newest."""

    id: int
    name: str
    standing: Standing
    actions: tuple[Action, ...]
    timezone: str
    line_id: int
    line_label: str
    line_number: str
    line_rate: float | None
    line_hold: LineHold | None  # why the line sends nothing right now
    carrier_kind: str
    list_name: str
    owner: str
    created_by: str
    created_at: datetime
    acknowledged_by: str
    acknowledged_at: datetime
    acknowledgment: str  # the words that were ticked
    audience: int | None  # None until fixed
    listed: int
    left_out: dict[str, int]  # stored reason → people
    start_at: datetime | None
    started_at: datetime | None
    status_since: datetime
    completed_at: datetime | None
    pause_reason: str | None
    expected_end: datetime | None
    messages: tuple[MessageResult, ...]


def overview(db: Database, campaign_id: int, now: datetime) -> Results:
    """Everything the page shows at first sight; costs the same for a hundred or a million deliveries."""
    with db.read() as session:
        return _overview(db, session, campaign_id, now)


def _overview(db: Database, session: Session, campaign_id: int, now: datetime) -> Results:
    campaign = found.campaign(session, campaign_id)
    messages = found.messages(session, campaign_id)
    size = audience_size(session, campaign)
    schedule = planned(session, campaign, messages, now, zones=lambda *_: _zones(db, campaign.id or 0, size))
    ids = [message.id or 0 for message in messages]
    tallies, files = of_messages(session, ids), attachments.of_campaign_messages(session, ids)
    heard, opted_out = replies.to_messages(session, ids), replies.opt_outs(session, ids)
    clicks = short_links.of_messages(session, ids)
    line = session.get_one(Line, campaign.line_id)
    contact_list = session.get_one(ContactList, campaign.list_id)
    standing = standing_of(session, campaign, now)
    pace = line_use.pace(session, line, now)
    ends = {item.position: item.ends for item in schedule}
    for message in messages:
        if message.position in ends and message.state is MessageState.SENDING:
            left = sum(n for (state, _), n in tallies[message.id or 0].items() if state in OPEN)
            if (rest := rest_ends(left, _cost(session, message), pace, now)) is None:
                del ends[message.position]
            else:
                ends[message.position] = _ends(rest, ends[message.position], message)
        if message.state in UNDECIDED:
            ends.pop(message.position, None)
    if campaign.status not in (Status.SCHEDULED, Status.RUNNING):
        ends = {}
    return Results(
        id=campaign_id,
        name=campaign.name,
        standing=standing,
        actions=tuple(actions(standing)),
        timezone=campaign.timezone,
        line_id=campaign.line_id,
        line_label=line.label,
        line_number=line.number,
        line_rate=line.rate,
        line_hold=line_holds.of(line, now, line_use.used_today(session, line, now)),
        carrier_kind=session.get_one(CarrierAccount, line.account_id).kind,
        list_name=contact_list.name,
        owner=session.get_one(User, campaign.owner_id).name,
        created_by=session.get_one(User, campaign.created_by_id).name,
        created_at=campaign.created_at,
        acknowledged_by=session.get_one(User, campaign.acknowledged_by_id).name,
        acknowledged_at=campaign.acknowledged_at,
        acknowledgment=campaign.acknowledgment,
        audience=campaign.audience_size,
        listed=contact_list.size,
        left_out=dict(_left_out(db, campaign_id, campaign.audience_fixed_at)) if campaign.left_out else {},
        start_at=campaign.start_at,
        started_at=campaign.started_at,
        status_since=campaign.status_since,
        completed_at=campaign.completed_at,
        pause_reason=campaign.pause_reason,
        expected_end=max(ends.values(), default=None),
        messages=tuple(
            _result(
                message,
                tallies[message.id or 0],
                files[message.id or 0],
                ends.get(message.position),
                heard[message.id or 0],
                opted_out.get(message.id or 0, 0),
                _held(db, message.id or 0, int(now.timestamp()) // HELD_SECONDS)
                if message.state is MessageState.SENDING
                else 0,
                clicks[message.id or 0],
            )
            for message in messages
        ),
    )


def _result(
    message: Message,
    counts: Counter[tuple[State, str]],
    files: list[Attachment],
    ends: datetime | None,
    heard: Counter[Kind],
    opted_out: int,
    held: int,
    clicks: tuple[Clicks, ...],
) -> MessageResult:
    tally: Counter[State] = Counter()
    for (state, _code), count in counts.items():
        tally[state] += count
    return MessageResult(
        id=message.id or 0,
        position=message.position,
        text=message.text,
        state=message.state,
        send_at=message.send_at,
        recipient_local=message.recipient_local,
        expected_end=ends,
        tally=dict(tally),
        codes={key: count for key, count in counts.items() if key[1]},
        replies=heard[Kind.REPLY],
        opt_outs=opted_out,
        held=held if tally[State.QUEUED] else 0,
        attachments=tuple(files),
        links=clicks,
    )


def _cost(session: Session, message: Message) -> Cost:
    links = links_of(session, message)
    usual = expected_segments.usual(message.text, links)
    return Cost(usual, expected_segments.claimed(message.text, links))


def _ends(rest: datetime, planned_end: datetime, message: Message) -> datetime:
    """When a message that is being sent will be through, to the minute.

    The plan's own end counts as long as it is later, as when some recipients' local time is still ahead.
    """
    return next_minute(max(rest, planned_end if message.recipient_local else rest))


@lru_cache(maxsize=512)
def _zones(db: Database, campaign_id: int, _size: int) -> tuple[str | None, ...]:
    """The list's zones, read anew when its size has changed: a page asks four times a second."""
    with db.read() as session:
        return tuple(list_zones(session, found.campaign(session, campaign_id)))


HELD_SECONDS = 5
"""How old the number of people whom quiet hours hold may be: among a million it takes a while to count."""


@lru_cache(maxsize=512)
def _held(db: Database, message_id: int, spans: int) -> int:
    """Counted once in each span of so many seconds, for all pages that look."""
    now = datetime.fromtimestamp(spans * HELD_SECONDS, UTC)
    query = select(func.count()).where(
        col(Delivery.message_id) == message_id,
        col(Delivery.state) == State.QUEUED,
        col(Delivery.due_at) > now,
        col(Delivery.reason) == Waits.QUIET_HOURS,
    )
    with db.read() as session:
        return session.scalar(query) or 0


@lru_cache(maxsize=512)
def _left_out(db: Database, campaign_id: int, _fixed_at: datetime | None) -> tuple[tuple[str, int], ...]:
    """People by reason; an audience is fixed once, so each is counted once."""
    query = (
        select(col(AudienceMember.left_out), func.count())
        .where(col(AudienceMember.campaign_id) == campaign_id, col(AudienceMember.left_out).is_not(None))
        .group_by(col(AudienceMember.left_out))
    )
    with db.read() as session:
        return tuple((reason or "", people) for reason, people in session.execute(query))
