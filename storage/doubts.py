"""Deliveries whose result can't be known: taken up for a look at the carrier, settled by what it says."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, or_, select, update
from sqlmodel import Session, col

from domain import doubts
from domain.campaigns import Status
from domain.deliveries import State, may_replace
from domain.doubts import FINAL_AFTER, FIRST_LOOK_AFTER, Verdict
from domain.messages import MessageState
from domain.outcomes import Outcome, Proof, next_state
from storage import credentials, holds
from storage.attachments import of_campaign_messages
from storage.credentials import Account
from storage.database import Database
from storage.inserts import insert_into
from storage.requeueing import Place, places
from storage.tables import Campaign, CarrierAccount, Delivery, DoubtfulAttempt, Line, Message, Suppression
from storage.tallies import Changes, shift
from storage.vault import CredentialsUnreadable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Doubt:
    """An attempt in doubt, with all that its carrier is asked by, or that repeats it to the letter."""

    delivery_id: int
    attempt_id: str
    phone: str
    text: str
    attachment_ids: tuple[int, ...]
    claimed_at: datetime
    expires_at: datetime
    number: str  # the line's
    account: Account
    may_go_out: bool  # nothing speaks against sending it now: a stop, an opt-out, its expiry


@dataclass(frozen=True, slots=True)
class Sighted:
    """A message at the carrier that may be the attempt."""

    carrier_message_id: str
    state: State = State.SENT
    code: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What a carrier said about an attempt; `seen` is None when it said nothing."""

    delivery_id: int
    attempt_id: str
    seen: tuple[Sighted, ...] | None
    exact: bool  # found by our own attempt id


def take(db: Database, limit: int, now: datetime) -> list[Doubt]:
    """Take up to `limit` attempts in doubt for a look; each is due again only after its next pause.

    The look is noted before anybody is asked, so that many workers, or one that dies, don't ask all the
    time. The least looked at come first.
    """
    query = _due(now).order_by(func.coalesce(_attempt.looks, 0), _delivery.c.sending_since).limit(limit)
    with db.read() as session:
        if session.execute(query.limit(1)).first() is None:
            return []
    with db.write() as session:
        rows = session.execute(query.with_for_update(of=_delivery, skip_locked=True)).all()
        looks = [
            {
                "attempt_id": row.attempt_id,
                "delivery_id": row.id,
                "looks": row.looks + 1,
                "look_at": now + doubts.next_look(row.looks + 1),
            }
            for row in rows
        ]
        _upsert(session, looks)
        files = of_campaign_messages(session, sorted({row.message_id for row in rows}))
    accounts = _accounts(db, rows)
    return [
        _doubt(row, accounts[row.CarrierAccount.id], tuple(file.id or 0 for file in files[row.message_id]))
        for row in rows
        if row.CarrierAccount.id in accounts
    ]


def record(db: Database, looks: Sequence[Look], now: datetime) -> Counter[Verdict]:
    """Settle what the looks prove, in one transaction; fenced by the attempt id. Returns what they proved."""
    given = {look.delivery_id: look for look in looks}
    with db.write() as session:
        where = places(session, _messages_of(session, given))
        rows = [
            row
            for row in session.execute(_LOCKED.where(_delivery.c.id.in_(given))).all()
            if row.state is State.UNKNOWN and row.attempt_id == given[row.id].attempt_id
        ]
        rows.sort(key=lambda row: row.sending_since)  # of two that are alike, the first is found first
        owned = _owned(session, rows, given)
        updates, noted, verdicts = [], [], Counter[Verdict]()
        changes: Changes = Counter()
        for row in rows:
            look = given[row.id]
            seen = None if look.seen is None else [s for s in look.seen if s.carrier_message_id not in owned]
            verdict = doubts.judge(
                seen,
                exact=look.exact,
                claimed_at=row.sending_since,
                missing_since=row.missing_since,
                now=now,
            )
            verdicts[verdict] += 1
            new = _settled(row, verdict, seen, where[row.message_id], now)
            if new["b_carrier"]:
                owned.add(new["b_carrier"])
            updates.append(new)
            noted.append(_noted(row, verdict, now))
            changes[row.message_id, row.state, row.code] -= 1
            changes[row.message_id, new["b_state"], new["b_code"]] += 1
            if new["b_state"] is State.QUEUED:
                where[row.message_id].reopen(now)
        if updates:
            session.connection().execute(_SETTLE, updates)
            session.connection().execute(_NOTE, noted)
        shift(session, changes)
    return verdicts


def _settled(
    row: Any, verdict: Verdict, seen: Sequence[Sighted] | None, place: Place, now: datetime
) -> dict[str, Any]:
    """The new values of a delivery; those of one that stays in doubt are the old ones."""
    new = {
        "b_id": row.id,
        "b_state": row.state,
        "b_code": row.code,
        "b_reason": row.reason,
        "b_carrier": row.carrier_message_id,
        "b_due": row.due_at,
        "b_attempt": row.attempt_id,
        "b_sent": row.sent_at,
        "b_finished": row.finished_at,
    }
    if verdict is Verdict.FOUND and seen:
        sighting = seen[0]
        state = sighting.state if may_replace(State.SENT, sighting.state) else State.SENT
        new |= {
            "b_state": state,
            "b_code": sighting.code if state is not State.SENT else "",
            "b_reason": None,
        }
        new |= {"b_carrier": sighting.carrier_message_id, "b_sent": row.sending_since}
        new |= {"b_finished": None if state is State.SENT else now}
    elif verdict is Verdict.ABSENT:
        proved = Outcome(Proof.NOT_SENT, detail=NEVER_ARRIVED)
        state = next_state(State.SENDING, proved, row.attempts, now, row.expires_at)
        reason = NEVER_ARRIVED if state is State.FAILED else None
        if state is State.QUEUED:
            state, reason = place.state, place.reason
        new |= {"b_state": state, "b_code": "", "b_reason": reason, "b_due": now}
        new |= {"b_attempt": place.attempt_id or row.attempt_id}
        new |= {"b_finished": None if state is State.QUEUED else now}
    return new


def _noted(row: Any, verdict: Verdict, now: datetime) -> dict[str, Any]:
    missing = row.missing_since or now if verdict in (Verdict.MISSING, Verdict.ABSENT) else None
    return {
        "b_attempt": row.attempt_id,
        "b_missing": missing,
        "b_replaced": now if verdict is Verdict.ABSENT else None,
    }


def _messages_of(session: Session, given: Mapping[int, Look]) -> list[int]:
    query = select(_delivery.c.message_id).where(_delivery.c.id.in_(given)).distinct()
    return sorted(session.scalars(query))


def _owned(session: Session, rows: Sequence[Any], given: Mapping[int, Look]) -> set[str]:
    """The carrier's message ids among the sightings that are other deliveries' own.

    They can only belong to messages on the same carrier account and to the same people.
    """
    ids = {s.carrier_message_id for row in rows for s in given[row.id].seen or ()}
    if not ids:
        return set()
    own = select(col(Campaign.line_id)).join(Message).where(col(Message.id).in_({r.message_id for r in rows}))
    account = select(col(Line.account_id)).where(col(Line.id).in_(own))
    messages = (
        select(col(Message.id))
        .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
        .join(Line, col(Line.id) == col(Campaign.line_id))
        .where(col(Line.account_id).in_(account), col(Message.began_at).is_not(None))
    )
    query = select(_delivery.c.carrier_message_id).where(
        _delivery.c.message_id.in_(messages),
        _delivery.c.contact_id.in_({row.contact_id for row in rows}),
        _delivery.c.carrier_message_id.in_(ids),
    )
    return set(session.scalars(query))


def _upsert(session: Session, looks: list[dict[str, Any]]) -> None:
    if not looks:
        return
    statement = insert_into(session, _doubtful)
    new = {name: statement.excluded[name] for name in ("looks", "look_at")}
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["attempt_id"], set_=new), looks
    )


def _accounts(db: Database, rows: Sequence[Any]) -> dict[int, Account]:
    """The carrier accounts whose credentials can be opened."""
    found: dict[int, Account] = {}
    for row in {row.CarrierAccount.id: row.CarrierAccount for row in rows}.values():
        try:
            found[row.id] = credentials.opened(db, row)
        except CredentialsUnreadable as problem:
            log.warning("carrier account %d can't be asked: %s", row.id, problem.text)
    return found


def _doubt(row: Any, account: Account, files: tuple[int, ...]) -> Doubt:
    return Doubt(
        delivery_id=row.id,
        attempt_id=row.attempt_id,
        phone=row.phone,
        text=row.text,
        attachment_ids=files,
        claimed_at=row.sending_since,
        expires_at=row.expires_at,
        number=row.number,
        account=account,
        may_go_out=bool(row.may_go_out),
    )


def _due(now: datetime) -> Any:
    return (
        select(
            _delivery.c.id,
            _delivery.c.message_id,
            _delivery.c.attempt_id,
            _delivery.c.phone,
            func.coalesce(_delivery.c.text, col(Message.text)).label("text"),
            _delivery.c.sending_since,
            _delivery.c.expires_at,
            col(Line.number),
            CarrierAccount,
            func.coalesce(_attempt.looks, 0).label("looks"),
            and_(
                col(Campaign.status).in_((Status.RUNNING, Status.COMPLETED)),
                col(Campaign.archived).is_(False),
                col(Message.state).in_((MessageState.SENDING, MessageState.DONE)),
                _delivery.c.expires_at > now,
                holds.none_placed(),
                ~exists().where(col(Suppression.phone) == _delivery.c.phone),
            ).label("may_go_out"),
        )
        .join_from(_delivery, Message, col(Message.id) == _delivery.c.message_id)
        .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
        .join(Line, col(Line.id) == col(Campaign.line_id))
        .join(CarrierAccount, col(CarrierAccount.id) == col(Line.account_id))
        .outerjoin(DoubtfulAttempt, _attempt.attempt_id == _delivery.c.attempt_id)
        .where(
            _delivery.c.state == State.UNKNOWN,
            _delivery.c.sending_since > now - FINAL_AFTER,
            _delivery.c.sending_since <= now - FIRST_LOOK_AFTER,
            _delivery.c.attempt_id.is_not(None),
            or_(_attempt.look_at.is_(None), _attempt.look_at <= now),
        )
    )


NEVER_ARRIVED = "The carrier never got it."
_delivery = Delivery.__table__  # type: ignore[attr-defined]
_doubtful = DoubtfulAttempt.__table__  # type: ignore[attr-defined]
_attempt: Any = DoubtfulAttempt
_LOCKED = (
    select(_delivery, _doubtful.c.missing_since)
    .outerjoin(_doubtful, _doubtful.c.attempt_id == _delivery.c.attempt_id)
    .order_by(_delivery.c.id)
    .with_for_update(of=_delivery)
)
_SETTLE = (
    update(_delivery)
    .where(_delivery.c.id == bindparam("b_id"))
    .values(
        state=bindparam("b_state"),
        code=bindparam("b_code"),
        reason=bindparam("b_reason"),
        carrier_message_id=bindparam("b_carrier"),
        due_at=bindparam("b_due"),
        attempt_id=bindparam("b_attempt"),
        sent_at=bindparam("b_sent"),
        finished_at=bindparam("b_finished"),
    )
)
_NOTE = (
    update(_doubtful)
    .where(_doubtful.c.attempt_id == bindparam("b_attempt"))
    .values(missing_since=bindparam("b_missing"), replaced_at=bindparam("b_replaced"))
)
