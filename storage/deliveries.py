"""The ledger's hot path: claim before the carrier is called, settle what came of it, never twice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, case, cast, exists, literal, or_, select, update
from sqlmodel import Session, col

from domain.audience import LeftOut
from domain.campaigns import Status
from domain.deliveries import State
from domain.messages import MessageState
from domain.outcomes import Outcome, Proof, next_state
from storage import choices, line_use
from storage.columns import UtcDateTime
from storage.contacts import suppress_number
from storage.database import Database
from storage.line_use import Unspent
from storage.tables import Campaign, Consent, Delivery, Line, Message, Suppression
from storage.tallies import Changes, shift

CARRIER = "carrier"
"""The source of a suppression that a carrier reported."""

_delivery = Delivery.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours to send, once."""

    id: int
    contact_id: int
    phone: str
    attempt_id: str
    attempts: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of one claimed delivery; `retry_at` counts only where it may be tried again."""

    delivery_id: int
    attempt_id: str
    outcome: Outcome
    retry_at: datetime
    segments: int = 1  # what the claim counted against the line's caps
    opted_out: bool = False  # the carrier says that the person did, so nobody may text the number again


def claim(
    db: Database, message_id: int, limit: int, segments: int, now: datetime, nonce: str
) -> list[Claimed]:
    """Take up to `limit` due deliveries of a message for sending, committed before anybody is called.

    Checked in the same transaction: the campaign runs, the line is open and below its caps, the
    number is not suppressed and has an opt-in where one is required, the delivery is not expired.
    `segments` is what each one costs; `nonce` is a random text new for every claim, the unguessable half
    of the attempt ids. Empty means that nothing can be sent now: those who are left out never hide those
    behind them.
    """
    while True:
        seen, taken = _claim(db, message_id, limit, segments, now, nonce)
        if taken or not seen:
            return taken


def _claim(
    db: Database, message_id: int, limit: int, segments: int, now: datetime, nonce: str
) -> tuple[int, list[Claimed]]:
    """One transaction's claim: how many rows it decided about, and those to be sent."""
    with db.write() as session:
        line = _open_line(session, message_id, now)
        if line is None:
            return 0, []
        limit = min(limit, line_use.room(session, line, now) // max(1, segments))
        if limit <= 0:
            return 0, []
        statement = _CLAIM[choices.consent_required(session)]
        values = {"message": message_id, "k": limit, "now": now, "nonce": nonce}
        rows = session.execute(statement, values).all()
        changes: Changes = Counter()
        for row in rows:
            changes[message_id, State.QUEUED, row.code] -= 1
            changes[message_id, row.state, row.code] += 1
        shift(session, changes)
        taken = [row for row in rows if row.state == State.SENDING]
        line_use.spend(session, line, now, len(taken) * max(1, segments))
    return len(rows), [
        Claimed(row.id, row.contact_id, row.phone, row.attempt_id, row.attempts, row.expires_at)
        for row in taken
    ]


def settle(db: Database, results: Sequence[Settled], now: datetime) -> None:
    """Record outcomes and move the tallies, in one transaction.

    Fenced by the attempt id: a row that has gone on without us (a receipt, another attempt) keeps what
    it has, and only learns the carrier's message id.
    """
    given = {result.delivery_id: result for result in results}
    with db.write() as session:
        rows = session.execute(_LOCKED, {"ids": sorted(given)}).all()
        changes: Changes = Counter()
        updates = []
        unspent: Unspent = Counter()
        for row in rows:
            result = given[row.id]
            if row.attempt_id != result.attempt_id:
                continue
            update_ = _outcome_update(row, result, now)
            updates.append(update_)
            changes[row.message_id, row.state, row.code] -= 1
            changes[row.message_id, update_["b_state"], update_["b_code"]] += 1
            if row.state == State.SENDING and result.outcome.proof in _NOTHING_SENT:
                unspent[row.message_id, row.sending_since] += result.segments
        if updates:
            session.connection().execute(_RECORD, updates)
        shift(session, changes)
        line_use.give_back(session, unspent)
        for row in rows:
            if given[row.id].opted_out:
                suppress_number(session, row.phone, "Opted out at the carrier", CARRIER, now)


def abandon(db: Database, claimed_before: datetime) -> int:
    """Mark as unknown what was claimed before that instant and never settled; returns how many.

    Its sender died or hangs, so whether the carrier has it can't be known from here.
    """
    with db.write() as session:
        rows = session.execute(_ABANDON, {"before": claimed_before}).all()
        changes: Changes = Counter()
        for row in rows:
            changes[row.message_id, State.SENDING, row.code] -= 1
            changes[row.message_id, State.UNKNOWN, row.code] += 1
        shift(session, changes)
    return len(rows)


def cancel(session: Session, message_id: int, limit: int, reason: str, now: datetime) -> int:
    """Cancel up to `limit` queued deliveries of a message; returns how many."""
    values = {"message": message_id, "k": limit, "b_reason": reason, "now": now}
    rows = session.execute(_CANCEL, values).all()
    changes: Changes = Counter()
    for row in rows:
        changes[message_id, State.QUEUED, row.code] -= 1
        changes[message_id, State.CANCELED, row.code] += 1
    shift(session, changes)
    return len(rows)


def _open_line(session: Session, message_id: int, now: datetime) -> Line | None:
    """The message's line, if the message may be sent from right now; keeps a stop waiting for us."""
    query = (
        select(Line)
        .join(Campaign, col(Campaign.line_id) == col(Line.id))
        .join(Message, col(Message.campaign_id) == col(Campaign.id))
        .where(
            col(Message.id) == message_id,
            col(Message.state) == MessageState.SENDING,
            col(Campaign.status) == Status.RUNNING,
            col(Line.blocked_reason).is_(None),
            or_(col(Line.paused_until).is_(None), col(Line.paused_until) <= now),
        )
        .with_for_update(read=True, of=Campaign)
    )
    return session.scalars(query).one_or_none()


def _outcome_update(row: Any, result: Settled, now: datetime) -> dict[str, Any]:
    """The new values of one row; `row` has the columns of `_LOCKED`."""
    old = State(row.state)
    outcome = result.outcome
    attempts: int = row.attempts - (outcome.proof in _NOT_COUNTED)
    new = next_state(old, outcome, attempts, result.retry_at, row.expires_at)
    moved = new is not old
    final = new in (State.FAILED, State.EXPIRED)
    return {
        "b_id": row.id,
        "b_state": new,
        "b_code": outcome.code if moved and new in (State.FAILED, State.UNKNOWN) else row.code,
        "b_reason": (outcome.detail or None if new is not State.SENT else None) if moved else row.reason,
        "b_attempts": attempts,
        "b_carrier": outcome.carrier_message_id or row.carrier_message_id,
        "b_due": result.retry_at if new is State.QUEUED else row.due_at,
        "b_sent": now if outcome.proof is Proof.ACCEPTED and row.sent_at is None else row.sent_at,
        "b_finished": now if moved and final else row.finished_at,
    }


_NOTHING_SENT = (Proof.TOO_FAST, Proof.LINE_BLOCKED, Proof.NOT_SENT, Proof.REFUSED)
_NOT_COUNTED = (Proof.TOO_FAST, Proof.LINE_BLOCKED)
"""Not the delivery's own failures, so they don't use up its tries."""

_due = (
    select(_delivery.c.id)
    .where(
        _delivery.c.message_id == bindparam("message"),
        _delivery.c.state == State.QUEUED,
        _delivery.c.due_at <= bindparam("now", type_=UtcDateTime()),
    )
    .order_by(_delivery.c.due_at, _delivery.c.id)
    .limit(bindparam("k"))
    .with_for_update(skip_locked=True)
    .cte("due")  # PostgreSQL may run a plain subquery more than once, and then take more than k
)
_suppressed = exists().where(col(Suppression.phone) == _delivery.c.phone)
_consented = exists().where(col(Consent.phone) == _delivery.c.phone)
_expired = _delivery.c.expires_at <= bindparam("now", type_=UtcDateTime())


_now = bindparam("now", type_=UtcDateTime())


def _claiming(*, consent: bool) -> Any:
    """The claim; with `consent` it passes over whoever has no recorded opt-in."""
    skipped = [(_suppressed, LeftOut.OPTED_OUT)] + ([(~_consented, LeftOut.NO_CONSENT)] if consent else [])

    def claimed(sending: Any, otherwise: Any) -> ColumnElement[Any]:
        return case(*((unfit, otherwise) for unfit, _why in skipped), (_expired, otherwise), else_=sending)

    return (
        update(_delivery)
        .where(_delivery.c.id.in_(select(_due.c.id)), _delivery.c.state == State.QUEUED)
        .values(
            state=case(
                *((unfit, State.SKIPPED.value) for unfit, _why in skipped),
                (_expired, State.EXPIRED.value),
                else_=State.SENDING.value,
            ),
            reason=case(*((unfit, why.value) for unfit, why in skipped), else_=None),
            attempts=_delivery.c.attempts + claimed(1, 0),
            attempt_id=claimed(
                cast(_delivery.c.id, String) + literal("-") + bindparam("nonce", type_=String()),
                _delivery.c.attempt_id,
            ),
            sending_since=claimed(_now, _delivery.c.sending_since),
            finished_at=claimed(_delivery.c.finished_at, _now),
        )
        .returning(
            _delivery.c.id,
            _delivery.c.contact_id,
            _delivery.c.phone,
            _delivery.c.state,
            _delivery.c.code,
            _delivery.c.attempt_id,
            _delivery.c.attempts,
            _delivery.c.expires_at,
        )
        .execution_options(synchronize_session=False)
    )


_CLAIM = {consent: _claiming(consent=consent) for consent in (False, True)}
_LOCKED = (
    select(_delivery)
    .where(_delivery.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_delivery.c.id)
    .with_for_update()
)
_RECORD = (
    update(_delivery)
    .where(_delivery.c.id == bindparam("b_id"))
    .values(
        state=bindparam("b_state"),
        code=bindparam("b_code"),
        reason=bindparam("b_reason"),
        attempts=bindparam("b_attempts"),
        carrier_message_id=bindparam("b_carrier"),
        due_at=bindparam("b_due"),
        sent_at=bindparam("b_sent"),
        finished_at=bindparam("b_finished"),
    )
)
_ABANDON = (
    update(_delivery)
    .where(
        _delivery.c.state == State.SENDING,
        _delivery.c.sending_since <= bindparam("before", type_=UtcDateTime()),
    )
    .values(state=State.UNKNOWN.value, reason="The program ended while this was being sent.")
    .returning(_delivery.c.message_id, _delivery.c.code)
    .execution_options(synchronize_session=False)
)
_waiting = (
    select(_delivery.c.id)
    .where(_delivery.c.message_id == bindparam("message"), _delivery.c.state == State.QUEUED)
    .order_by(_delivery.c.id)
    .limit(bindparam("k"))
    .with_for_update()
    .cte("waiting")
)
_CANCEL = (
    update(_delivery)
    .where(
        _delivery.c.id.in_(select(_waiting.c.id)),
        _delivery.c.state == State.QUEUED,  # a receipt may have come in between
    )
    .values(state=State.CANCELED.value, reason=bindparam("b_reason"), finished_at=_now)
    .returning(_delivery.c.code)
    .execution_options(synchronize_session=False)
)
STALE_AFTER = timedelta(minutes=5)
"""A claim older than this has lost its sender: 20 s of time-out plus any carrier's own delay."""
