"""Erasing a person on request: what names them goes, what was counted stays, and so does their opt-out.

The opt-out is kept as a keyed hash of the number (HMAC-SHA256), which says nothing without the secret key.
Whoever adds the number again finds it suppressed.

Somebody who was deleted and added anew has had several contacts, and somebody whose number was corrected
has had several numbers: all that any of them was sent, wrote or agreed to goes, unless the number is
another contact's by now.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, delete, func, or_, select, update
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.audience import LeftOut
from domain.deliveries import State
from domain.opt_outs import REOPENED_BY_START, Source
from domain.outgoing_webhooks import Kind
from domain.problems import NotFound
from domain.searching import names_person
from storage import audit, credentials
from storage.database import Database
from storage.tables import (
    Answer,
    AudienceMember,
    AuditEntry,
    BulkChange,
    Consent,
    Contact,
    ContactList,
    Conversation,
    Delivery,
    ErasedSuppression,
    FormDraft,
    Inbound,
    Membership,
    Message,
    ReceiptInbox,
    Revocation,
    ShortLink,
    Suppression,
    WebhookCall,
)
from storage.tallies import Changes, shift

GONE = {"erased": True}
"""What stays of an audit entry's details about the person."""


class NobodyToErase(NotFound):
    """This contact does not exist. It may have been erased already."""


def erase(db: Database, actor: Actor, contact_id: int, now: datetime) -> None:
    """Remove a person and all that names them; raises `NobodyToErase`."""
    access.check(actor, Permission.ADMINISTER)
    phones = _numbers_of(db, contact_id)
    ids = _contacts_of(db, contact_id, phones)
    receipts = _receipts(db, ids, phones)
    with db.write() as session:
        contact = session.get(Contact, contact_id, with_for_update=True) if 0 < contact_id < 2**31 else None
        if contact is None:
            raise NobodyToErase
        _keep_opt_outs(session, db, contact.phone, phones, now)
        messages = _forget_deliveries(session, ids, now)
        _run(session, delete(BulkChange).where(col(BulkChange.contact_id).in_(ids)))
        texts = _forget_talk(session, phones, now)
        _forget_lists(session, contact_id)
        for start in range(0, len(receipts), 500):
            chunk = receipts[start : start + 500]
            _run(session, update(ReceiptInbox).where(col(ReceiptInbox.id).in_(chunk)).values(body=""))
        for phone in phones:
            _forget_calls(session, phone)
            _run(session, delete(FormDraft).where(cast(col(FormDraft.body), String).contains(phone)))
        _forget_audit(session, ids, phones)
        _forget_searches(session, contact)
        _run(session, delete(Consent).where(col(Consent.phone).in_(phones)))
        session.delete(contact)
        after = {"deliveries": messages, "texts": texts}
        audit.record(session, actor, now, "erase", "contact", contact_id, after=after)


def recall(session: Session, db: Database, phones: Iterable[str], now: datetime) -> int:
    """Suppress again those of the numbers whose person was erased; called wherever a number is added."""
    found = 0
    for phone, source in remembered(session, db, phones).items():
        known = select(col(Suppression.phone)).where(col(Suppression.phone) == phone)
        if session.scalar(known) is None:
            session.add(Suppression(phone=phone, reason=RECALLED, source=source, created_at=now))
            found += 1
    session.flush()
    return found


def remembered(session: Session, db: Database, phones: Iterable[str]) -> dict[str, str]:
    """Those of the numbers whose person was erased, each with who had suppressed it."""
    if db.vault is None or session.scalar(select(col(ErasedSuppression.fingerprint)).limit(1)) is None:
        return {}
    prints = {mark: phone for phone in phones for mark in db.vault.fingerprints(phone)}
    marks = sorted(prints)
    found: dict[str, str] = {}
    for start in range(0, len(marks), 500):
        query = select(ErasedSuppression).where(
            col(ErasedSuppression.fingerprint).in_(marks[start : start + 500])
        )
        found |= {prints[row.fingerprint]: row.source for row in session.scalars(query)}
    return found


def let_in_again(session: Session, db: Database, phone: str) -> bool:
    """Somebody of the team has the erased person's new consent: the number is not held back any more."""
    return _drop_hash(session, db, phone)


def opted_in_again(session: Session, db: Database, phone: str) -> bool:
    """The erased person says START: the hash goes, unless a person of the team had put the number there."""
    return _drop_hash(session, db, phone, col(ErasedSuppression.source).in_(REOPENED_BY_START))


def _drop_hash(session: Session, db: Database, phone: str, *only: ColumnElement[bool]) -> bool:
    if db.vault is None:
        return False
    ours = col(ErasedSuppression.fingerprint).in_(db.vault.fingerprints(phone))
    gone = delete(ErasedSuppression).where(ours, *only)
    return session.connection().execute(gone).rowcount > 0


RECALLED = "Erased on request; the opt-out was kept"


def _keep_opt_outs(
    session: Session, db: Database, current: str, phones: Sequence[str], now: datetime
) -> None:
    """Hold back the person's number from now on, and every earlier one that has opted out."""
    for phone in phones:
        entry = session.get(Suppression, phone)
        if entry is None and phone != current:
            continue
        mark = credentials.vault(db).fingerprints(phone)[0]
        source = entry.source if entry else Source.ERASURE.value
        session.merge(ErasedSuppression(fingerprint=mark, source=source, created_at=now))
        if entry is not None:
            session.delete(entry)
    session.flush()


def _forget_calls(session: Session, phone: str) -> None:
    """What programs elsewhere were or are still to be told: not this person's words, nor the number."""
    about = col(WebhookCall.body).contains(phone)
    many = col(WebhookCall.kind) == Kind.DELIVERIES.value
    _run(session, delete(WebhookCall).where(about, ~many))
    blank = func.replace(col(WebhookCall.body), phone, "")
    _run(session, update(WebhookCall).where(about, many).values(body=blank))


def _numbers_of(db: Database, contact_id: int) -> list[str]:
    """The contact's number, and earlier ones of theirs that no other contact has now."""
    with db.read() as session:
        current = session.scalar(select(col(Contact.phone)).where(col(Contact.id) == contact_id))
        if current is None:
            return []
        sent = select(col(Delivery.phone)).where(col(Delivery.contact_id) == contact_id)
        chosen = select(col(AudienceMember.phone)).where(col(AudienceMember.contact_id) == contact_id)
        known = {*session.scalars(sent), *session.scalars(chosen)}
        for before in session.scalars(select(col(AuditEntry.before)).where(_about([contact_id]))):
            known.add(str((before or {}).get("phone", "")))
        known -= {"", current}
        others = set(session.scalars(select(col(Contact.phone)).where(col(Contact.phone).in_(known))))
        return [current, *sorted(known - others)]


def _contacts_of(db: Database, contact_id: int, phones: Sequence[str]) -> list[int]:
    """The ids under which the numbers were ever sent to: this contact's, and those of deleted ones.

    Looked for beforehand, as no index leads to them and a write should be short.
    """
    with db.read() as session:
        known = set(session.scalars(select(col(Delivery.contact_id)).where(col(Delivery.phone).in_(phones))))
        chosen = select(col(AudienceMember.contact_id)).where(col(AudienceMember.phone).in_(phones))
        known |= set(session.scalars(chosen))
        others = set(session.scalars(select(col(Contact.id)).where(col(Contact.id).in_(known))))
    return sorted(known - others | {contact_id})


def _receipts(db: Database, ids: Sequence[int], phones: Sequence[str]) -> list[int]:
    """Looked for beforehand as well."""
    with db.read() as session:
        attempts = session.scalars(
            select(col(Delivery.attempt_id))
            .join(Message, col(Message.id) == col(Delivery.message_id))
            .where(col(Delivery.contact_id).in_(ids), col(Delivery.attempt_id).is_not(None))
        ).all()
        named = [col(ReceiptInbox.body).contains(phone[1:]) for phone in phones]
        query = select(col(ReceiptInbox.id)).where(or_(col(ReceiptInbox.attempt_id).in_(attempts), *named))
        return [number for number in session.scalars(query) if number is not None]


def _forget_deliveries(session: Session, ids: Sequence[int], now: datetime) -> int:
    """Blank the numbers in the ledger; what waits is skipped, and every count stays right."""
    ours = (
        select(Delivery)
        .join(Message, col(Message.id) == col(Delivery.message_id))
        .where(col(Delivery.contact_id).in_(ids))
        .order_by(col(Delivery.id))
        .with_for_update(of=Delivery)
    )
    changes: Changes = Counter()
    rows = session.scalars(ours).all()
    _run(session, delete(ShortLink).where(col(ShortLink.delivery_id).in_([row.id for row in rows])))
    for row in rows:
        row.phone, row.carrier_message_id, row.text = "", None, None
        if row.state is State.QUEUED:
            changes[row.message_id, State.QUEUED, row.code] -= 1
            changes[row.message_id, State.SKIPPED, row.code] += 1
            row.state, row.reason, row.finished_at = State.SKIPPED, LeftOut.ERASED.value, now
    session.flush()
    shift(session, changes)
    _run(
        session,
        update(AudienceMember).where(col(AudienceMember.contact_id).in_(ids)).values(phone="", zone=None),
    )
    return len(rows)


def _forget_talk(session: Session, phones: Sequence[str], now: datetime) -> int:
    talks = session.scalars(select(col(Conversation.id)).where(col(Conversation.phone).in_(phones))).all()
    count = session.scalar(select(func.count()).where(col(Inbound.from_phone).in_(phones))) or 0
    heard = update(Inbound).where(col(Inbound.from_phone).in_(phones))
    _run(session, heard.values(from_phone="", text="", conversation_id=None))
    _run(session, delete(Answer).where(col(Answer.conversation_id).in_(talks)))
    _run(session, delete(Conversation).where(col(Conversation.id).in_(talks)))
    wishes = update(Revocation).where(col(Revocation.phone).in_(phones))
    _run(session, wishes.where(col(Revocation.state) == "open").values(state="accepted", decided_at=now))
    _run(session, wishes.values(phone="", text=""))
    return count


def _forget_lists(session: Session, contact_id: int) -> None:
    lists = session.scalars(
        select(col(Membership.list_id)).where(col(Membership.contact_id) == contact_id)
    ).all()
    _run(session, delete(Membership).where(col(Membership.contact_id) == contact_id))
    fewer = update(ContactList).where(col(ContactList.id).in_(lists))
    _run(session, fewer.values(size=col(ContactList.size) - 1))


def _forget_audit(session: Session, ids: Sequence[int], phones: Sequence[str]) -> None:
    """Who did what and when stays; what it says about the person goes."""
    kept = (col(AuditEntry.before), col(AuditEntry.after))
    named = [cast(part, String).contains(phone) for part in kept for phone in phones]
    for row in session.scalars(select(AuditEntry).where(or_(_about(ids), *named))):
        row.before = GONE if row.before else row.before
        row.after = GONE if row.after else row.after
    session.flush()


def _about(ids: Sequence[int]) -> ColumnElement[bool]:
    return (col(AuditEntry.kind) == "contact") & col(AuditEntry.object_id).in_(ids)


def _forget_searches(session: Session, contact: Contact) -> None:
    """Who chose many when stays; the search by which they did goes if it names this person."""

    def leads(part: Any) -> bool:
        return isinstance(part, dict) and any(
            names_person(value, contact.name_key, contact.email_key, contact.phone)
            if name == "search"
            else leads(value)
            for name, value in part.items()
        )

    kept = (col(AuditEntry.before), col(AuditEntry.after))
    searched = or_(*(cast(part, String).contains('"search"') for part in kept))
    for row in session.scalars(select(AuditEntry).where(searched)):
        row.before = GONE if leads(row.before) else row.before
        row.after = GONE if leads(row.after) else row.after
    session.flush()


def _run(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))
