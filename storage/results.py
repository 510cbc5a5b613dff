"""What the results page shows: facts, timeline and tallies of a campaign, and the people behind a number."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlmodel import Session, col

from domain.audience import in_words
from domain.campaigns import Action, Standing, actions
from domain.deliveries import State
from domain.messages import MessageState
from domain.texts import storable
from storage import attachments, found
from storage.database import Database
from storage.sequence import expected_end, planned, standing_of
from storage.tables import (
    Attachment,
    AudienceMember,
    CarrierAccount,
    Contact,
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
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """A campaign with all its messages, oldest to newest."""

    id: int
    name: str
    standing: Standing
    actions: tuple[Action, ...]
    timezone: str
    line_label: str
    line_number: str
    line_rate: float | None
    line_trouble: str | None
    carrier_kind: str
    list_name: str
    owner: str
    created_by: str
    created_at: datetime
    audience: int | None  # None until fixed
    listed: int
    left_out: dict[str, int]  # words → people
    start_at: datetime | None
    started_at: datetime | None
    status_since: datetime
    completed_at: datetime | None
    pause_reason: str | None
    expected_end: datetime | None
    messages: tuple[MessageResult, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """One delivery as the list behind a number shows it."""

    delivery_id: int
    contact_id: int
    name: str
    phone: str
    state: State
    code: str
    reason: str
    attempts: int
    sent_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class People:
    """A page of them; `next` is the cursor of the page behind, None on the last."""

    rows: tuple[Person, ...]
    next: int | None


def overview(db: Database, campaign_id: int, now: datetime) -> Results:
    """Everything the page shows at first sight; costs the same for a hundred or a million deliveries."""
    with db.read() as session:
        return _overview(session, campaign_id, now)


def people(
    db: Database,
    message_id: int,
    *,
    states: Sequence[State] = (),
    code: str | None = None,
    search: str = "",
    after: int = 0,
    limit: int = 25,
) -> People:
    """The people of a message in some states, found by name or number, in the order of the ledger."""
    limit = max(1, min(limit, 200))
    query = (
        select(Delivery, col(Contact.first_name), col(Contact.last_name))
        .outerjoin(Contact, col(Contact.id) == col(Delivery.contact_id))
        .where(col(Delivery.message_id) == message_id, col(Delivery.id) > after)
        .order_by(col(Delivery.id))
        .limit(limit + 1)
    )
    if states:
        query = query.where(col(Delivery.state).in_(states))
    if code is not None:
        query = query.where(col(Delivery.code) == code)
    with db.read() as session:
        rows = session.execute(_matching(query, search)).all()
    shown = tuple(_person(delivery, first, last) for delivery, first, last in rows[:limit])
    return People(shown, shown[-1].delivery_id if len(rows) > limit else None)


def _overview(session: Session, campaign_id: int, now: datetime) -> Results:
    campaign = found.campaign(session, campaign_id)
    messages = found.messages(session, campaign_id)
    schedule = planned(session, campaign, messages, now)
    ends = {item.position: item.ends for item in schedule}
    ids = [message.id or 0 for message in messages]
    tallies, files = of_messages(session, ids), attachments.of_campaign_messages(session, ids)
    line = session.get_one(Line, campaign.line_id)
    contact_list = session.get_one(ContactList, campaign.list_id)
    standing = standing_of(session, campaign, now)
    return Results(
        id=campaign_id,
        name=campaign.name,
        standing=standing,
        actions=tuple(actions(standing)),
        timezone=campaign.timezone,
        line_label=line.label,
        line_number=line.number,
        line_rate=line.rate,
        line_trouble=_trouble(line, now),
        carrier_kind=session.get_one(CarrierAccount, line.account_id).kind,
        list_name=contact_list.name,
        owner=session.get_one(User, campaign.owner_id).name,
        created_by=session.get_one(User, campaign.created_by_id).name,
        created_at=campaign.created_at,
        audience=campaign.audience_size,
        listed=contact_list.size,
        left_out=_left_out(session, campaign_id) if campaign.left_out else {},
        start_at=campaign.start_at,
        started_at=campaign.started_at,
        status_since=campaign.status_since,
        completed_at=campaign.completed_at,
        pause_reason=campaign.pause_reason,
        expected_end=expected_end(schedule),
        messages=tuple(
            _result(message, tallies[message.id or 0], files[message.id or 0], ends.get(message.position))
            for message in messages
        ),
    )


def _result(
    message: Message, counts: Counter[tuple[State, str]], files: list[Attachment], ends: datetime | None
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
        attachments=tuple(files),
    )


def _left_out(session: Session, campaign_id: int) -> dict[str, int]:
    query = (
        select(col(AudienceMember.left_out), func.count())
        .where(col(AudienceMember.campaign_id) == campaign_id, col(AudienceMember.left_out).is_not(None))
        .group_by(col(AudienceMember.left_out))
    )
    return {in_words(reason or ""): count for reason, count in session.execute(query)}


def _trouble(line: Line, now: datetime) -> str | None:
    if line.blocked_reason:
        return line.blocked_reason
    if line.paused_until and line.paused_until > now:
        return "The carrier asked this line to slow down."
    return None


def _matching(query: Select[Delivery, str, str], search: str) -> Select[Delivery, str, str]:
    """Words with letters are looked for in the name; what is written as a number, in the number too."""
    words = storable(search).split()[:5]
    name = col(Contact.first_name) + " " + col(Contact.last_name)
    numbers = [word for word in words if not any(map(str.isalpha, word))]
    digits = "".join(c for c in "".join(numbers) if c.isascii() and c.isdigit())
    for word in words:
        matches = [_contains(name, word)]
        if word in numbers and len(digits) >= 3:
            matches.append(col(Delivery.phone).contains(digits))
        query = query.where(or_(*matches))
    return query


def _contains(name: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Whatever the case; where the database can fold only ASCII, the usual spellings of others as well."""
    spellings = {word, word.lower(), word.capitalize(), word.upper()}
    folded = func.lower(name).contains(word.lower(), autoescape=True)
    return or_(folded, *(name.contains(spelling, autoescape=True) for spelling in sorted(spellings)))


def _person(delivery: Delivery, first: str | None, last: str | None) -> Person:
    return Person(
        delivery_id=delivery.id or 0,
        contact_id=delivery.contact_id,
        name=f"{first or ''} {last or ''}".strip(),
        phone=delivery.phone,
        state=delivery.state,
        code=delivery.code,
        reason=in_words(delivery.reason or ""),
        attempts=delivery.attempts,
        sent_at=delivery.sent_at,
        finished_at=delivery.finished_at,
    )
