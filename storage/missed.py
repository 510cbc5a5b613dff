"""Messages that are too late to go out by themselves, and what people decide about them."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.campaigns import Status
from domain.deliveries import State
from domain.messages import MISSED_AFTER, Choice, MessageState, NotMissed, ResumeFirst
from domain.zones import wall
from storage import audit, found, line_access
from storage.audiences import CANCEL_REASONS, CHUNK, GOING, complete_if_over, mark_moved
from storage.database import Database
from storage.deliveries import cancel
from storage.found import MessageNotFound
from storage.inserts import insert_into
from storage.sequence import check_shown, note_start
from storage.tables import Campaign, Delivery, Message, Setting

BEAT = "sender"
"""The setting that says when a sender was last alive."""


def notice(db: Database, now: datetime) -> list[int]:
    """Note that a sender is alive, and hold what is too late by now; returns the messages that were missed.

    A message is too late to begin an hour after its time. One that was being sent is when every sender was
    away for so long, whether the program was down or an old backup was restored.
    """
    with db.write() as session:
        beat = _beat(session, now)
        last = datetime.fromisoformat(beat.value["at"])
        beat.value = {"at": max(last, now).isoformat()}
        late = set(session.scalars(_unbegun(now)))
        if now - last > MISSED_AFTER:
            late |= set(session.scalars(_interrupted(now)))
        missed = []
        for message_id in sorted(late):
            campaign, message = found.message(session, message_id)
            if campaign.status in GOING and message.state in _MAY_BE_MISSED:
                message.state = MessageState.MISSED
                message.version += 1
                missed.append(message_id)
    return missed


def _beat(session: Session, now: datetime) -> Setting:
    """The last sign of life, locked; made where there is none, as several senders may start at once."""
    first = insert_into(session, Setting).values(name=BEAT, value={"at": now.isoformat()})
    session.execute(first.on_conflict_do_nothing())
    return session.get_one(Setting, BEAT, with_for_update=True)


def hold_restored(session: Session, now: datetime) -> int:
    """After a restore: what had begun, or should have by now, waits for a person; returns how many messages.

    Whom it was sent to after the backup was made is not known here, so nobody is sent to again by itself.
    """
    held = (
        select(col(Message.id))
        .join(Campaign)
        .where(
            col(Campaign.status).in_((*GOING, Status.PAUSED)),
            or_(
                col(Message.state).in_((MessageState.PLANNING, MessageState.SENDING)),
                (col(Message.state) == MessageState.SCHEDULED) & (col(Message.begins_at) <= now),
            ),
        )
    )
    marked = (
        update(Message)
        .where(col(Message.id).in_(held))
        .values(state=MessageState.MISSED, version=col(Message.version) + 1)
        .execution_options(synchronize_session=False)
    )
    return session.connection().execute(marked).rowcount


def decide(
    db: Database, actor: Actor, campaign_id: int, message_id: int, choice: Choice, now: datetime
) -> None:
    """Send a missed message now, to everyone who hasn't got it yet, or skip it. (Saving a time moves it.)

    Raises `NotMissed` when somebody has decided already, `ResumeFirst` while the campaign is paused.
    """
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        campaign, message = found.message(session, message_id)
        if campaign.id != campaign_id:
            raise MessageNotFound
        check_shown(campaign)
        if choice is Choice.SEND_NOW:
            line_access.check(session, actor, campaign.line_id)
        if message.state is not MessageState.MISSED:
            raise NotMissed
        if campaign.status is Status.PAUSED and choice is Choice.SEND_NOW:
            raise ResumeFirst
        settle(session, campaign, message, choice, now)
        note_start(campaign, found.messages(session, campaign_id))
        audit.record(session, actor, now, choice.value.replace("_", " "), "message", message_id)
        session.flush()
        complete_if_over(session, campaign, now)


def settle(session: Session, campaign: Campaign, message: Message, choice: Choice, now: datetime) -> None:
    """Do as a person chose with a message whose time passed."""
    message.version += 1
    if choice is Choice.SKIP:
        message.state, message.finished_at = MessageState.SKIPPED, now
        if message.id is not None and message.began_at is not None:
            cancel(session, message.id, CHUNK, CANCEL_REASONS[MessageState.SKIPPED], now)
        return
    local = wall(now, campaign.timezone)
    message.local_date, message.local_time = f"{local:%Y-%m-%d}", f"{local:%H:%M}"
    message.recipient_local = False
    message.send_at = message.begins_at = now
    if message.state is MessageState.MISSED:
        message.state = MessageState.SCHEDULED
        mark_moved(session, message.id or 0)


def _unbegun(now: datetime) -> Any:
    return (
        select(col(Message.id))
        .join(Campaign)
        .where(
            col(Message.state) == MessageState.SCHEDULED,
            col(Message.begins_at) < now - MISSED_AFTER,
            col(Campaign.status).in_(GOING),
        )
    )


def _interrupted(now: datetime) -> Any:
    waiting = exists().where(
        col(Delivery.message_id) == col(Message.id),
        col(Delivery.state) == State.QUEUED,
        col(Delivery.due_at) < now - MISSED_AFTER,
    )
    return (
        select(col(Message.id))
        .join(Campaign)
        .where(
            col(Campaign.status) == Status.RUNNING,
            or_(
                (col(Message.state) == MessageState.SENDING) & waiting,
                (col(Message.state) == MessageState.PLANNING) & (col(Message.begins_at) < now - MISSED_AFTER),
            ),
        )
    )


_MAY_BE_MISSED = (MessageState.SCHEDULED, MessageState.PLANNING, MessageState.SENDING)
