"""The answers' outbox: claimed before the carrier is called and settled by what it proved, never twice.

A text of somebody of the team waits for its line; one that answers a keyword is worth nothing after five
minutes. Both go out through the line that the person texted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    literal,
    or_,
    select,
    update,
)
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.audience import LeftOut
from domain.deliveries import FINAL, State, may_replace
from domain.keywords import Kind
from domain.opt_outs import Source
from domain.outcomes import Outcome, Proof, next_state
from domain.problems import Conflict, Problem
from domain.texts import storable
from storage import audit, choices, conversations, credentials, holds, line_access, line_holds
from storage.columns import UtcDateTime
from storage.contacts import suppress_number
from storage.database import Database
from storage.tables import Answer, CarrierAccount, Conversation, Line, Suppression

TO_KEYWORD = timedelta(minutes=5)
"""How long an answer to a keyword is worth sending: one after an opt-out must not come later."""

TO_PERSON = timedelta(days=1)
"""How long an answer of the team waits for its line."""

HELP_AGAIN = timedelta(hours=1)
"""HELP is answered once in this time, so that two programs can't keep answering each other."""

TEST = "test"
"""The kind of a message that somebody of the team tries on a number of theirs."""

PREFIX = "r"
"""What an answer's attempt ids begin with; a delivery's begin with its number."""

LONGEST = 1600


class OptedOut(Conflict):
    """This person has opted out, so nothing can be sent to them. They can text START to opt in again."""


class NothingToSend(Problem):
    """Write something first."""


class TooLong(Problem):
    """This answer is longer than 1,600 characters. Shorten it."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An answer that is ours to send, once, with all that its adapter needs."""

    id: int
    attempt_id: str
    attempts: int
    phone: str
    text: str
    attachment_ids: tuple[int, ...]
    claimed_at: datetime
    expires_at: datetime
    line_id: int
    line_number: str
    rate: float | None
    carrier_kind: str
    carrier_settings: Mapping[str, Any] = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of one claimed answer."""

    answer_id: int
    attempt_id: str
    outcome: Outcome
    retry_at: datetime
    opted_out: bool = False


def write(db: Database, actor: Actor, conversation_id: int, text: str, now: datetime) -> int:
    """Answer a person; raises `OptedOut` for one who has opted out."""
    access.check(actor, Permission.EDIT)
    words = storable(text).strip()
    if not words:
        raise NothingToSend
    if len(words) > LONGEST:
        raise TooLong
    with db.write() as session:
        talk = conversations.found(session, conversation_id, lock=True)
        line_access.check(session, actor, talk.line_id)
        if session.get(Suppression, talk.phone) is not None:
            raise OptedOut
        made = queue(session, talk, words, Kind.REPLY, now, now + TO_PERSON, actor)
        talk.unread = 0
        audit.record(session, actor, now, "answer", "conversation", conversation_id)
        return made.id or 0


def to_keyword(session: Session, talk: Conversation, kind: Kind, now: datetime) -> None:
    """Queue the workspace's answer to a keyword, where there is one."""
    words = choices.keyword_answers(session).get(kind, "").strip()
    if not words:
        return
    lately = select(col(Answer.id)).where(
        col(Answer.conversation_id) == talk.id,
        col(Answer.kind) == Kind.HELP.value,
        col(Answer.created_at) > now - HELP_AGAIN,
    )
    if kind is Kind.HELP and session.scalar(lately.limit(1)) is not None:
        return
    queue(session, talk, words, kind, now, now + TO_KEYWORD)


def queue(
    session: Session,
    talk: Conversation,
    words: str,
    kind: str,
    now: datetime,
    until: datetime,
    author: Actor | None = None,
    attachment_ids: Sequence[int] = (),
) -> Answer:
    """Put a text in line to be sent once; whether it may be is the caller's business."""
    made = Answer(
        conversation_id=talk.id or 0,
        phone=talk.phone,
        text=words,
        kind=str(kind),
        attachment_ids=list(attachment_ids) or None,
        author=author.name if author else "",
        author_id=author.user_id if author else None,
        due_at=now,
        expires_at=until,
        created_at=now,
    )
    session.add(made)
    if kind in (Kind.REPLY, TEST):
        talk.last_text, talk.last_kind, talk.last_at = words, conversations.ANSWER, now
    session.flush()
    return made


def waiting(db: Database, now: datetime) -> bool:
    """Whether there is anything to claim."""
    query = select(col(Answer.id)).where(col(Answer.state) == State.QUEUED, col(Answer.due_at) <= now)
    with db.read() as session:
        return session.scalar(query.limit(1)) is not None


def claim(db: Database, limit: int, now: datetime, nonce: str) -> list[Outgoing]:
    """Take due answers for sending, committed before anybody is called.

    Checked in the same transaction: sending is not held, the line is open, the answer is not too late, and
    the person has not opted out, except for what confirms just that or was asked for by HELP.
    """
    with db.write() as session:
        rows = session.execute(_CLAIM, {"k": limit, "now": now, "nonce": nonce}).all()
        taken = {row.id: row for row in rows if row.state == State.SENDING}
        if not taken:
            return []
        query = (
            select(col(Answer.id), Line, CarrierAccount)
            .join(Conversation, col(Conversation.id) == col(Answer.conversation_id))
            .join(Line, col(Line.id) == col(Conversation.line_id))
            .join(CarrierAccount, col(CarrierAccount.id) == col(Line.account_id))
            .where(col(Answer.id).in_(taken))
        )
        found = session.execute(query).all()
    return [_outgoing(db, taken[number], line, account, now) for number, line, account in found]


def settle(db: Database, results: Sequence[Settled], now: datetime) -> None:
    """Record outcomes, fenced by the attempt id: what a receipt has raised already stays."""
    given = {result.answer_id: result for result in results}
    with db.write() as session:
        query = select(Answer).where(col(Answer.id).in_(given)).order_by(col(Answer.id)).with_for_update()
        for row in session.scalars(query):
            result = given[row.id or 0]
            if row.attempt_id == result.attempt_id:
                _record(row, result, now)
            if result.opted_out:
                suppress_number(session, row.phone, "Opted out at the carrier", Source.CARRIER, now)


def abandon(db: Database, claimed_before: datetime) -> int:
    """Mark as unknown what was claimed before that instant and never settled; returns how many."""
    with db.write() as session:
        lost = (
            update(Answer)
            .where(col(Answer.state) == State.SENDING, col(Answer.sending_since) <= claimed_before)
            .values(state=State.UNKNOWN, reason="The program ended while this was being sent.")
            .execution_options(synchronize_session=False)
        )
        return session.connection().execute(lost).rowcount


def forget_queued(session: Session) -> None:
    """After a restore: what was about to be sent is long sent, as the backup can't know."""
    session.connection().execute(
        update(Answer)
        .where(col(Answer.state).in_((State.QUEUED, State.SENDING)))
        .values(state=State.UNKNOWN, reason="The backup was made while this was being sent.")
        .execution_options(synchronize_session=False)
    )


def raise_to(
    session: Session, attempt_id: str, account_id: int, state: State, code: str, now: datetime
) -> bool:
    """Apply a receipt, up the ladder and never down; whether the attempt is one of ours."""
    query = (
        select(Answer)
        .join(Conversation, col(Conversation.id) == col(Answer.conversation_id))
        .join(Line, col(Line.id) == col(Conversation.line_id))
        .where(
            col(Answer.id) == answer_id(attempt_id),
            col(Answer.attempt_id) == attempt_id,
            col(Line.account_id) == account_id,
        )
        .with_for_update(of=Answer)
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        return False
    if may_replace(row.state, state):
        row.state, row.code, row.reason = state, code, None
        row.sent_at = row.sent_at or now
        row.finished_at = now if state in FINAL else None
    return True


def answer_id(attempt_id: str) -> int | None:
    """An answer's attempt ids begin with a letter and its number; None for those of deliveries."""
    number = attempt_id.removeprefix(PREFIX).partition("-")[0]
    ours = attempt_id.startswith(PREFIX) and number.isascii() and number.isdigit() and len(number) < 19
    return int(number) if ours else None


def _record(row: Answer, result: Settled, now: datetime) -> None:
    outcome = result.outcome
    row.attempts -= outcome.proof in (Proof.TOO_FAST, Proof.LINE_BLOCKED)
    new = next_state(row.state, outcome, row.attempts, result.retry_at, row.expires_at)
    row.carrier_message_id = outcome.carrier_message_id or row.carrier_message_id
    if outcome.proof is Proof.ACCEPTED:
        row.sent_at = row.sent_at or now
    if new is row.state:
        return
    row.state = new
    row.reason = outcome.detail or None if new is not State.SENT else None
    row.code = outcome.code if new in (State.FAILED, State.UNKNOWN) else ""
    row.due_at = result.retry_at if new is State.QUEUED else row.due_at
    row.finished_at = now if new in FINAL else None


def _outgoing(db: Database, row: Any, line: Line, kept: CarrierAccount, now: datetime) -> Outgoing:
    account = credentials.opened(db, kept)
    return Outgoing(
        id=row.id,
        attempt_id=row.attempt_id,
        attempts=row.attempts,
        phone=row.phone,
        text=row.text,
        attachment_ids=tuple(row.attachment_ids or ()),
        claimed_at=now,
        expires_at=row.expires_at,
        line_id=line.id or 0,
        line_number=line.number,
        rate=line.rate,
        carrier_kind=account.kind,
        carrier_settings=account.settings,
        token=account.token,
    )


_answer = Answer.__table__  # type: ignore[attr-defined]
_now = bindparam("now", type_=UtcDateTime())
_due = (
    select(_answer.c.id)
    .join(Conversation, col(Conversation.id) == _answer.c.conversation_id)
    .join(Line, col(Line.id) == col(Conversation.line_id))
    .where(
        _answer.c.state == State.QUEUED,
        _answer.c.due_at <= _now,
        # One that is too late is ended even where its line can't send.
        or_(
            _answer.c.expires_at <= _now,
            and_(line_holds.is_open(_now), holds.none_placed()),
        ),
    )
    .order_by(_answer.c.due_at, _answer.c.id)
    .limit(bindparam("k"))
    .with_for_update(of=_answer, skip_locked=True)
    .cte("due")
)
_unwanted = exists().where(col(Suppression.phone) == _answer.c.phone) & _answer.c.kind.in_(
    (Kind.REPLY.value, Kind.START.value, TEST)
)
_late = _answer.c.expires_at <= _now


def _claimed(sending: Any, otherwise: Any) -> ColumnElement[Any]:
    return case((_unwanted, otherwise), (_late, otherwise), else_=sending)


_CLAIM = (
    update(_answer)
    .where(_answer.c.id.in_(select(_due.c.id)), _answer.c.state == State.QUEUED)
    .values(
        state=case((_unwanted, State.SKIPPED.value), (_late, State.EXPIRED.value), else_=State.SENDING.value),
        reason=case((_unwanted, LeftOut.OPTED_OUT.value), else_=None),
        attempts=_answer.c.attempts + _claimed(1, 0),
        attempt_id=_claimed(
            literal(PREFIX) + cast(_answer.c.id, String) + literal("-") + bindparam("nonce", type_=String()),
            _answer.c.attempt_id,
        ),
        sending_since=_claimed(_now, _answer.c.sending_since),
        finished_at=_claimed(_answer.c.finished_at, _now),
    )
    .returning(_answer)
    .execution_options(synchronize_session=False)
)
