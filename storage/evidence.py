"""All that is known of one person: what a carrier, a court or the person may ask to see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from domain.audience import in_words
from domain.deliveries import LABELS, State
from domain.opt_outs import source_words
from domain.problems import NotFound
from storage.database import Database
from storage.tables import (
    Answer,
    Campaign,
    Consent,
    Contact,
    ContactList,
    Conversation,
    Delivery,
    Inbound,
    Line,
    Membership,
    Message,
    ReceiptInbox,
    Revocation,
    Suppression,
    User,
)

Row = Sequence[str]


class NoSuchPerson(NotFound):
    """This contact does not exist. It may have been deleted."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of the evidence."""

    name: str  # of its file
    title: str
    heads: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One person's sheets, with who it is about."""

    phone: str
    name: str
    gathered_at: datetime
    sheets: tuple[Sheet, ...]


def of_contact(db: Database, contact_id: int, now: datetime) -> Evidence:
    """Gather it in one reading; raises `NoSuchPerson`."""
    with db.read() as session:
        contact = session.get(Contact, contact_id) if 0 < contact_id < 2**31 else None
        if contact is None:
            raise NoSuchPerson
        deliveries = _deliveries(session, contact_id)
        sheets = (
            _person(session, contact),
            _consents(session, contact.phone),
            _messages(deliveries),
            _receipts(session, deliveries),
            _replies(session, contact.phone),
            _answers(session, contact.phone),
            _opt_outs(session, contact.phone),
            _acknowledgments(session, deliveries),
        )
    return Evidence(contact.phone, f"{contact.first_name} {contact.last_name}".strip(), now, sheets)


def _person(session: Session, contact: Contact) -> Sheet:
    lists = session.scalars(
        select(col(ContactList.name))
        .join(Membership, col(Membership.list_id) == col(ContactList.id))
        .where(col(Membership.contact_id) == contact.id)
        .order_by(col(ContactList.name))
    )
    rows: list[Row] = [
        ("Phone", contact.phone),
        ("First name", contact.first_name),
        ("Last name", contact.last_name),
        ("E-mail", contact.email),
        ("Time zone", contact.timezone or contact.number_zone or ""),
        ("Added", _at(contact.created_at)),
        *((f"Field: {name}", str(value)) for name, value in contact.fields.items()),
        *(("List", name) for name in lists),
    ]
    return Sheet("person", "Person", ("What", "Value"), tuple(rows))


def _consents(session: Session, phone: str) -> Sheet:
    query = select(Consent).where(col(Consent.phone) == phone).order_by(col(Consent.given_at))
    rows = tuple(
        (
            _at(row.given_at),
            row.source,
            row.wording,
            row.address,
            row.entered_by,
            row.via,
            _at(row.created_at),
        )
        for row in session.scalars(query)
    )
    heads = ("Given at", "Source", "Exact text", "IP address", "Entered by", "By way of", "Recorded at")
    return Sheet("consent", "Consent", heads, rows)


def _deliveries(session: Session, contact_id: int) -> Sequence[Any]:
    """Every message to the person, with its campaign and line."""
    query = (
        select(Delivery, Message, Campaign, Line)
        .join(Message, col(Message.id) == col(Delivery.message_id))
        .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
        .join(Line, col(Line.id) == col(Campaign.line_id))
        .where(col(Delivery.contact_id) == contact_id)
        .order_by(col(Delivery.id))
    )
    return session.execute(query).all()


def _messages(deliveries: Sequence[Any]) -> Sheet:
    rows = tuple(
        (
            campaign.name,
            str(message.position),
            line.number,
            message.text,
            LABELS[State(row.state)],
            in_words(row.reason or ""),
            row.code,
            _at(row.sent_at),
            _at(row.finished_at),
            row.carrier_message_id or "",
            str(row.attempts),
        )
        for row, message, campaign, line in deliveries
    )
    heads = ("Campaign", "Message", "From", "Text", "State", "Reason", "Code", "Sent at", "Ended at")
    return Sheet("messages", "Messages", (*heads, "Carrier's id", "Attempts"), rows)


def _receipts(session: Session, deliveries: Sequence[Any]) -> Sheet:
    attempts = [row.attempt_id for row, *_rest in deliveries if row.attempt_id]
    query = (
        select(ReceiptInbox).where(col(ReceiptInbox.attempt_id).in_(attempts)).order_by(col(ReceiptInbox.id))
    )
    rows = tuple(
        (_at(row.received_at), row.attempt_id or "", LABELS[State(row.state)], row.code, row.body)
        for row in session.scalars(query)
    )
    heads = ("Received at", "Attempt", "State", "Code", "As the carrier sent it")
    return Sheet("receipts", "Receipts", heads, rows)


def _replies(session: Session, phone: str) -> Sheet:
    query = select(Inbound).where(col(Inbound.from_phone) == phone).order_by(col(Inbound.id))
    rows = tuple((_at(row.received_at), row.to_number, row.kind, row.text) for row in session.scalars(query))
    return Sheet("replies", "Replies", ("Received at", "To", "Kind", "Text"), rows)


def _answers(session: Session, phone: str) -> Sheet:
    query = (
        select(Answer, col(Line.number))
        .join(Conversation, col(Conversation.id) == col(Answer.conversation_id))
        .join(Line, col(Line.id) == col(Conversation.line_id))
        .where(col(Conversation.phone) == phone)
        .order_by(col(Answer.id))
    )
    rows = tuple(
        (_at(row.created_at), number, row.author or "by itself", LABELS[row.state], row.text)
        for row, number in session.execute(query)
    )
    return Sheet("answers", "Answers", ("Written at", "From", "By", "State", "Text"), rows)


def _opt_outs(session: Session, phone: str) -> Sheet:
    rows: list[Row] = []
    entry = session.get(Suppression, phone)
    if entry is not None:
        rows.append(
            (_at(entry.created_at), "On the suppression list", source_words(entry.source), entry.reason)
        )
    wishes = select(Revocation).where(col(Revocation.phone) == phone).order_by(col(Revocation.id))
    for wish in session.scalars(wishes):
        decided = f"{wish.state} by {wish.decided_by}, {_at(wish.decided_at)}" if wish.decided_at else "open"
        rows.append((_at(wish.received_at), "Asked in plain words", decided, wish.text))
    heads = ("Since", "What", "Source or decision", "Reason or words")
    return Sheet("opt-outs", "Opt-outs", heads, tuple(rows))


def _acknowledgments(session: Session, deliveries: Sequence[Any]) -> Sheet:
    """Who of the team vouched for consent when each campaign was made."""
    campaigns = {campaign.id: campaign for _row, _message, campaign, _line in deliveries}
    people = {user.id: user.name for user in session.scalars(select(User))}
    rows = tuple(
        (
            campaign.name,
            people.get(campaign.acknowledged_by_id, ""),
            _at(campaign.acknowledged_at),
            campaign.acknowledgment,
        )
        for campaign in campaigns.values()
    )
    heads = ("Campaign", "Acknowledged by", "At", "Words")
    return Sheet("acknowledgments", "Opt-in acknowledgments of the campaigns", heads, rows)


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else ""
