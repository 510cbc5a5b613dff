"""Somebody's number or time zone has changed: campaigns that have begun follow, with all that still waits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update
from sqlmodel import Session, col

from domain.campaigns import Status
from domain.deliveries import State
from storage import places
from storage.tables import NOWHERE, AudienceMember, Campaign, Contact, Delivery, Message

GOING_ON = (Status.RUNNING, Status.PAUSED, Status.STOPPED)
WAITS = (State.QUEUED, State.CANCELED)
"""What a stop canceled is sent after a restart."""


def going_on(session: Session) -> Sequence[int]:
    """The campaigns that are to follow; asked for before the contacts change, as they are locked first."""
    query = (
        select(col(Campaign.id))
        .where(col(Campaign.status).in_(GOING_ON), col(Campaign.audience_cursor) > 0)
        .order_by(col(Campaign.id))
        .with_for_update(read=True)
    )
    return [number or 0 for number in session.scalars(query)]


def follow(session: Session, campaigns: Sequence[int], contact_ids: Sequence[int], now: datetime) -> None:
    """Let what is not sent yet go to these people's numbers as they are now, in their hours as they are."""
    if not campaigns or not contact_ids:
        return
    session.flush()
    these = col(Contact.id).in_(contact_ids)
    places.locate_listed(session, select(col(Contact.id)).where(these), now)
    zone = func.coalesce(col(Contact.timezone), col(Contact.number_zone))
    query = select(col(Contact.id), col(Contact.phone), col(Contact.place_id), zone).where(these)
    people = [
        {"who": who, "number": phone, "whereabouts": place or NOWHERE, "own_zone": own}
        for who, phone, place, own in session.execute(query)
    ]
    messages = session.scalars(select(col(Message.id)).where(col(Message.campaign_id).in_(campaigns))).all()
    connection = session.connection()
    for statement, ids in ((_MEMBER, campaigns), (_WAITING, messages)):
        each = [{**one, "of": number} for number in ids for one in people]
        if each:
            connection.execute(statement, each)


def follow_zones(session: Session, campaigns: Sequence[int], phones: Sequence[str], now: datetime) -> None:
    """The same for those of these numbers that were given another time zone just now."""
    if not campaigns or not phones:
        return
    looked_up_anew = (
        select(col(Contact.id))
        .join(AudienceMember, col(AudienceMember.contact_id) == col(Contact.id))
        .where(
            col(AudienceMember.campaign_id).in_(campaigns),
            col(Contact.phone).in_(phones),
            col(Contact.place_id).is_(None),
        )
        .distinct()
    )
    follow(session, campaigns, [number or 0 for number in session.scalars(looked_up_anew)], now)


_NOW_AT: dict[str, Any] = {"phone": bindparam("number"), "place_id": bindparam("whereabouts")}
_MEMBER = (
    update(AudienceMember)
    .where(
        col(AudienceMember.campaign_id) == bindparam("of"),
        col(AudienceMember.contact_id) == bindparam("who"),
    )
    .values(**_NOW_AT, zone=bindparam("own_zone"))
)
_WAITING = (
    update(Delivery)
    .where(
        col(Delivery.message_id) == bindparam("of"),
        col(Delivery.contact_id) == bindparam("who"),
        or_(*(col(Delivery.state) == state for state in WAITS)),
    )
    .values(**_NOW_AT)
)
