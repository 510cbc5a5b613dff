"""A line's circuit breaker: a carrier in trouble is left alone, then tried with a single message."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.outcomes import Outcome, Proof

FAILURES = 10
WITHIN = 30.0
"""It opens at so many failures within so many seconds …"""

RECENT = 20
"""… or when half of the last so many calls failed."""

FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=10)
"""How long it stays open; each probe that fails doubles it."""

PROBE_LASTS = timedelta(seconds=60)
"""Time for a probe's answer; after that somebody else may try."""

GARBLED_IN_A_ROW = 3
"""So many answers that nobody understands, and the line waits for a person: texts go out unconfirmed."""


class Mode(StrEnum):
    """Whether a line's carrier may be called."""

    CLOSED = "closed"  # as usual
    OPEN = "open"  # not now
    HALF_OPEN = "half_open"  # with one message, to see whether it is back


class Word(StrEnum):
    """What one outcome says about the carrier itself."""

    FINE = "fine"  # it answered as a carrier does, with yes or no
    TROUBLE = "trouble"  # it could not be reached, broke off or had an error of its own
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Calls:
    """The last calls on a line, as far as the rules need them."""

    recent: tuple[bool, ...] = ()  # whether each failed, oldest first
    failed_at: tuple[float, ...] = ()  # when the last failures were, in seconds of one monotonic clock
    garbled: int = 0  # answers in a row that were not understood


def word(outcome: Outcome) -> Word:
    """What an outcome says about the carrier."""
    match outcome.proof:
        case Proof.ACCEPTED | Proof.REFUSED:
            return Word.FINE
        case Proof.NOT_SENT:
            return Word.TROUBLE
        case Proof.AMBIGUOUS:
            return Word.NOTHING if outcome.garbled else Word.TROUBLE
        case Proof.TOO_FAST | Proof.LINE_BLOCKED:
            return Word.NOTHING


def failed(outcome: Outcome) -> bool:
    """Whether the carrier was in trouble."""
    return word(outcome) is Word.TROUBLE


def noted(calls: Calls, outcome: Outcome, at: float) -> Calls:
    """The calls with one more."""
    garbled = calls.garbled + 1 if outcome.garbled else 0
    said = word(outcome)
    if said is Word.NOTHING:
        return replace(calls, garbled=garbled)
    failed = said is Word.TROUBLE
    if not failed and not calls.failed_at:
        return (
            calls if calls.garbled == garbled else Calls(garbled=garbled)
        )  # nothing to weigh: the usual case
    failed_at = (*calls.failed_at, at)[-FAILURES:] if failed else calls.failed_at
    return Calls((*calls.recent, failed)[-RECENT:], failed_at, garbled)


def must_open(calls: Calls, at: float) -> bool:
    """Whether the carrier is to be left alone for a while. Calls before the first failure count as fine."""
    lately = sum(1 for failure in calls.failed_at if at - failure <= WITHIN)
    return lately >= FAILURES or 2 * sum(calls.recent) >= RECENT


def is_garbled(calls: Calls) -> bool:
    """Whether the carrier speaks a language that nobody understands."""
    return calls.garbled >= GARBLED_IN_A_ROW


def rest(trips: int) -> timedelta:
    """How long it stays open when it opens for the `trips`-th time in a row, from 1."""
    return min(LONGEST_REST, FIRST_REST * (1 << min(max(trips, 1), 10) - 1))


def mode(open_until: datetime | None, now: datetime) -> Mode:
    """The mode of a line whose stored `open_until` is that; None: closed."""
    if open_until is None:
        return Mode.CLOSED
    return Mode.OPEN if now < open_until else Mode.HALF_OPEN
