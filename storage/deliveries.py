"""The ledger's hot path: claim before the carrier is called, settle what came of it, never twice."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    bindparam,
    select,
    update,
)
from sqlmodel import Session

from domain.deliveries import State
from domain.opt_outs import Source
from domain.outcomes import Outcome, Proof, next_state
from domain.segments import segments as segments_of
from storage import claim_rules, events, line_holds, line_use, short_links
from storage.claim_statements import CLAIM, HOLD, OPEN_LINE
from storage.columns import UtcDateTime
from storage.consequences import OPTED_OUT, mark_invalid
from storage.contacts import suppress_number
from storage.database import Database
from storage.line_use import OpenLine, Unspent
from storage.prepared import Among, Prepared, Rewrite, instant
from storage.rendering import rendered
from storage.tables import Delivery
from storage.tallies import Changes, moves, shift

_delivery = Delivery.__table__  # type: ignore[attr-defined]


HELD_AT_ONCE = 5_000
"""People whose hours are closed that one claim lets wait, beside those that it came across."""


class Claimed(NamedTuple):
    """A delivery that is ours to send, once."""

    id: int
    contact_id: int
    phone: str
    attempt_id: str
    attempts: int
    expires_at: datetime
    claimed_at: datetime
    segments: int = 1  # what the claim counted against the line's caps
    text: str | None = None  # with the person's own words in it; None: the message's text as it is


class Settled(NamedTuple):
    """What came of one claimed delivery; `retry_at` counts only where it may be tried again."""

    delivery_id: int
    attempt_id: str
    outcome: Outcome
    retry_at: datetime
    segments: int = 1  # what the claim counted against the line's caps
    opted_out: bool = False  # the carrier says that the person did, so nobody may text the number again
    invalid: str = ""  # why the number is none, as the carrier says


class Wanted(NamedTuple):
    """What a claim asks for: up to `limit` due deliveries of a message.

    `segments` is what each one is expected to cost; `nonce` is a random text new for every claim, the
    unguessable half of the attempt ids; merge fields in `text` are written out and kept. With `links`, the
    address below which short links are, its links are shortened for each person.
    """

    message_id: int
    limit: int
    segments: int
    nonce: str
    text: str = ""
    version: int | None = None  # of the message that `text` is of; None for whatever it is by now
    links: str = ""


def claim(
    db: Database, message_id: int, limit: int, segments: int, now: datetime, nonce: str, text: str = ""
) -> list[Claimed]:
    """Take due deliveries of a message for sending: `exchange` where there is nothing to record."""
    return exchange(db, (), Wanted(message_id, limit, segments, nonce, text), now)


def settle(db: Database, results: Sequence[Settled], now: datetime) -> None:
    """Record outcomes: `exchange` where nothing more is wanted."""
    exchange(db, results, None, now)


def exchange(db: Database, results: Sequence[Settled], wanted: Wanted | None, now: datetime) -> list[Claimed]:
    """Record outcomes and take the next due deliveries for sending, in one transaction with their tallies.

    An outcome is fenced by its attempt id: a row that has gone on without us (a receipt, another attempt)
    keeps what it has, and only learns the carrier's message id.

    What is taken is committed before anybody is called. Checked in the same transaction: sending is not
    held, the campaign runs, the line is open and below its caps, the number is not suppressed and has an
    opt-in where one is required, the person was not taken off the list and has not had too many texts, the
    delivery is not expired, and it is an hour in which the person may be texted (whoever must wait becomes
    due when their hours begin, unless the workspace lets such texts expire). A carrier that was in trouble
    gets just one, and nobody gets a text that has been changed since. Empty means that nothing can be sent
    now: those who are left out never hide those behind them.
    """
    while True:
        with db.write() as session:
            # The campaign is locked before its deliveries, as by everybody who changes it.
            line = _open_line(session, wanted, now) if wanted else None
            settling = _settle(session, results, now)
            taking = _claim(session, line, wanted, now) if wanted and line else _NOTHING_TAKEN
            settling.changes.update(taking.changes)
            shift(session, settling.changes)
            _follow(session, settling, now)
        if taking.claimed or not taking.decided:
            return taking.claimed
        results = ()


class _Settling(NamedTuple):
    """What recording some outcomes brought about."""

    changes: Changes
    unspent: Unspent  # claimed, and proved not sent
    numbers: Sequence[tuple[str, Settled]]  # about which the carrier said something


class _Taking(NamedTuple):
    """What a claim brought about: how many rows it decided on, and those to be sent."""

    changes: Changes
    decided: int
    claimed: list[Claimed]


def _settle(session: Session, results: Sequence[Settled], now: datetime) -> _Settling:
    changes: Changes = Counter()
    unspent: Unspent = Counter()
    if not results:
        return _Settling(changes, unspent, ())
    given = {result.delivery_id: result for result in results}
    accepted, others = [], []
    usual: Counter[tuple[int, str]] = Counter()
    connection = session.connection()
    for number, state, attempt_id, message_id, code, carrier_id, sent_at in _FENCE.tuples(
        connection, {"ids": sorted(given)}
    ):
        result = given[number]
        outcome = result.outcome
        if state == State.SENDING and outcome.proof is Proof.ACCEPTED and attempt_id == result.attempt_id:
            sent = now if sent_at is None else instant(sent_at)
            accepted.append((State.SENT, None, outcome.carrier_message_id or carrier_id, sent, number))
            usual[message_id, code] += 1
        else:
            others.append(number)
    _ACCEPT.write(connection, accepted)
    for (message_id, code), count_ in usual.items():
        changes[message_id, State.SENDING, code] -= count_
        changes[message_id, State.SENT, code] += count_
    if not others:
        return _Settling(changes, unspent, ())
    updates, moved, numbers, over = [], [], [], []
    for row in _LOCKED.rows(connection, {"ids": others}):
        result = given[row.id]
        numbers.append((row.phone, result))
        if row.attempt_id != result.attempt_id:
            continue
        update_ = _outcome_update(row, result, now)
        updates.append(update_)
        if update_["state"] != row.state:
            over.append({**update_, "message_id": row.message_id, "phone": row.phone})
        moved.append((row.message_id, row.state, update_["state"], row.code, update_["code"]))
        if row.state == State.SENDING and result.outcome.proof in _NOTHING_SENT:
            unspent[row.message_id, instant(row.sending_since)] += result.segments
    _RECORD.run(connection, updates)
    events.finished(session, over, now)
    changes.update(moves(moved))
    return _Settling(changes, unspent, numbers)


def _follow(session: Session, settling: _Settling, now: datetime) -> None:
    """What outcomes mean for the line's caps and for the numbers."""
    line_use.give_back(session, settling.unspent)
    for phone, result in settling.numbers:
        if result.opted_out and phone:
            suppress_number(session, phone, OPTED_OUT, Source.CARRIER, now)
        if result.invalid:
            mark_invalid(session, phone, result.invalid)


def _claim(session: Session, line: OpenLine, wanted: Wanted, now: datetime) -> _Taking:
    expected = max(1, wanted.segments)
    limit = min(wanted.limit, line_use.room(session, line, now) // expected)
    if line.circuit_until is not None:
        limit = min(limit, line_holds.probes_left(session, line.id, now))
    if limit <= 0:
        return _NOTHING_TAKEN
    connection = session.connection()
    about = {"message": wanted.message_id, "list": line.list_id, "now": now}
    rules, more = claim_rules.read(line.rules), {}
    if rules.cap:
        claim_rules.take_turn(session)
        since = rules.cap.since(now)
        more = {"since": since, "most": rules.cap.most, "recent": claim_rules.recent(session, since)}
    statement = CLAIM[bool(line.consent), rules.expire, rules.cap is not None, bool(line.fills_itself)]
    rows = statement.tuples(connection, {**about, **more, "k": limit, "nonce": wanted.nonce})
    claimed = [
        Claimed(number, contact_id, phone, attempt_id, attempts, instant(expires_at), now, expected)
        for number, contact_id, phone, attempt_id, attempts, expires_at, state, _code in rows
        if state == State.SENDING
    ]
    if len(claimed) < len(rows):
        events.finished(session, (_passed_over(wanted.message_id, *row) for row in rows), now)
    if any(row[6] == State.QUEUED for row in rows):
        HOLD.tuples(connection, {**about, "k": HELD_AT_ONCE})
    if claimed:
        claimed = _written_out(session, wanted, claimed)
        line_use.spend(session, line, now, sum(one.segments for one in claimed))
        if line.circuit_until is not None:
            line_holds.note_probe(session, line.id, now)
    changes: Changes = Counter()
    for (state, code), count_ in Counter(row[6:8] for row in rows).items():
        changes[wanted.message_id, State.QUEUED, code] -= count_
        changes[wanted.message_id, state, code] += count_
    return _Taking(changes, len(rows), claimed)


def _passed_over(message_id: int, *row: Any) -> dict[str, Any]:
    """What a claim returned, as an event tells it."""
    return {"id": row[0], "message_id": message_id, "phone": row[2], "state": row[6], "code": row[7]}


def _written_out(session: Session, wanted: Wanted, claimed: list[Claimed]) -> list[Claimed]:
    """The same with each person's own text, kept with the delivery, where the text is not one for all."""
    if wanted.links:
        people = [(one.id, one.contact_id, one.phone) for one in claimed]
        texts = short_links.written(session, wanted.message_id, wanted.text, wanted.links, people)
    else:
        texts = rendered(session, wanted.text, [(one.contact_id, one.phone) for one in claimed])
    if not texts:
        return claimed
    own = [texts[one.contact_id] for one in claimed]
    _KEEP.write(session.connection(), [(text, one.id) for text, one in zip(own, claimed, strict=True)])
    return [
        one._replace(text=text, segments=max(1, segments_of(text)))
        for text, one in zip(own, claimed, strict=True)
    ]


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
    values = {"message": message_id, "k": limit, "reason": reason, "now": now}
    rows = session.execute(_CANCEL, values).all()
    changes: Changes = Counter()
    for row in rows:
        changes[message_id, State.QUEUED, row.code] -= 1
        changes[message_id, State.CANCELED, row.code] += 1
    shift(session, changes)
    over = {"message_id": message_id, "state": State.CANCELED, "reason": reason}
    events.finished(session, ({**over, **row._mapping} for row in rows), now)
    return len(rows)


def keep_text(session: Session, message_id: int, text: str) -> None:
    """Before a message's text changes: what is with the carrier or in doubt was sent as it was until now."""
    session.execute(
        update(_delivery)
        .where(
            _delivery.c.message_id == message_id,
            _delivery.c.state.in_((State.SENDING, State.UNKNOWN)),
            _delivery.c.text.is_(None),
        )
        .values(text=text)
        .execution_options(synchronize_session=False)
    )


def _open_line(session: Session, wanted: Wanted, now: datetime) -> OpenLine | None:
    """The message's line, if the message may be sent from right now; keeps a stop waiting for us."""
    values = {"message": wanted.message_id, "now": now}
    lines = [OpenLine._make(row) for row in OPEN_LINE.tuples(session.connection(), values)]
    if not lines or wanted.version not in (None, lines[0].version):
        return None
    return lines[0]


def _outcome_update(row: Any, result: Settled, now: datetime) -> dict[str, Any]:
    """The new values of one row; `row` has the columns of `_LOCKED`."""
    old = State(row.state)
    outcome = result.outcome
    attempts: int = row.attempts - (outcome.proof in _NOT_COUNTED)
    new = next_state(old, outcome, attempts, result.retry_at, instant(row.expires_at))
    moved = new is not old
    final = new in (State.FAILED, State.EXPIRED)
    return {
        "id": row.id,
        "state": new,
        "code": outcome.code if moved and new in (State.FAILED, State.UNKNOWN) else row.code,
        "reason": (outcome.detail or None if new is not State.SENT else None) if moved else row.reason,
        "attempts": attempts,
        "carrier_message_id": outcome.carrier_message_id or row.carrier_message_id,
        "due_at": result.retry_at if new is State.QUEUED else instant(row.due_at),
        "sent_at": now if outcome.proof is Proof.ACCEPTED and row.sent_at is None else _maybe(row.sent_at),
        "finished_at": (now if final else None) if moved else _maybe(row.finished_at),
    }


def _maybe(raw: Any) -> datetime | None:
    return None if raw is None else instant(raw)


_NOTHING_TAKEN = _Taking(Counter(), 0, [])
_NOTHING_SENT = (Proof.TOO_FAST, Proof.LINE_BLOCKED, Proof.NOT_SENT, Proof.REFUSED)
_NOT_COUNTED = (Proof.TOO_FAST, Proof.LINE_BLOCKED)
"""Not the delivery's own failures, so they don't use up its tries."""

_now = bindparam("now", type_=UtcDateTime())
_LOCKED = Prepared(
    select(_delivery).where(Among(_delivery.c.id, "ids")).order_by(_delivery.c.id).with_for_update()
)
_FENCE = Prepared(
    select(
        _delivery.c.id,
        _delivery.c.state,
        _delivery.c.attempt_id,
        _delivery.c.message_id,
        _delivery.c.code,
        _delivery.c.carrier_message_id,
        _delivery.c.sent_at,
    )
    .where(Among(_delivery.c.id, "ids"))
    .order_by(_delivery.c.id)
    .with_for_update()
)
_KEEP = Rewrite(_delivery, "text")
_ACCEPT = Rewrite(_delivery, "state", "reason", "carrier_message_id", "sent_at")
_RECORD = Rewrite(
    _delivery,
    "state",
    "code",
    "reason",
    "attempts",
    "carrier_message_id",
    "due_at",
    "sent_at",
    "finished_at",
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
    .values(state=State.CANCELED.value, reason=bindparam("reason"), finished_at=_now)
    .returning(_delivery.c.id, _delivery.c.phone, _delivery.c.code)
    .execution_options(synchronize_session=False)
)
STALE_AFTER = timedelta(minutes=5)
"""A claim older than this has lost its sender: 20 s of time-out plus any carrier's own delay."""
