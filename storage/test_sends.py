"""A message tried on a number of one's own: once, through the campaign's line, outside of its ledger."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from domain import access, places, segments
from domain.access import Actor, Permission
from domain.carrier_errors import explain
from domain.deliveries import FINAL, LABELS, State
from domain.phones import mask, normalise
from domain.problems import Conflict
from domain.texts import storable
from storage import (
    answers,
    audit,
    conversations,
    erasure,
    found,
    holds,
    line_access,
    line_holds,
    line_use,
    quiet_hours,
    rendering,
)
from storage.answers import NothingToSend, OptedOut
from storage.attachments import of_message
from storage.database import Database
from storage.tables import Answer, CarrierAccount, Contact, Conversation, FormDraft, Line, Suppression

FORM = "test send"
"""Under this name the number of a person's last test is remembered."""

WORTH = timedelta(minutes=10)
"""How long a test waits for its line: whoever asked for it is looking at the screen."""

AN_HOUR = 20
"""Tests of one person in an hour."""


class QuietThere(Conflict):
    """It is outside the hours in which people may be texted where this number is. Send the test anyway?"""


class LineHeld(Conflict):
    """The campaign's line can't send just now."""


class SendingHeld(Conflict):
    """Sending is held for the whole workspace. An administrator can release it."""


class CapReached(Conflict):
    """The line has sent all that it may for now, so there is no room for a test. Try again later."""


class TooManyTests(Conflict):
    """You have sent 20 tests within an hour. Wait a little."""


@dataclass(frozen=True, slots=True)
class Came:
    """What has become of a test."""

    label: str
    detail: str  # the carrier's words, or why it was not sent
    over: bool  # nothing more is to be expected
    good: bool


def send(
    db: Database,
    actor: Actor,
    message_id: int,
    text: str,
    number: str,
    now: datetime,
    *,
    at_any_hour: bool = False,
) -> int:
    """Queue a message's text, as it stands, and its attachments for one number; gives the test's id.

    Merge fields say what they would say to the contact with that number; else their fallbacks.
    Raises `BadNumber`, `OptedOut`, `QuietThere`, `LineHeld`, `CapReached` and what texts may break.
    """
    access.check(actor, Permission.EDIT)
    phone = normalise(number)
    with db.write() as session:
        campaign, message = found.message(session, message_id)
        line_access.check(session, actor, campaign.line_id)
        line = session.get_one(Line, campaign.line_id)
        if erasure.remembered(session, db, [phone]):
            raise OptedOut
        _check_may_send(session, actor, line, phone, now)
        if not at_any_hour:
            _check_hours(session, phone, now)
        words = _written_out(session, storable(text), phone)
        files = [file.id or 0 for file in of_message(session, message.id or 0)]
        if not words.strip() and not files:
            raise NothingToSend
        segments.check_text(words)
        cost = max(1, segments.segments(words))
        if line_use.room(session, line, now) < cost:
            raise CapReached
        line_use.spend(session, line, now, cost)
        talk = conversations.begun(session, line.id or 0, phone, now)
        made = answers.queue(session, talk, words, answers.TEST, now, now + WORTH, actor, files)
        session.merge(FormDraft(user_id=actor.user_id, form=FORM, body={"phone": phone}, updated_at=now))
        audit.record(session, actor, now, "send test", "message", message_id, after={"to": mask(phone)})
        return made.id or 0


def came(db: Database, test_id: int) -> Came:
    """What has become of a test until now."""
    query = (
        select(Answer, col(CarrierAccount.kind))
        .join(Conversation, col(Conversation.id) == col(Answer.conversation_id))
        .join(Line, col(Line.id) == col(Conversation.line_id))
        .join(CarrierAccount, col(CarrierAccount.id) == col(Line.account_id))
        .where(col(Answer.id) == test_id)
    )
    with db.read() as session:
        row, kind = session.execute(query).one()
        detail = row.reason or ""
        if row.code:
            words = explain(kind, row.code)
            detail = f"{words.title}. {words.advice}"
        good = row.state in (State.SENT, State.NO_RECEIPT, State.DELIVERED)
        return Came(LABELS[State(row.state)], detail, row.state in FINAL, good)


def _check_may_send(session: Session, actor: Actor, line: Line, phone: str, now: datetime) -> None:
    if session.get(Suppression, phone) is not None:
        raise OptedOut
    if not session.scalar(select(holds.none_placed())):
        raise SendingHeld
    if hold := line_holds.of(line, now):
        raise LineHeld(f"The campaign's line can't send just now. {hold.reason}".strip())
    lately = select(func.count()).where(
        col(Answer.kind) == answers.TEST,
        col(Answer.author_id) == actor.user_id,
        col(Answer.created_at) > now - timedelta(hours=1),
    )
    if (session.scalar(lately) or 0) >= AN_HOUR:
        raise TooManyTests


def _check_hours(session: Session, phone: str, now: datetime) -> None:
    zone = session.scalar(select(col(Contact.timezone)).where(col(Contact.phone) == phone))
    hours = quiet_hours.of(session)
    if hours is not None and not hours.allows(now, places.of(zone, phone)):
        raise QuietThere


def _written_out(session: Session, text: str, phone: str) -> str:
    contact_id = session.scalar(select(col(Contact.id)).where(col(Contact.phone) == phone)) or 0
    return rendering.rendered(session, text, [(contact_id, phone)]).get(contact_id, text)
