"""The pre-flight review's numbers: who would get what, what it costs, and when it goes out."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from domain import segments
from domain.audience import LeftOut
from domain.claim_rules import ClaimRules
from domain.deliveries import State
from domain.line_time import Pace
from domain.preflight import Audience, LineFacts, MessagePlan, Review
from domain.quiet_hours import Hours
from domain.schedules import Planned
from storage import choices, claim_rules, found, line_sharing, line_use, quiet_hours, reach, short_links
from storage.database import Database
from storage.review_hours import Openings
from storage.review_parties import Outcome, outcomes
from storage.review_people import Seen, Walk
from storage.review_texts import Script
from storage.sequence import as_open, audience_size, check_ready, planned, to_send
from storage.tables import (
    Attachment,
    AuditEntry,
    Campaign,
    Consent,
    Contact,
    Delivery,
    Line,
    Message,
    Suppression,
)

BLOCKS = 4_000
"""Parts of a list that the forecast tells apart: where the line is slow, whoever stands in front is first."""

BLOCKS_COUNTED = 500
"""The same where a frequency cap counts texts: there people of one block are told apart more finely."""

EVERYBODY = 2**31

EXACT = timedelta(0)
GRAIN = timedelta(minutes=1)
"""What earlier texts are told apart by where a frequency cap counts them for more people than `BLOCKS`."""


class Stopped(Exception):
    """The review is not wanted any more."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the review is about, read once before the people are gone through."""

    campaign: Campaign
    messages: Sequence[Message]  # those to be sent, as they will be once scheduled
    schedule: Mapping[int, Planned]  # by position
    line: Line
    broken: tuple[str, ...]  # as nobody reaches this program from outside
    links: str  # what short links begin with
    hours: Hours | None
    consent: bool
    rules: ClaimRules
    pace: Pace
    block: int  # people in a row whom the forecast takes together
    grain: timedelta  # to which earlier texts are told apart
    already: Mapping[int, int]  # by message


def review(
    db: Database,
    campaign_id: int,
    now: datetime,
    tell: Callable[[int], None] = lambda _people: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Review:
    """The review of a campaign that is ready to be scheduled; raises what keeps it from being so.

    Goes through every person once. `tell` hears after each chunk how many that were; once `stopped` says
    so, it gives up with `Stopped`.
    """
    plan = _plan(db, campaign_id, now)
    expire = plan.rules.expire
    openings = [Openings(m, plan.campaign, plan.hours, expire=expire) for m in plan.messages]
    scripts = [Script(opening, plan.links) for opening in openings]
    walk = Walk(
        db,
        plan.campaign,
        scripts,
        consent=plan.consent,
        cap=plan.rules.cap,
        block=plan.block,
        grain=plan.grain,
    )
    while walk.chunk():
        tell(walk.seen.listed)
        if stopped():
            raise Stopped
    line = plan.line
    found = outcomes(scripts, walk.seen.people, plan.pace, plan.rules.cap)
    messages = tuple(map(partial(_message, plan), plan.messages, scripts, found))
    shared = _shared_with(db, plan, messages)
    return Review(
        _audience(walk.seen),
        messages,
        plan.campaign.timezone,
        LineFacts(line.rate, line.daily_cap, line.blocked_reason, plan.broken, shared),
    )


def check(db: Database, campaign_id: int, now: datetime) -> None:
    """Raise what keeps a campaign from being scheduled."""
    with db.read() as session:
        campaign = found.campaign(session, campaign_id)
        check_ready(session, campaign, found.messages(session, campaign_id), now)


def size(db: Database, campaign_id: int) -> int:
    """How many people the review has to go through."""
    with db.read() as session:
        campaign = found.campaign(session, campaign_id)
        return audience_size(session, campaign) + campaign.left_out


def reached(session: Session, message_id: int) -> int:
    """People who have the message, or may have it: they never get it again."""
    query = select(func.count()).where(
        col(Delivery.message_id) == message_id,
        col(Delivery.state).not_in((State.CANCELED, State.QUEUED, State.SKIPPED, State.EXPIRED)),
    )
    return session.scalar(query) or 0


def _plan(db: Database, campaign_id: int, now: datetime) -> _Plan:
    with db.read() as session:  # check_ready derives the instants; nothing is written
        campaign = found.campaign(session, campaign_id)
        messages = found.messages(session, campaign_id)
        check_ready(session, campaign, messages, now)
        sendable = [as_open(message) for message in to_send(messages)]
        line = session.get_one(Line, campaign.line_id)
        pace, rules = line_use.pace(session, line, now), claim_rules.of(session)
        people = audience_size(session, campaign)
        return _Plan(
            campaign,
            sendable,
            {item.position: item for item in planned(session, campaign, sendable, now)},
            line,
            reach.broken(db, session, line, sendable),
            short_links.base(session),
            quiet_hours.of(session),
            choices.consent_required(session),
            rules,
            pace,
            _block(people, pace, rules),
            GRAIN if people > BLOCKS else EXACT,
            {message.id or 0: reached(session, message.id or 0) for message in sendable},
        )


def _block(people: int, pace: Pace, rules: ClaimRules) -> int:
    """How many people in a row the forecast takes together; on a list that is not large, each one alone."""
    if not pace.is_limited:
        return EVERYBODY
    return people // (BLOCKS_COUNTED if rules.cap and people > BLOCKS else BLOCKS) + 1


def _audience(seen: Seen) -> Audience:
    out = seen.left_out
    opted_out, no_consent = out[LeftOut.OPTED_OUT], out[LeftOut.NO_CONSENT]
    invalid = out.total() - opted_out - no_consent
    return Audience(seen.listed, invalid, opted_out, no_consent, seen.listed - out.total())


def _shared_with(db: Database, plan: _Plan, messages: Sequence[MessagePlan]) -> tuple[str, ...]:
    """The other campaigns that slow this one down, and it them."""
    if not plan.pace.is_limited:
        return ()
    first, last = min(one.starts_at for one in messages), max(one.ends_at for one in messages)
    with db.read() as session:
        return line_sharing.at_once(session, plan.campaign, first, last)


def _message(plan: _Plan, message: Message, script: Script, outcome: Outcome) -> MessagePlan:
    item, expected = plan.schedule[message.position], outcome.expected
    plain = segments.count(message.text)
    return MessagePlan(
        id=message.id or 0,
        position=message.position,
        text=message.text,
        people=outcome.people,
        already=plan.already[message.id or 0],
        encodings=dict(outcome.encodings) or {plain.encoding: 0},
        segments=dict(sorted(outcome.segments.items())),
        costly=plain.costly,
        missing=dict(outcome.missing),
        unknown=tuple(script.unknown) if outcome.people else (),
        capped=sum(expected.capped),
        cost_micros=outcome.parts * plan.line.price_micros,
        starts_at=item.first,
        ends_at=max(expected.ends_at or item.first, item.first),
        held=expected.held,
        expiring=expected.never,
        slots=expected.slots,
        about=plan.grain > EXACT,
    )


def fingerprint(db: Database, campaign_id: int) -> tuple[str, str]:
    """What a review depends on, but for the clock: the plan and the settings, then the people.

    Two equal ones mean equal reviews. It is cheap, so that it can be asked whenever one is shown.
    """
    with db.read() as session:
        campaign = found.campaign(session, campaign_id)
        line = session.get_one(Line, campaign.line_id)
        return (
            _digest(
                campaign.model_dump(exclude={"name", "name_key", "version", "audience_cursor"}),
                [message.model_dump() for message in found.messages(session, campaign_id)],
                sorted(session.scalars(_files(campaign_id))),
                [line.rate, line.daily_cap, line.minute_cap, line.price_micros, line.blocked_reason],
                line.day_zone,
                [
                    (m.id, m.begins_at, m.state, other.name)
                    for m, other in line_sharing.others(session, campaign)
                ],
                [choices.chosen(session, name) for name in SETTINGS],
                _texts_counted(session),
            ),
            _digest(audience_size(session, campaign), *_people(session)),
        )


SETTINGS = (choices.CONSENT, quiet_hours.NAME, claim_rules.NAME, short_links.NAME)
PEOPLE_KINDS = ("contact", "contacts", "list", "import", "suppression", "workspace")
"""What an audit entry is about when it may say that people or lists have changed."""


def _people(session: Session) -> list[Any]:
    """Values that differ whenever a person, a list, an opt-out or an opt-in does."""
    changed = (
        select(col(AuditEntry.id))
        .where(col(AuditEntry.kind).in_(PEOPLE_KINDS))
        .order_by(col(AuditEntry.id).desc())
        .limit(1)
    )
    suppressed = select(func.count(), func.max(col(Suppression.created_at))).select_from(Suppression)
    invalid = select(func.count()).where(col(Contact.invalid_reason).is_not(None))
    return [
        session.scalar(changed),
        tuple(session.execute(suppressed).one()),
        session.scalar(select(func.max(col(Consent.id)))),
        session.scalar(invalid),
    ]


def _texts_counted(session: Session) -> Any:
    """Values that differ when another message has begun or ended, where a frequency cap counts texts."""
    if claim_rules.of(session).cap is None:
        return None
    query = select(func.max(col(Message.began_at)), func.max(col(Message.finished_at)))
    return tuple(session.execute(query).one())


def _files(campaign_id: int) -> Any:
    return (
        select(col(Attachment.id))
        .join(Message, col(Message.id) == col(Attachment.message_id))
        .where(col(Message.campaign_id) == campaign_id)
    )


def _digest(*values: Any) -> str:
    return sha256(json.dumps(values, default=str, sort_keys=True).encode()).hexdigest()
