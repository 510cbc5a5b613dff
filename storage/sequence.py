"""A campaign's messages as a schedule: their instants, how long each lasts, and whether they may go out."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from domain import campaigns, expected_segments, segments, times
from domain.campaigns import Action, Standing
from domain.messages import BEGUN, ENDED, MessageEmpty, MessageState, may_move
from domain.problems import Problem
from domain.schedules import Planned, TimeMissing, check_sequence, lasting
from domain.zones import parse_date, parse_time, resolve, wall
from storage import found, media_limits, members, short_links
from storage.audiences import instants
from storage.tables import Attachment, Campaign, Contact, ContactList, Line, Message


class NoMessages(Problem):
    """Add a message first."""


class MessageNotReady(Problem):
    """A message is not ready to be scheduled."""

    def __init__(self, position: int, problem: Problem) -> None:
        super().__init__(f"Message {position}: {problem.text}")
        self.position = position


def set_instants(session: Session, campaign: Campaign, message: Message) -> None:
    """Derive `send_at` and `begins_at` from the wall-clock time; both None while it is incomplete.

    Wall-clock times are full minutes. An instant within the minute that they name is kept as exact.
    """
    before, message.send_at, message.begins_at = message.send_at, None, None
    try:
        day = parse_date(message.local_date or "")
        clock = parse_time(message.local_time or "")
    except Problem:
        return
    message.local_date, message.local_time = day.isoformat(), f"{clock:%H:%M}"
    typed = datetime.combine(day, clock)
    message.send_at = resolve(typed, campaign.timezone).instant
    if before is not None and not message.recipient_local and _minute(before, campaign) == typed:
        message.send_at = before
    message.begins_at = message.send_at
    if message.recipient_local:
        message.begins_at = min(instants(message, campaign, list_zones(session, campaign)).values())


def _minute(instant: datetime, campaign: Campaign) -> datetime:
    """The minute that the campaign's clocks show."""
    return wall(instant, campaign.timezone).replace(second=0, microsecond=0)


def list_zones(session: Session, campaign: Campaign) -> Sequence[str | None]:
    """The zones of the list's members; None stands for those without one. Asked once a transaction."""
    known: dict[int, Sequence[str | None]] = session.info.setdefault("list zones", {})
    if campaign.list_id in known:
        return known[campaign.list_id]
    zone = func.coalesce(col(Contact.timezone), col(Contact.number_zone))
    query = select(zone).where(col(Contact.id).in_(members.of(session, campaign.list_id))).distinct()
    known[campaign.list_id] = list(session.scalars(query)) or [None]
    return known[campaign.list_id]


def planned(
    session: Session,
    campaign: Campaign,
    messages: Sequence[Message],
    now: datetime,
    moved_id: int | None = None,
    zones: Callable[[Session, Campaign], Sequence[str | None]] | None = None,
) -> list[Planned]:
    """The messages that have a time, in order, as the schedule's rules see them.

    While one message is moved (`moved_id`), those whose time has passed only hold back the ones behind.
    `zones` may give the list's zones from memory, for those who ask often.
    """
    line = session.get_one(Line, campaign.line_id)
    people = audience_size(session, campaign)
    result = []
    for message in messages:
        if message.send_at is None or message.state in ENDED:
            continue
        first = message.begins_at or message.send_at
        last = first
        if message.recipient_local:
            last = max(instants(message, campaign, (zones or list_zones)(session, campaign)).values())
        lasts = lasting(people, expected_segments.usual(message.text, links_of(session, message)), line.rate)
        result.append(
            Planned(
                message.position,
                first,
                last,
                lasts,
                begun=message.state in BEGUN or (moved_id not in (None, message.id) and first <= now),
            )
        )
    return result


def links_of(session: Session, message: Message) -> str:
    """What the message's short links begin with; "" where its links stay as they are."""
    return short_links.base(session) if message.shorten_links else ""


def audience_size(session: Session, campaign: Campaign) -> int:
    """People: the fixed audience, or the list's members as long as it isn't fixed."""
    if campaign.audience_size is not None:
        return campaign.audience_size
    return session.get_one(ContactList, campaign.list_id).size


def check_ready(session: Session, campaign: Campaign, messages: Sequence[Message], now: datetime) -> None:
    """Raise what keeps the campaign from being scheduled: no message, an empty one, a time that can't be."""
    sendable = to_send(messages)
    if not sendable:
        raise NoMessages(NOTHING_LEFT if messages else None)
    for message in sendable:
        check_content(session, message)
        if message.local_date is None or message.local_time is None:
            raise MessageNotReady(message.position, TimeMissing())
        for part, parse in ((message.local_date, parse_date), (message.local_time, parse_time)):
            try:
                parse(part)
            except Problem as problem:
                raise MessageNotReady(message.position, problem) from problem
        set_instants(session, campaign, message)
    check_times(session, campaign, sendable, now)


def to_send(messages: Sequence[Message]) -> list[Message]:
    """Those that scheduling would send: not ended, or canceled by a stop and given a new time."""
    return [m for m in messages if m.state not in ENDED or _rebuilt(m)]


def check_times(
    session: Session,
    campaign: Campaign,
    messages: Sequence[Message],
    now: datetime,
    moved_id: int | None = None,
) -> None:
    """Raise `TooEarly` for the first message whose time can't be."""
    schedule = planned(session, campaign, [as_open(m) for m in messages], now, moved_id)
    check_sequence(schedule, now, times.reader(campaign.timezone))


def check_content(session: Session, message: Message) -> None:
    """Raise what is wrong with the message's text, named by its position."""
    files = session.scalars(select(Attachment).where(col(Attachment.message_id) == message.id)).all()
    try:
        segments.check_text(message.text)
        if not message.text.strip() and not files:
            raise MessageEmpty
        if files:
            line_id = session.get_one(Campaign, message.campaign_id).line_id
            media_limits.check(session, line_id, files)
    except Problem as problem:
        raise MessageNotReady(message.position, problem) from problem


def check_shown(campaign: Campaign) -> None:
    """Raise `ActionRefused` for an archived campaign: nothing of it is changed."""
    if campaign.archived:
        campaigns.check(Action.EDIT, campaign.standing())


def standing_of(session: Session, campaign: Campaign, now: datetime | None = None) -> Standing:
    """The campaign's standing, including whether a message can still be moved."""
    movable = any(
        may_move(
            campaign.status,
            message.state,
            time_has_come=now is not None and message.time_has_come(now),
            restarting=campaign.restarting,
        )
        for message in found.messages(session, campaign.id or 0)
    )
    return campaign.standing(movable=movable)


def note_start(campaign: Campaign, messages: list[Message]) -> None:
    """Keep what the grid sorts by."""
    moments = [m.send_at for m in messages if m.send_at and m.state is not MessageState.SKIPPED]
    campaign.start_at = min(moments, default=None)


NOTHING_LEFT = "Set a send date and a send time for at least one message."


def _rebuilt(message: Message) -> bool:
    """A canceled message that got a new time after a restart."""
    return message.state is MessageState.CANCELED and bool(message.local_date or message.local_time)


def as_open(message: Message) -> Message:
    """The message as it will be once scheduled again, for computing its place in the schedule."""
    if message.state is not MessageState.CANCELED:
        return message
    copy = Message(**message.model_dump())
    copy.state = MessageState.SCHEDULED
    return copy
