"""All that is known of one person: what a carrier, a court or the person may ask to see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from domain.deliveries import LABELS, LEFT_US, State
from domain.merge_fields import template
from domain.problems import NotFound
from domain.why import why, why_left_out
from storage import opt_out_history, sent_files, sent_texts
from storage.database import Database
from storage.sent_texts import Turn
from storage.tables import (
    Answer,
    AudienceMember,
    Campaign,
    CarrierAccount,
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
            _messages(session, deliveries),
            _left_out(session, contact_id),
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
    """Every message to the person, with its campaign, line and carrier."""
    query = (
        select(Delivery, Message, Campaign, Line, col(CarrierAccount.kind))
        .join(Message, col(Message.id) == col(Delivery.message_id))
        .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
        .join(Line, col(Line.id) == col(Campaign.line_id))
        .join(CarrierAccount, col(CarrierAccount.id) == col(Line.account_id))
        .where(col(Delivery.contact_id) == contact_id)
        .order_by(col(Delivery.id))
    )
    return session.execute(query).all()


def _messages(session: Session, deliveries: Sequence[Any]) -> Sheet:
    turns = [Turn(message.id, message.text, row.text, row.sending_since) for row, message, *_ in deliveries]
    rows = tuple(
        (
            campaign.name,
            str(message.position),
            line.number,
            _text(row, text),
            ", ".join(files if row.state in LEFT_US else ()),
            LABELS[State(row.state)],
            why(row.state, row.reason or "", kind, row.code, row.attempts),
            row.code,
            _at(row.sent_at),
            _at(row.finished_at),
            row.carrier_message_id or "",
            str(row.attempts),
        )
        for (row, message, campaign, line, kind), text, files in zip(
            deliveries,
            sent_texts.as_sent(session, turns),
            sent_files.as_sent(session, turns),
            strict=True,
        )
    )
    what = ("Campaign", "Message", "From", "Text as sent", "Files")
    became = ("State", "Why", "Code", "Sent at", "Ended at", "Carrier's id", "Attempts")
    return Sheet("messages", "Messages", (*what, *became), rows)


def _text(row: Delivery, text: str) -> str:
    """What the person got; retention may have left only what it was written from."""
    if row.state not in LEFT_US:
        return ""
    return f"{OWN_WORDS_GONE}{text}" if row.text is None and template(text).fields else text


OWN_WORDS_GONE = "(The person's own text was removed by age. It was written from:) "


def _left_out(session: Session, contact_id: int) -> Sheet:
    query = (
        select(col(Campaign.name), col(Campaign.audience_fixed_at), col(AudienceMember.left_out))
        .join(AudienceMember, col(AudienceMember.campaign_id) == col(Campaign.id))
        .where(col(AudienceMember.contact_id) == contact_id, col(AudienceMember.left_out).is_not(None))
        .order_by(col(Campaign.id))
    )
    rows = tuple((name, _at(at), why_left_out(reason or "")) for name, at, reason in session.execute(query))
    return Sheet("left-out", "Campaigns that left them out", ("Campaign", "Decided at", "Why"), rows)


def _receipts(session: Session, deliveries: Sequence[Any]) -> Sheet:
    attempts = [row.attempt_id for row, *_ in deliveries if row.attempt_id]
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
    rows = tuple((_at(one.at), one.what, one.who, one.words) for one in opt_out_history.of(session, phone))
    return Sheet("opt-outs", "Opt-outs", ("When", "What", "Who or by way of", "Reason or words"), rows)


def _acknowledgments(session: Session, deliveries: Sequence[Any]) -> Sheet:
    """Who of the team vouched for consent when each campaign was made."""
    campaigns = {campaign.id: campaign for _, _, campaign, *_ in deliveries}
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
