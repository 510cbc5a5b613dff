"""What one attempt at the carrier proved, and what the ledger does about it."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.deliveries import State, may_replace


class Proof(StrEnum):
    """What the carrier's answer, or the lack of one, proves about an attempt."""

    ACCEPTED = "accepted"  # the carrier has it
    REFUSED = "refused"  # the carrier said no to this message; trying again is no use
    NOT_SENT = "not_sent"  # proved not accepted (never written, or the carrier says so): may be tried again
    TOO_FAST = "too_fast"  # 429: not processed; the whole line waits
    LINE_BLOCKED = "line_blocked"  # credentials, account or registration: nothing on this line can be sent
    AMBIGUOUS = "ambiguous"  # perhaps written, perhaps accepted


class Outcome(NamedTuple):
    """One attempt's outcome, as an adapter reports it."""

    proof: Proof
    carrier_message_id: str | None = None
    code: str = ""  # the carrier's error code, "" when there is none
    detail: str = ""  # a short technical reason, for the log and the person's row
    retry_after: float | None = None  # seconds, for TOO_FAST
    garbled: bool = False  # the carrier took it with an answer that is not understood


MAX_ATTEMPTS = 5
"""Tries of one delivery before it fails; a 429 does not count as one."""


def next_state(
    old: State, outcome: Outcome, attempts: int, retry_at: datetime, expires_at: datetime
) -> State:
    """The state after an attempt's outcome, for a delivery that stands at `old`.

    `attempts` counts this one. What went on without us (a receipt came first, the claim was given up)
    is only ever raised; what may be tried again is not tried past its expiry or its last attempt.
    """
    match outcome.proof:
        case Proof.ACCEPTED:
            return State.SENT if may_replace(old, State.SENT) else old
        case Proof.AMBIGUOUS:
            return State.UNKNOWN if may_replace(old, State.UNKNOWN) else old
        case _ if old is not State.SENDING:
            return old
        case Proof.REFUSED:
            return State.FAILED
        case Proof.NOT_SENT if attempts >= MAX_ATTEMPTS:
            return State.FAILED
        case _:
            return State.EXPIRED if retry_at >= expires_at else State.QUEUED


def backoff(attempt: int, jitter: float) -> float:
    """Seconds to wait before the next try: 2^n × 2 s, at most 5 minutes, ±20 %.

    `attempt` counts from 1; `jitter` is a number from 0 to 1 that the caller draws.
    """
    return float(min(300.0, 2.0 * 2**attempt)) * (0.8 + 0.4 * jitter)
