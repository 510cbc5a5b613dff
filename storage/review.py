"""The pre-flight review's numbers: who would get what, what it costs, and when it is expected to end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select
from sqlmodel import Session, col

from domain import segments
from domain.deliveries import State
from domain.segments import Encoding
from storage import choices, found, members
from storage.audiences import listed
from storage.database import Database
from storage.sequence import as_open, check_ready, planned, to_send
from storage.tables import AudienceMember, Campaign, Consent, Contact, Delivery, Line, Suppression


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is on the list, and who of them would be sent to."""

    listed: int
    invalid: int
    opted_out: int
    no_consent: int  # without a recorded opt-in, where the workspace requires one
    to_send: int


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """One message as it would go out."""

    position: int
    encoding: Encoding
    segments: int
    people: int  # who would get it
    already: int  # who has it from before a stop
    cost_micros: int  # millionths of a dollar
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """All that is shown before a campaign is scheduled."""

    audience: Audience
    messages: tuple[MessagePlan, ...]
    timezone: str
    line_rate: float | None
    warnings: tuple[str, ...]

    @property
    def cost_micros(self) -> int:
        """Of all messages together."""
        return sum(message.cost_micros for message in self.messages)


def review(db: Database, campaign_id: int, now: datetime) -> Review:
    """The review of a campaign that is ready to be scheduled; raises what keeps it from being so."""
    with db.read() as session:  # check_ready derives the instants; nothing is written
        campaign = found.campaign(session, campaign_id)
        messages = found.messages(session, campaign_id)
        check_ready(session, campaign, messages, now)
        audience = _audience(session, campaign)
        line = session.get_one(Line, campaign.line_id)
        plans = []
        sendable = to_send(messages)
        for item in planned(session, campaign, [as_open(m) for m in sendable], now):
            message = next(m for m in sendable if m.position == item.position)
            count = segments.count(message.text)
            already = reached(session, message.id or 0)
            people = _people(session, campaign, message.id or 0, audience)
            parts = max(1, count.segments)
            plans.append(
                MessagePlan(
                    item.position,
                    count.encoding,
                    parts,
                    people,
                    already,
                    people * parts * line.price_micros,
                    item.first,
                    item.ends,
                )
            )
        warnings = tuple(_warnings(audience, plans, [m.text for m in sendable], line))
        return Review(audience, tuple(plans), campaign.timezone, line.rate, warnings)


def _audience(session: Session, campaign: Campaign) -> Audience:
    required = choices.consent_required(session)
    if campaign.audience_fixed_at is not None:
        size = campaign.audience_size or 0
        out, bare = _suppressed(col(AudienceMember.phone)), _unconsented(col(AudienceMember.phone), required)
        gone = select(_count(out), _count(~out & bare)).where(
            col(AudienceMember.campaign_id) == campaign.id, col(AudienceMember.left_out).is_(None)
        )
        opted_out, no_consent = (value or 0 for value in session.execute(gone).one())
        to_send = size - opted_out - no_consent
        return Audience(size + campaign.left_out, campaign.left_out, opted_out, no_consent, to_send)
    bad = col(Contact.invalid_reason).is_not(None)
    out, bare = _suppressed(col(Contact.phone)), _unconsented(col(Contact.phone), required)
    query = (
        select(func.count(), _count(bad), _count(~bad & out), _count(~bad & ~out & bare))
        .select_from(Contact)
        .where(col(Contact.id).in_(members.of(session, campaign.list_id)))
    )
    listed, invalid, opted_out, no_consent = (value or 0 for value in session.execute(query).one())
    return Audience(listed, invalid, opted_out, no_consent, listed - invalid - opted_out - no_consent)


def _suppressed(phone: Any) -> ColumnElement[bool]:
    return exists().where(col(Suppression.phone) == phone)


def _unconsented(phone: Any, required: bool) -> ColumnElement[bool]:
    return ~exists().where(col(Consent.phone) == phone) if required else false()


def _count(which: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((which, 1), else_=0))


def _people(session: Session, campaign: Campaign, message_id: int, audience: Audience) -> int:
    """People who would get the message: of a fixed audience those still listed who don't have it yet."""
    if campaign.audience_fixed_at is None:
        return audience.to_send
    ours = and_(
        col(Delivery.message_id) == message_id, col(Delivery.contact_id) == col(AudienceMember.contact_id)
    )
    open_ = or_(col(Delivery.id).is_(None), col(Delivery.state).in_((State.CANCELED, State.QUEUED)))
    query = (
        select(func.count())
        .select_from(AudienceMember)
        .outerjoin(Delivery, ours)
        .where(
            col(AudienceMember.campaign_id) == campaign.id,
            col(AudienceMember.left_out).is_(None),
            open_,
            listed(campaign),
            ~_suppressed(col(AudienceMember.phone)),
            ~_unconsented(col(AudienceMember.phone), choices.consent_required(session)),
        )
    )
    return session.scalar(query) or 0


def reached(session: Session, message_id: int) -> int:
    """People who have the message, or may have it: they never get it again."""
    query = select(func.count()).where(
        col(Delivery.message_id) == message_id,
        col(Delivery.state).not_in((State.CANCELED, State.QUEUED, State.SKIPPED, State.EXPIRED)),
    )
    return session.scalar(query) or 0


def _warnings(audience: Audience, plans: list[MessagePlan], texts: list[str], line: Line) -> list[str]:
    found_: list[str] = []
    if not audience.to_send:
        found_.append("Nobody on this list can be sent to.")
    if texts and "stop" not in texts[0].lower():
        found_.append('The first message does not say how to opt out. Add "Reply STOP to opt out".')
    if line.blocked_reason:
        found_.append(f"The line is blocked: {line.blocked_reason}")
    segments_a_day = sum(plan.people * plan.segments for plan in plans)
    if line.daily_cap and segments_a_day > line.daily_cap:
        found_.append(
            f"The line may send {line.daily_cap:,} segments a day and this needs {segments_a_day:,}: "
            "the rest waits for the next day."
        )
    return found_
