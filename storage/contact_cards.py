"""One contact: added, changed, deleted, and read with lists, messages and conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, insert, select, update
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.contacts import clean_email, clean_fields, clean_text, full_name
from domain.deliveries import State
from domain.phones import for_people, normalise
from domain.problems import Conflict, NotFound
from domain.why import why, why_left_out
from domain.zones import zone, zones_of_number
from storage import audit, erasure, members, sent_texts, whereabouts
from storage.contacts import Entry, keys
from storage.database import Database
from storage.sent_texts import Turn
from storage.tables import (
    Answer,
    AudienceMember,
    Campaign,
    CarrierAccount,
    Contact,
    ContactList,
    Conversation,
    Delivery,
    Inbound,
    Line,
    Membership,
    Message,
    Suppression,
)

LONGEST_TALK = 200
"""As many messages of a conversation are read, the latest."""


class ContactNotFound(NotFound):
    """This contact does not exist. It may have been deleted."""


class NumberTaken(Conflict):
    """Another contact has this number."""

    def __init__(self, contact_id: int, phone: str, name: str) -> None:
        who = f"{name} already has" if name else "Another contact already has"
        super().__init__(f"{who} the number {for_people(phone)}.")
        self.contact_id = contact_id


@dataclass(frozen=True, slots=True)
class OnList:
    """A list that the contact is on."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery of the contact's."""

    campaign_id: int
    campaign: str
    message: int  # its place in the campaign
    text: str  # as the contact got it
    state: State
    why: str  # it was, or wasn't, sent
    code: str
    at: datetime  # when it was sent, or is due


@dataclass(frozen=True, slots=True)
class LeftOutOf:
    """A campaign to one of the contact's lists that the contact was left out of."""

    campaign_id: int
    campaign: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Received:
    """A text from the contact."""

    text: str
    kind: str
    to: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """A text of ours in a conversation with the contact, from the team or to a keyword."""

    text: str
    author: str  # "" where the program answered
    state: State
    at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """All that is known of a contact."""

    id: int
    first_name: str
    last_name: str
    phone: str
    email: str
    timezone: str | None
    number_zones: tuple[str, ...]
    fields: dict[str, Any]
    invalid_reason: str | None
    suppressed_at: datetime | None
    suppressed_why: str
    lists: tuple[OnList, ...]
    sent: tuple[Sent, ...]  # the latest first
    left_out: tuple[LeftOutOf, ...]  # the latest first
    received: tuple[Received, ...]
    answered: tuple[Answered, ...]
    created_at: datetime

    @property
    def name(self) -> str:
        """Both names, or the number."""
        return full_name(self.first_name, self.last_name) or for_people(self.phone)


def card(db: Database, contact_id: int) -> Card:
    """The contact with everything around it; raises `ContactNotFound`."""
    with db.read() as session:
        contact = _contact(session, contact_id)
        off = session.get(Suppression, contact.phone)
        return Card(
            id=contact_id,
            first_name=contact.first_name,
            last_name=contact.last_name,
            phone=contact.phone,
            email=contact.email,
            timezone=contact.timezone,
            number_zones=zones_of_number(contact.phone),
            fields=dict(contact.fields),
            invalid_reason=contact.invalid_reason,
            suppressed_at=off.created_at if off else None,
            suppressed_why=off.reason if off else "",
            lists=_lists(session, contact_id),
            sent=_sent(session, contact_id),
            left_out=_left_out(session, contact_id),
            received=_received(session, contact.phone),
            answered=_answered(session, contact.phone),
            created_at=contact.created_at,
        )


def exists(db: Database, contact_id: int) -> bool:
    """Whether there is such a contact."""
    query = select(col(Contact.id)).where(col(Contact.id) == contact_id)
    with db.read() as session:
        return 0 < contact_id < 2**31 and session.scalar(query) is not None


def create(db: Database, actor: Actor, entry: Entry, list_ids: Sequence[int], now: datetime) -> int:
    """Add one person and put them on lists; raises `NumberTaken` with who has the number."""
    access.check(actor, Permission.EDIT)
    values = _values(entry)
    with db.write() as session:
        _refuse_taken(session, values["phone"], 0)
        contact = Contact(**values, created_at=now)
        session.add(contact)
        session.flush()
        contact_id = contact.id or 0
        erasure.recall(session, db, [contact.phone], now)
        known = session.scalars(select(col(ContactList.id)).where(col(ContactList.id).in_(list_ids))).all()
        for list_id in known:
            members.refuse_filter(session, list_id or 0)
            session.add(Membership(list_id=list_id or 0, contact_id=contact_id))
        _resize(session, list(known), +1)
        audit.record(session, actor, now, "create", "contact", contact_id, after=_seen(values))
        return contact_id


def save(db: Database, actor: Actor, contact_id: int, entry: Entry, now: datetime) -> None:
    """Change one person; raises `ContactNotFound` and `NumberTaken`.

    What still waits for them goes to the new number, in the hours of where they are now.
    """
    access.check(actor, Permission.EDIT)
    values = _values(entry)
    with db.write() as session:
        going_on = whereabouts.going_on(session)
        contact = _contact(session, contact_id)
        _refuse_taken(session, values["phone"], contact_id)
        before = _seen({name: getattr(contact, name) for name in values})
        if contact.phone != values["phone"]:
            erasure.recall(session, db, [values["phone"]], now)
            contact.invalid_reason = None  # what was found out about the old number
        for name, value in values.items():
            setattr(contact, name, value)
        contact.place_id = None  # whoever asks next finds out anew
        session.add(contact)
        after = _seen(values)
        changed = {name for name in after if after[name] != before[name]}
        if changed & {"phone", "timezone"}:
            whereabouts.follow(session, going_on, [contact_id], now)
        if changed:
            audit.record(
                session,
                actor,
                now,
                "change",
                "contact",
                contact_id,
                before={name: before[name] for name in changed},
                after={name: after[name] for name in changed},
            )


def delete(db: Database, actor: Actor, contact_id: int, now: datetime) -> None:
    """Take a person out of every list and of the contacts; what was sent to them stays in the results."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        contact = _contact(session, contact_id)
        lists = session.scalars(
            select(col(Membership.list_id)).where(col(Membership.contact_id) == contact_id)
        ).all()
        session.execute(sql_delete(Membership).where(col(Membership.contact_id) == contact_id))
        _resize(session, list(lists), -1)
        before = {"phone": contact.phone, "name": full_name(contact.first_name, contact.last_name)}
        session.delete(contact)
        audit.record(session, actor, now, "delete", "contact", contact_id, before=before)


def put_on_list(db: Database, actor: Actor, contact_id: int, list_id: int, now: datetime) -> None:
    """Put one person on a list; somebody who is there already stays."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        _contact(session, contact_id)
        members.refuse_filter(session, list_id)
        if session.get(Membership, (list_id, contact_id)) is None:
            session.execute(insert(Membership).values(list_id=list_id, contact_id=contact_id))
            _resize(session, [list_id], +1)
            audit.record(session, actor, now, "add to list", "contact", contact_id, after={"list": list_id})


def take_off_list(db: Database, actor: Actor, contact_id: int, list_id: int, now: datetime) -> None:
    """Take one person off a list."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        membership = session.get(Membership, (list_id, contact_id))
        if membership is not None:
            session.delete(membership)
            _resize(session, [list_id], -1)
            audit.record(
                session, actor, now, "remove from list", "contact", contact_id, before={"list": list_id}
            )


def _contact(session: Session, contact_id: int) -> Contact:
    found = session.get(Contact, contact_id) if 0 < contact_id < 2**31 else None
    if found is None:
        raise ContactNotFound
    return found


def _values(entry: Entry) -> dict[str, Any]:
    """The columns, checked and tidied; raises the problem of the first that is wrong."""
    phone = normalise(entry.phone)
    first, last = clean_text(entry.first_name), clean_text(entry.last_name)
    email = clean_email(entry.email)
    if entry.timezone:
        zone(entry.timezone)
    candidates = zones_of_number(phone)
    return {
        "phone": phone,
        "first_name": first,
        "last_name": last,
        "email": email,
        "timezone": entry.timezone or None,
        "number_zone": candidates[0] if len(candidates) == 1 else None,
        "fields": clean_fields(list(entry.fields.items())),
        **keys(first, last, email),
    }


def _seen(values: dict[str, Any]) -> dict[str, Any]:
    """What of a contact the audit keeps."""
    return {
        name: values[name] for name in ("phone", "first_name", "last_name", "email", "timezone", "fields")
    }


def _refuse_taken(session: Session, phone: str, but: int) -> None:
    other = session.scalars(select(Contact).where(col(Contact.phone) == phone)).one_or_none()
    if other is not None and other.id != but:
        raise NumberTaken(other.id or 0, phone, full_name(other.first_name, other.last_name))


def _resize(session: Session, list_ids: Sequence[int | None], by: int) -> None:
    session.execute(
        update(ContactList).where(col(ContactList.id).in_(list_ids)).values(size=col(ContactList.size) + by)
    )


def _lists(session: Session, contact_id: int) -> tuple[OnList, ...]:
    query = (
        select(ContactList)
        .join(Membership, col(Membership.list_id) == col(ContactList.id))
        .where(col(Membership.contact_id) == contact_id)
        .order_by(func.lower(col(ContactList.name)))
    )
    return tuple(OnList(item.id or 0, item.name) for item in session.scalars(query))


def _sent(session: Session, contact_id: int) -> tuple[Sent, ...]:
    """By way of the messages: the ledger's index holds a message's people."""
    at = func.coalesce(col(Delivery.sent_at), col(Delivery.finished_at), col(Delivery.due_at))
    query = (
        select(Delivery, Message, col(Campaign.name), col(CarrierAccount.kind))
        .select_from(Message)
        .join(
            Delivery,
            (col(Delivery.message_id) == col(Message.id)) & (col(Delivery.contact_id) == contact_id),
        )
        .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
        .join(Line, col(Line.id) == col(Campaign.line_id))
        .join(CarrierAccount, col(CarrierAccount.id) == col(Line.account_id))
        .order_by(at.desc(), col(Delivery.id).desc())
        .limit(LONGEST_TALK)
    )
    rows = session.execute(query).all()
    texts = sent_texts.as_sent(
        session, [Turn(m.id or 0, m.text, delivery.text, delivery.sending_since) for delivery, m, *_ in rows]
    )
    return tuple(
        Sent(
            message.campaign_id,
            campaign,
            message.position,
            text,
            delivery.state,
            why(delivery.state, delivery.reason or "", carrier, delivery.code, delivery.attempts),
            delivery.code,
            delivery.sent_at or delivery.finished_at or delivery.due_at,
        )
        for (delivery, message, campaign, carrier), text in zip(rows, texts, strict=True)
    )


def _left_out(session: Session, contact_id: int) -> tuple[LeftOutOf, ...]:
    """By way of the campaigns, as the audience's key begins with them."""
    at = func.coalesce(col(Campaign.audience_fixed_at), col(Campaign.created_at))
    query = (
        select(col(Campaign.id), col(Campaign.name), col(AudienceMember.left_out), at)
        .join(
            AudienceMember,
            (col(AudienceMember.campaign_id) == col(Campaign.id))
            & (col(AudienceMember.contact_id) == contact_id),
        )
        .where(col(AudienceMember.left_out).is_not(None))
        .order_by(at.desc())
        .limit(LONGEST_TALK)
    )
    return tuple(
        LeftOutOf(number or 0, name, why_left_out(reason or ""), fixed_at)
        for number, name, reason, fixed_at in session.execute(query)
    )


def _received(session: Session, phone: str) -> tuple[Received, ...]:
    query = (
        select(Inbound)
        .where(col(Inbound.from_phone) == phone)
        .order_by(col(Inbound.received_at).desc(), col(Inbound.id).desc())
        .limit(LONGEST_TALK)
    )
    return tuple(
        Received(row.text, row.kind, row.to_number, row.received_at) for row in session.scalars(query)
    )


def _answered(session: Session, phone: str) -> tuple[Answered, ...]:
    """By way of the conversations, which the number's index finds."""
    query = (
        select(Answer)
        .join(Conversation, col(Conversation.id) == col(Answer.conversation_id))
        .where(col(Conversation.phone) == phone)
        .order_by(col(Answer.created_at).desc(), col(Answer.id).desc())
        .limit(LONGEST_TALK)
    )
    return tuple(Answered(row.text, row.author, row.state, row.created_at) for row in session.scalars(query))
