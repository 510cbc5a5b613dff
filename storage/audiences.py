"""When a message's time comes: begin it once, fix the audience, plan its deliveries in chunks, end it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlmodel import Session, col

from domain.audience import LeftOut
from domain.campaigns import Status
from domain.deliveries import OPEN, State
from domain.messages import BEGUN, MISSED_AFTER, UNBEGUN, UNDECIDED, MessageState, is_missed
from domain.zones import resolve
from storage import choices, erasure, events, found, holds, members, places
from storage.database import Database
from storage.deliveries import cancel
from storage.tables import (
    NOWHERE,
    AudienceMember,
    Campaign,
    Consent,
    Contact,
    Delivery,
    Message,
    Suppression,
    Tally,
)
from storage.tallies import Changes, shift

CANCEL_REASONS = {
    MessageState.CANCELED: "The campaign was stopped.",
    MessageState.SKIPPED: "The message was skipped.",
}
"""Why a queued delivery of an ended message is canceled, as a person reads it."""

CHUNK = 5_000
"""People planned in one transaction: short enough that other writers hardly wait."""


def begin_due(db: Database, now: datetime) -> list[int]:
    """Begin every scheduled message whose time has come; returns their ids. Each begins just once.

    While all sending is held none begins, and one that is too late by an hour waits for a person.
    """
    with db.read() as session:
        if session.scalar(_due(now).limit(1)) is None:
            return []
    begun = []
    with db.write() as session:
        for message_id in session.scalars(_due(now)).all():
            campaign, message = found.message(session, message_id)
            if not _still_due(campaign, message, now):
                continue
            message.state = MessageState.PLANNING
            message.began_at = message.began_at or now
            if campaign.status is Status.SCHEDULED:
                campaign.status = Status.RUNNING
                campaign.status_since = now
                campaign.started_at = campaign.started_at or now
                events.campaign_moved(session, campaign, Status.SCHEDULED, now)
            begun.append(message_id)
    return begun


def unplanned(db: Database) -> list[int]:
    """Messages that have begun and are not planned to the end, such as after a crash."""
    with db.read() as session:
        query = (
            select(col(Message.id))
            .join(Campaign)
            .where(col(Message.state) == MessageState.PLANNING, col(Campaign.status) == Status.RUNNING)
        )
        return [message_id for message_id in session.scalars(query) if message_id is not None]


def plan_chunk(db: Database, message_id: int, now: datetime, size: int = CHUNK) -> bool:
    """Plan the next people of a begun message; returns whether there may be more.

    Each call is one transaction that remembers how far it came, so a kill loses and doubles nothing.
    The first message's calls fix the audience first.
    """
    with db.write() as session:
        campaign, message = found.message(session, message_id)
        if message.state is not MessageState.PLANNING or campaign.status is not Status.RUNNING:
            return False
        if campaign.audience_fixed_at is None:
            _fix_audience(session, db, campaign, now, size)
            return True
        if _plan(session, campaign, message, now, size) or _rearm(session, campaign, message, now, size):
            return True
        message.state = MessageState.SENDING
        return False


def finish(db: Database, now: datetime) -> list[int]:
    """End messages in which everyone's turn has come, and campaigns without a message left.

    Returns the ids of the campaigns that changed.
    """
    with db.read() as session:
        done = list(session.scalars(_finished()))
    changed = []
    for message_id in done:
        with db.write() as session:
            campaign, message = found.message(session, message_id)
            if session.scalar(_finished().where(col(Message.id) == message_id)) is None:
                continue
            message.state = MessageState.DONE
            message.finished_at = now
            session.flush()
            complete_if_over(session, campaign, now)
            changed.append(campaign.id or 0)
    return changed


def complete_if_over(session: Session, campaign: Campaign, now: datetime) -> None:
    """Complete a campaign that has no message left to send."""
    open_states = UNBEGUN | BEGUN | UNDECIDED
    left = select(col(Message.id)).where(
        col(Message.campaign_id) == campaign.id, col(Message.state).in_(open_states)
    )
    if campaign.status in GOING and session.scalar(left.limit(1)) is None:
        before, campaign.status = campaign.status, Status.COMPLETED
        campaign.status_since = campaign.completed_at = now
        events.campaign_moved(session, campaign, before, now)


def cancel_rest(db: Database, now: datetime, size: int = CHUNK * 4) -> bool:
    """Cancel queued deliveries that a stop left behind, one chunk; returns whether there may be more."""
    with db.read() as session:
        query = (
            select(col(Tally.message_id))
            .join(Message, col(Message.id) == col(Tally.message_id))
            .where(
                col(Tally.state) == State.QUEUED,
                col(Tally.count) > 0,
                col(Message.state).in_(CANCEL_REASONS),
            )
            .limit(1)
        )
        message_id = session.scalar(query)
    if message_id is None:
        return False
    with db.write() as session:
        _campaign, message = found.message(session, message_id)
        if message.state in CANCEL_REASONS:
            cancel(session, message_id, size, CANCEL_REASONS[message.state], now)
    return True


def instants(message: Message, campaign: Campaign, zones: Sequence[str | None]) -> dict[str | None, datetime]:
    """When the message becomes due in each zone; for people without one the campaign's zone counts."""
    if message.send_at is None:
        raise ValueError("a message without a time can't be planned")
    if not message.recipient_local:
        return dict.fromkeys(zones, message.send_at)
    wall = datetime.fromisoformat(f"{message.local_date}T{message.local_time}")
    return {zone: resolve(wall, zone or campaign.timezone).instant for zone in zones}


GOING = (Status.SCHEDULED, Status.RUNNING)


def _due(now: datetime) -> Any:
    return (
        select(col(Message.id))
        .join(Campaign)
        .where(
            col(Message.state) == MessageState.SCHEDULED,
            col(Message.begins_at) <= now,
            col(Message.begins_at) >= now - MISSED_AFTER,
            col(Campaign.status).in_(GOING),
            holds.none_placed(),
        )
        .order_by(col(Message.begins_at), col(Message.id))
    )


def _still_due(campaign: Campaign, message: Message, now: datetime) -> bool:
    """The same once both are locked: it may have been moved, or begun, in between."""
    begins = message.begins_at
    moved = begins is None or begins > now or is_missed(begins, now)
    return message.state is MessageState.SCHEDULED and campaign.status in GOING and not moved


def _fix_audience(session: Session, db: Database, campaign: Campaign, now: datetime, size: int) -> None:
    """Write the next members of the list as audience, each with the reason when left out."""
    everybody = members.of(session, campaign.list_id).subquery()
    page = (
        select(everybody.c.contact_id)
        .where(everybody.c.contact_id > campaign.audience_cursor)
        .order_by(everybody.c.contact_id)
        .limit(size)
    ).subquery()
    last = session.scalar(select(func.max(page.c.contact_id)))
    if last is None:
        counts = select(func.count(), func.count(col(AudienceMember.left_out))).where(
            col(AudienceMember.campaign_id) == campaign.id
        )
        total, left_out = session.execute(counts).one()
        campaign.audience_fixed_at = now
        campaign.audience_size, campaign.left_out = total - left_out, left_out
        return
    places.locate_listed(session, select(page.c.contact_id), now)
    numbers = select(col(Contact.phone)).join(page, page.c.contact_id == col(Contact.id))
    erasure.recall(session, db, session.scalars(numbers), now)
    reasons: list[tuple[ColumnElement[bool], str]] = [
        (col(Contact.invalid_reason).is_not(None), LeftOut.INVALID.value),
        (exists().where(col(Suppression.phone) == col(Contact.phone)), LeftOut.OPTED_OUT.value),
    ]
    if choices.consent_required(session):
        consented = exists().where(col(Consent.phone) == col(Contact.phone))
        reasons.append((~consented, LeftOut.NO_CONSENT.value))
    chosen = (
        select(
            literal(campaign.id),
            col(Contact.id),
            col(Contact.phone),
            func.coalesce(col(Contact.timezone), col(Contact.number_zone)),
            func.coalesce(col(Contact.place_id), NOWHERE),
            case(*reasons, else_=null()),
        )
        .join(everybody, everybody.c.contact_id == col(Contact.id))
        .where(everybody.c.contact_id > campaign.audience_cursor, everybody.c.contact_id <= last)
    )
    columns = ["campaign_id", "contact_id", "phone", "zone", "place_id", "left_out"]
    session.execute(insert(AudienceMember).from_select(columns, chosen))
    campaign.audience_cursor = last


def _plan(session: Session, campaign: Campaign, message: Message, now: datetime, size: int) -> bool:
    """Write the deliveries of the next people of the audience; False when there are no more."""
    audience = and_(
        col(AudienceMember.campaign_id) == campaign.id,
        col(AudienceMember.contact_id) > message.plan_cursor,
        col(AudienceMember.left_out).is_(None),
    )
    page = (
        select(col(AudienceMember.contact_id), col(AudienceMember.zone))
        .where(audience)
        .order_by(col(AudienceMember.contact_id))
        .limit(size)
    ).subquery()
    last = session.scalar(select(func.max(page.c.contact_id)))
    if last is None:
        return False
    zones = session.scalars(select(page.c.zone).distinct()).all()
    due = instants(message, campaign, zones)
    chunk = and_(audience, col(AudienceMember.contact_id) <= last)
    on_list = listed(campaign)
    changes: Changes = Counter()
    for state, condition in ((State.QUEUED, on_list), (State.SKIPPED, ~on_list)):
        skipped = state is State.SKIPPED
        rows = select(
            literal(message.id),
            col(AudienceMember.contact_id),
            col(AudienceMember.phone),
            col(AudienceMember.place_id),
            literal(state.value),
            literal(LeftOut.REMOVED.value if skipped else None),
            _by_zone(due, timedelta(0)),
            _by_zone(due, timedelta(minutes=message.expire_after_minutes)),
            literal(now if skipped else None, Delivery.__table__.c.finished_at.type),  # type: ignore[attr-defined]
            literal(""),
            literal(0),
        ).where(chunk, condition)
        columns = ["message_id", "contact_id", "phone", "place_id", "state", "reason", "due_at", "expires_at"]
        columns += ["finished_at", "code", "attempts"]
        planned = insert(Delivery).from_select(columns, rows).execution_options(preserve_rowcount=True)
        changes[message.id or 0, state, ""] += session.connection().execute(planned).rowcount
    shift(session, changes)
    message.plan_cursor = last
    return True


def _by_zone(due: dict[str | None, datetime], later: timedelta) -> ColumnElement[Any]:
    kind = Delivery.__table__.c.due_at.type  # type: ignore[attr-defined]
    known = [(zone, literal(instant + later, kind)) for zone, instant in due.items() if zone is not None]
    rest = literal(due.get(None, datetime.now(UTC) if not due else next(iter(due.values()))) + later, kind)
    if not known or len(set(due.values())) == 1:
        return rest
    return case(*[(col(AudienceMember.zone) == zone, instant) for zone, instant in known], else_=rest)


def _rearm(session: Session, campaign: Campaign, message: Message, now: datetime, size: int) -> bool:
    """Queue again, at the new time, who was canceled by a stop or left over by a pause; never who was
    sent to, nor who was removed from the list since. False when there are no more.
    """
    query = (
        select(
            col(Delivery.id),
            col(Delivery.state),
            col(Delivery.code),
            col(AudienceMember.zone),
            listed(campaign).label("listed"),
        )
        .join(AudienceMember, col(AudienceMember.contact_id) == col(Delivery.contact_id))
        .where(
            col(AudienceMember.campaign_id) == campaign.id,
            col(Delivery.message_id) == message.id,
            or_(
                col(Delivery.state) == State.CANCELED,
                and_(col(Delivery.state) == State.QUEUED, col(Delivery.attempt_id) == MOVED),
            ),
        )
        .limit(size)
    )
    rows = session.execute(query).all()
    if not rows:
        return False
    due = instants(message, campaign, list({row.zone for row in rows}))
    expiry = timedelta(minutes=message.expire_after_minutes)
    values = [
        {
            "id": row.id,
            "state": State.QUEUED if row.listed else State.SKIPPED,
            "reason": None if row.listed else LeftOut.REMOVED.value,
            "attempt_id": None,
            "due_at": due[row.zone],
            "expires_at": due[row.zone] + expiry,
            "finished_at": None if row.listed else now,
        }
        for row in rows
    ]
    session.execute(update(Delivery), values)
    changes: Changes = Counter()
    for row in rows:
        changes[message.id or 0, row.state, row.code] -= 1
        changes[message.id or 0, State.QUEUED if row.listed else State.SKIPPED, row.code] += 1
    shift(session, changes)
    return True


def listed(campaign: Campaign) -> ColumnElement[bool]:
    """Whether a member of the audience was not taken off the campaign's list since."""
    return members.still_on(campaign.list_id, col(AudienceMember.contact_id))


MOVED = "moved"
"""Stands in the place of an attempt id while a delivery waits for its message's new time."""


def mark_moved(session: Session, message_id: int) -> None:
    """Note that a message's queued deliveries have a new time; they get it when it begins again."""
    session.execute(
        update(Delivery)
        .where(col(Delivery.message_id) == message_id, col(Delivery.state) == State.QUEUED)
        .values(attempt_id=MOVED)
        .execution_options(synchronize_session=False)
    )


def _finished() -> Any:
    waiting = exists().where(
        col(Tally.message_id) == col(Message.id), col(Tally.state).in_(OPEN), col(Tally.count) > 0
    )
    return (
        select(col(Message.id))
        .join(Campaign)
        .where(col(Message.state) == MessageState.SENDING, ~waiting)
        .where(col(Campaign.status).in_((Status.RUNNING, Status.PAUSED)))
    )
