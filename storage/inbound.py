"""Texts that people send to our lines; a STOP holds from the next claim on, and so does a wish in words."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlmodel import Session, col

from domain.keywords import Kind, kind_of
from domain.opt_outs import REOPENED_BY_START, Source
from domain.revocations import asks_to_stop
from storage import answers, conversations, erasure, events, revocations
from storage.contacts import suppress_number as suppress
from storage.database import Database
from storage.tables import Campaign, Contact, Conversation, Delivery, Inbound, Message, Suppression


@dataclass(frozen=True, slots=True)
class Reply:
    """A verified inbound text as a webhook took it in."""

    account_id: int
    dedupe_key: str
    from_phone: str
    to_number: str
    text: str
    told: Kind | None = None  # what the carrier says that it is, by keywords of its own
    answered: bool = False  # whether the carrier answers keywords itself


def take(db: Database, reply: Reply, now: datetime) -> Kind:
    """Keep the text once, and do at once what it asks for.

    A STOP puts the number on the suppression list. START undoes what a keyword did or the carrier
    reported, never what a person of the team put there. A wish in plain words holds the number until
    somebody has looked at it. Keywords are answered once, unless the carrier does that.
    """
    with db.write() as session:
        seen = select(Inbound).where(
            col(Inbound.account_id) == reply.account_id, col(Inbound.dedupe_key) == reply.dedupe_key
        )
        known = session.scalars(seen).one_or_none()
        if known is not None:
            return Kind(known.kind)
        suppressed = session.get(Suppression, reply.from_phone) is not None
        kind = reply.told or kind_of(reply.text, opted_out=suppressed)
        talk = conversations.between(session, reply.account_id, reply.to_number, reply.from_phone, now)
        kept = _keep(session, reply, kind, talk, now)
        events.replied(session, kept, now)
        changed = _obey(session, db, kept, now)
        if talk is not None and not reply.answered and changed:
            answers.to_keyword(session, talk, kind, now)
    return kind


def _keep(session: Session, reply: Reply, kind: Kind, talk: Conversation | None, now: datetime) -> Inbound:
    kept = Inbound(
        account_id=reply.account_id,
        dedupe_key=reply.dedupe_key,
        from_phone=reply.from_phone,
        to_number=reply.to_number,
        text=reply.text,
        kind=kind.value,
        received_at=now,
    )
    if talk is not None:
        kept.conversation_id = talk.id
        kept.message_id = _answered(session, talk.line_id, reply.from_phone, now)
        conversations.heard(talk, kept)
    session.add(kept)
    session.flush()
    return kept


def _obey(session: Session, db: Database, kept: Inbound, now: datetime) -> bool:
    """Do what the text asks for; whether that did anything that is worth an answer."""
    phone = kept.from_phone
    if kept.kind == Kind.STOP:
        revocations.settled_by_stop(session, phone, now)
        return suppress(session, phone, "Replied STOP", Source.KEYWORD, now)
    if kept.kind == Kind.START:
        undone = delete(Suppression).where(
            col(Suppression.phone) == phone, col(Suppression.source).in_(REOPENED_BY_START)
        )
        lifted = session.connection().execute(undone).rowcount > 0
        return erasure.opted_in_again(session, db, phone) or lifted
    if asks_to_stop(kept.text) and suppress(session, phone, revocations.HELD, Source.PLAIN_WORDS, now):
        revocations.wait(session, kept, now)
    return kept.kind == Kind.HELP


def _answered(session: Session, line_id: int, phone: str, now: datetime) -> int | None:
    """The message of ours to this person, from the line they answered, that went out last."""
    sent = exists().where(
        col(Delivery.message_id) == col(Message.id),
        col(Delivery.contact_id) == col(Contact.id),
        col(Delivery.sent_at) <= now,
    )
    query = (
        select(col(Message.id))
        .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
        .join(Contact, col(Contact.phone) == phone)
        .where(col(Campaign.line_id) == line_id, col(Message.began_at) <= now, sent)
        .order_by(col(Message.began_at).desc(), col(Message.id).desc())
        .limit(1)
    )
    return session.scalar(query)
