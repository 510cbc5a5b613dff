"""What people do about unconfirmed deliveries: leave them, or send again, knowing that some may get two."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, insert, literal, select, update
from sqlmodel import Session, col

from domain import access, doubts
from domain.access import Actor, Permission
from domain.deliveries import State
from domain.doubts import NoneUnconfirmed
from storage import audit, line_access
from storage.database import Database
from storage.found import MessageNotFound
from storage.requeueing import places
from storage.sequence import check_shown
from storage.tables import Delivery, DoubtfulAttempt
from storage.tallies import Changes, shift


def send_again(db: Database, actor: Actor, campaign_id: int, message_id: int, now: datetime) -> int:
    """Queue a message's unconfirmed deliveries for new attempts; returns how many.

    They may go out from now until as long after as the message lasts. A late receipt for an old attempt
    still counts. Raises `NoneUnconfirmed`, or why the campaign does not send.
    """
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        place = places(session, [message_id])[message_id]
        if place.campaign.id != campaign_id:
            raise MessageNotFound
        check_shown(place.campaign)
        line_access.check(session, actor, place.campaign.line_id)
        doubts.check_send_again(place.campaign.status, place.message.state)
        expires_at = now + timedelta(minutes=place.message.expire_after_minutes)
        _replace_attempts(session, message_id, now)
        queued = _queue(session, message_id, place.attempt_id, now, expires_at)
        if not queued:
            raise NoneUnconfirmed
        place.reopen(now)
        audit.record(session, actor, now, "send again", "message", message_id, after={"unconfirmed": queued})
    return queued


def _replace_attempts(session: Session, message_id: int, now: datetime) -> None:
    """Remember the attempts that the new ones replace, so that their receipts are still understood."""
    doubtful = select(_delivery.c.attempt_id).where(*_unconfirmed(message_id))
    session.execute(
        update(DoubtfulAttempt)
        .where(col(DoubtfulAttempt.attempt_id).in_(doubtful))
        .values(replaced_at=now, look_at=None)
        .execution_options(synchronize_session=False)
    )
    known = select(col(DoubtfulAttempt.attempt_id)).where(
        col(DoubtfulAttempt.attempt_id) == _delivery.c.attempt_id
    )
    new = select(
        _delivery.c.attempt_id, _delivery.c.id, literal(0), literal(now, _delivery.c.due_at.type)
    ).where(*_unconfirmed(message_id), _delivery.c.attempt_id.is_not(None), ~known.exists())
    columns = ["attempt_id", "delivery_id", "looks", "replaced_at"]
    session.execute(insert(DoubtfulAttempt).from_select(columns, new))


def _queue(session: Session, message_id: int, mark: str | None, now: datetime, until: datetime) -> int:
    """Queue them, code by code, as the tallies count them."""
    codes = session.scalars(select(_delivery.c.code).where(*_unconfirmed(message_id)).distinct()).all()
    changes: Changes = Counter()
    for code in codes:
        queued = session.connection().execute(
            update(_delivery)
            .where(*_unconfirmed(message_id), _delivery.c.code == code)
            .values(
                state=State.QUEUED.value,
                code="",
                reason=None,
                attempts=0,
                attempt_id=mark or _delivery.c.attempt_id,
                due_at=now,
                expires_at=case((_delivery.c.expires_at > until, _delivery.c.expires_at), else_=until),
            )
        )
        changes[message_id, State.UNKNOWN, code] -= queued.rowcount
        changes[message_id, State.QUEUED, ""] += queued.rowcount
    shift(session, changes)
    return changes[message_id, State.QUEUED, ""]


def _unconfirmed(message_id: int) -> tuple[ColumnElement[bool], ...]:
    return _delivery.c.message_id == message_id, _delivery.c.state == State.UNKNOWN


_delivery = Delivery.__table__  # type: ignore[attr-defined]
