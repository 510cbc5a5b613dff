"""What /metrics and /readyz tell of the ledger: read from tallies, a few statements however much there is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from domain.campaigns import Status
from domain.carrier_errors import explain
from domain.deliveries import State
from domain.messages import MessageState
from storage import holds, late_receipts, line_holds, senders
from storage.database import Database
from storage.tables import (
    Campaign,
    CarrierAccount,
    Delivery,
    Line,
    Message,
    ReceiptInbox,
    SenderProcess,
    Tally,
    WebhookCall,
)

DUE_TOO_LONG = 300.0
IDLE_TOO_LONG = 60.0
"""Seconds; see `stuck_for`."""


@dataclass(frozen=True, slots=True)
class Measures:
    """One look at everything."""

    deliveries: Mapping[State, int]
    errors: Mapping[tuple[str, str], int]  # by kind of carrier and class of error
    campaigns: Mapping[Status, int]
    queued: int  # of running campaigns: what is left to send now
    oldest_due: float | None  # seconds; of running campaigns on open lines
    receipts_waiting: int
    receipts_stray: int  # of the last month: nobody looks for their delivery any more
    calls_waiting: int  # of outgoing webhooks
    held: bool
    lines: Sequence[tuple[str, str]]  # label and why it does not send
    senders: Sequence[SenderProcess]


def read(db: Database, now: datetime) -> Measures:
    """Look once."""
    with db.read() as session:
        states, errors = _outcomes(session)
        return Measures(
            deliveries=states,
            errors=errors,
            campaigns=_campaigns(session),
            queued=_queued(session),
            oldest_due=_oldest_due(session, now),
            receipts_waiting=_count(session, ReceiptInbox, col(ReceiptInbox.applied_at).is_(None)),
            receipts_stray=late_receipts.count_strays(session, now).total(),
            calls_waiting=_count(session, WebhookCall, col(WebhookCall.state) == "waiting"),
            held=not session.scalar(select(holds.none_placed())),
            lines=_lines(session, now),
            senders=senders.alive(session, now),
        )


def stuck_for(db: Database, now: datetime) -> float:
    """For how many seconds something has been due that nobody sends, though nothing holds it; 0 for none.

    A slow line's texts wait for long and rightly so: it counts only while no sender had a carrier's answer
    for a minute. Lines with a cap are left out.
    """
    with db.read() as session:
        due = _oldest_due(session, now, capped=False) or 0.0
        if due <= DUE_TOO_LONG:
            return 0.0
        idle = [float(sender.figures["idle"]) for sender in senders.alive(session, now)]
        return due if min(idle, default=due) > IDLE_TOO_LONG else 0.0


def _outcomes(session: Session) -> tuple[Counter[State], Counter[tuple[str, str]]]:
    """Deliveries by state, and those that went wrong by the class of the carrier's error."""
    query = (
        select(col(CarrierAccount.kind), col(Tally.state), col(Tally.code), func.sum(col(Tally.count)))
        .select_from(Tally)
        .join(Message, col(Message.id) == col(Tally.message_id))
        .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
        .join(Line, col(Line.id) == col(Campaign.line_id))
        .join(CarrierAccount, col(CarrierAccount.id) == col(Line.account_id))
        .where(col(Tally.count) != 0)
        .group_by(col(CarrierAccount.kind), col(Tally.state), col(Tally.code))
    )
    states: Counter[State] = Counter()
    errors: Counter[tuple[str, str]] = Counter()
    for kind, state, code, count in session.execute(query):
        states[State(state)] += int(count)
        if state in (State.UNDELIVERED, State.FAILED):
            errors[kind, explain(kind, code).kind.value] += int(count)
    return states, errors


def _campaigns(session: Session) -> dict[Status, int]:
    query = (
        select(col(Campaign.status), func.count())
        .where(col(Campaign.archived).is_(False))
        .group_by(col(Campaign.status))
    )
    return {Status(status): count for status, count in session.execute(query)}


def _sending(*columns: Any) -> Any:
    """Of messages that are being sent now."""
    return (
        select(*columns)
        .select_from(Message)
        .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
        .where(col(Campaign.status) == Status.RUNNING, col(Message.state) == MessageState.SENDING)
    )


def _queued(session: Session) -> int:
    query = _sending(func.coalesce(func.sum(col(Tally.count)), 0)).join(
        Tally, (col(Tally.message_id) == col(Message.id)) & (col(Tally.state) == State.QUEUED)
    )
    return int(session.scalar(query) or 0)


def _oldest_due(session: Session, now: datetime, *, capped: bool = True) -> float | None:
    """The first of each message by its index, and the oldest of those."""
    first = (
        select(func.min(col(Delivery.due_at)))
        .where(col(Delivery.message_id) == col(Message.id), col(Delivery.state) == State.QUEUED)
        .correlate(Message)
        .scalar_subquery()
    )
    open_ones = _sending(first.label("due")).join(Line, col(Line.id) == col(Campaign.line_id))
    query = open_ones.where(line_holds.is_open(now), holds.none_placed())
    if not capped:
        query = query.where(col(Line.daily_cap).is_(None), col(Line.minute_cap).is_(None))
    dues = [due for due in session.scalars(query) if due is not None and due <= now]
    return (now - min(dues)).total_seconds() if dues else None


def _lines(session: Session, now: datetime) -> list[tuple[str, str]]:
    query = select(Line).order_by(col(Line.id))
    found = [(line.label, _why(line, now)) for line in session.scalars(query)]
    return [(label, why) for label, why in found if why]


def _why(line: Line, now: datetime) -> str:
    if line.blocked_reason is not None:
        return "blocked"
    if line.circuit_until is not None:
        return "circuit"
    return "slowed" if line.paused_until is not None and line.paused_until > now else ""


def _count(session: Session, table: Any, where: Any) -> int:
    return session.scalar(select(func.count()).select_from(table).where(where)) or 0
