"""Conversations: what a person and one of our lines have said to each other, and what nobody has read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.deliveries import State
from domain.keywords import Kind
from domain.problems import NotFound
from domain.texts import storable
from storage import sent_texts
from storage.database import Database
from storage.inserts import insert_into
from storage.people import matching
from storage.sent_texts import Turn
from storage.tables import (
    Answer,
    Campaign,
    Contact,
    Conversation,
    Delivery,
    Inbound,
    Line,
    Message,
    Suppression,
)

ANSWER = "answer"
"""The kind of a conversation's last words when they are ours."""


class ConversationNotFound(NotFound):
    """This conversation does not exist."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as the inbox lists it."""

    id: int
    phone: str
    name: str
    line: str
    unread: int
    last_text: str
    last_kind: str
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Conversations with the newest words first."""

    rows: tuple[Talk, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Said:
    """One text of a conversation: a campaign's message, the person's words, or an answer of ours."""

    at: datetime
    text: str
    ours: bool
    kind: str  # message, reply, stop, start, help
    state: State | None = None  # of ours
    reason: str | None = None
    author: str = ""
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation, oldest words first, and what is known about the person."""

    id: int
    phone: str
    name: str
    contact_id: int | None
    line_id: int
    line: str
    line_number: str
    campaign_id: int | None
    campaign: str
    suppressed: str | None  # where the opt-out came from
    suppressed_at: datetime | None
    said: tuple[Said, ...]


def between(session: Session, account_id: int, number: str, phone: str, now: datetime) -> Conversation | None:
    """The conversation of a person with one of our lines, begun if need be; None without a line."""
    spellings = (number, f"+{number.strip()}", number.lstrip("+"))
    line_id = session.scalar(
        select(col(Line.id))
        .where(col(Line.account_id) == account_id, col(Line.number).in_(spellings))
        .order_by(col(Line.id))
        .limit(1)
    )
    return None if line_id is None else begun(session, line_id, phone, now)


def begun(session: Session, line_id: int, phone: str, now: datetime) -> Conversation:
    """The conversation of a person with this line, begun if need be; locked."""
    values = {
        "line_id": line_id,
        "phone": phone,
        "unread": 0,
        "last_text": "",
        "last_kind": "",
        "last_at": now,
        "created_at": now,
    }
    session.execute(insert_into(session, Conversation).values(values).on_conflict_do_nothing())
    query = select(Conversation).where(col(Conversation.phone) == phone, col(Conversation.line_id) == line_id)
    return session.scalars(query.with_for_update()).one()


def heard(talk: Conversation, words: Inbound) -> None:
    """The person said something; keywords are dealt with already, so nobody needs to read them."""
    talk.unread += words.kind == Kind.REPLY
    talk.last_text, talk.last_kind, talk.last_at = words.text, words.kind, words.received_at
    talk.message_id = words.message_id or talk.message_id


def unread(db: Database) -> int:
    """How many conversations hold something that nobody has read."""
    with db.read() as session:
        return session.scalar(select(func.count()).where(col(Conversation.unread) > 0)) or 0


def page(
    db: Database, *, search: str = "", only_unread: bool = False, first: int = 0, limit: int = 25
) -> Page:
    """Conversations by name, number or last words, those with the newest words first."""
    wanted: list[ColumnElement[bool]] = [col(Conversation.unread) > 0] if only_unread else []
    if words := storable(search).strip():
        who = and_(*matching(words, col(Conversation.phone)))
        wanted.append(or_(who, col(Conversation.last_text).icontains(words, autoescape=True)))
    base = (
        select(Conversation, col(Contact.first_name), col(Contact.last_name), col(Line.label))
        .join(Line, col(Line.id) == col(Conversation.line_id))
        .outerjoin(Contact, col(Contact.phone) == col(Conversation.phone))
        .where(*wanted)
    )
    rows = base.order_by(col(Conversation.last_at).desc(), col(Conversation.id).desc())
    with db.read() as session:
        total = session.scalar(select(func.count()).select_from(base.subquery())) or 0
        shown = session.execute(rows.offset(max(0, first)).limit(limit)).all()
    return Page(tuple(_talk(*row) for row in shown), total)


def thread(db: Database, conversation_id: int) -> Thread:
    """All that was said in a conversation, its last `LONGEST` texts."""
    with db.read() as session:
        talk = found(session, conversation_id)
        contact = session.scalars(select(Contact).where(col(Contact.phone) == talk.phone)).one_or_none()
        line = session.get_one(Line, talk.line_id)
        campaign = session.execute(
            select(col(Campaign.id), col(Campaign.name))
            .join(Message, col(Message.campaign_id) == col(Campaign.id))
            .where(col(Message.id) == talk.message_id)
        ).one_or_none()
        out = session.get(Suppression, talk.phone)
        said = [*_heard(session, talk), *_answers(session, talk)]
        if contact is not None:
            said += _messages(session, talk.line_id, contact.id or 0)
    return Thread(
        id=conversation_id,
        phone=talk.phone,
        name=f"{contact.first_name} {contact.last_name}".strip() if contact else "",
        contact_id=contact.id if contact else None,
        line_id=talk.line_id,
        line=line.label,
        line_number=line.number,
        campaign_id=campaign.id if campaign else None,
        campaign=campaign.name if campaign else "",
        suppressed=out.source if out else None,
        suppressed_at=out.created_at if out else None,
        said=tuple(sorted(said, key=lambda one: one.at)[-LONGEST:]),
    )


def mark_read(db: Database, actor: Actor, conversation_id: int) -> None:
    """Somebody of the team has it open; for everybody it is read."""
    access.check(actor, Permission.EDIT)
    _set_unread(db, conversation_id, 0)


def mark_unread(db: Database, actor: Actor, conversation_id: int) -> None:
    """Leave it for later, or for somebody else."""
    access.check(actor, Permission.EDIT)
    _set_unread(db, conversation_id, 1)


def of_number(db: Database, phone: str) -> list[int]:
    """The conversations of a number, for the contact's page."""
    query = select(col(Conversation.id)).where(col(Conversation.phone) == phone)
    with db.read() as session:
        return [number for number in session.scalars(query.order_by(col(Conversation.id))) if number]


LONGEST = 300
"""Texts of one conversation that are shown."""


def _set_unread(db: Database, conversation_id: int, count: int) -> None:
    with db.write() as session:
        found(session, conversation_id)
        session.execute(
            update(Conversation).where(col(Conversation.id) == conversation_id).values(unread=count)
        )


def found(session: Session, conversation_id: int, *, lock: bool = False) -> Conversation:
    """The conversation; `lock` keeps others from changing it until the transaction ends."""
    known = 0 < conversation_id < 2**31
    talk = session.get(Conversation, conversation_id, with_for_update=lock or None) if known else None
    if talk is None:
        raise ConversationNotFound
    return talk


def _talk(talk: Conversation, first: str | None, last: str | None, line: str) -> Talk:
    return Talk(
        id=talk.id or 0,
        phone=talk.phone,
        name=f"{first or ''} {last or ''}".strip(),
        line=line,
        unread=talk.unread,
        last_text=talk.last_text,
        last_kind=talk.last_kind,
        last_at=talk.last_at,
    )


def _heard(session: Session, talk: Conversation) -> list[Said]:
    query = select(Inbound).where(col(Inbound.conversation_id) == talk.id)
    rows = session.scalars(query.order_by(col(Inbound.id).desc()).limit(LONGEST)).all()
    return [Said(row.received_at, row.text, ours=False, kind=row.kind) for row in reversed(rows)]


def _answers(session: Session, talk: Conversation) -> list[Said]:
    query = select(Answer).where(col(Answer.conversation_id) == talk.id)
    rows = session.scalars(query.order_by(col(Answer.id).desc()).limit(LONGEST)).all()
    return [
        Said(
            row.created_at,
            row.text,
            ours=True,
            kind=row.kind,
            state=row.state,
            reason=row.reason,
            author=row.author,
        )
        for row in reversed(rows)
    ]


def _messages(session: Session, line_id: int, contact_id: int) -> list[Said]:
    """The campaigns' messages that went to the person from this line."""
    query: Any = (
        select(
            col(Delivery.sent_at),
            col(Delivery.state),
            col(Delivery.reason),
            col(Delivery.text).label("own"),
            col(Delivery.sending_since),
            col(Message.id).label("message_id"),
            col(Message.text),
            col(Campaign.name),
        )
        .join(Message, col(Message.id) == col(Delivery.message_id))
        .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
        .where(
            col(Campaign.line_id) == line_id,
            col(Delivery.contact_id) == contact_id,
            col(Delivery.sent_at).is_not(None),
        )
        .order_by(col(Delivery.sent_at).desc())
        .limit(LONGEST)
    )
    rows = session.execute(query).all()
    texts = sent_texts.as_sent(
        session, [Turn(row.message_id, row.text, row.own, row.sending_since) for row in rows]
    )
    return [
        Said(row.sent_at, text, True, "message", State(row.state), row.reason, campaign=row.name)
        for row, text in zip(rows, texts, strict=True)
    ]
