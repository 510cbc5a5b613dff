"""What the sandbox carrier does with a number, by its last four digits; the oracle of tests and demo data."""

from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32

from domain.deliveries import State


class Answer(StrEnum):
    """How the sandbox answers the request that carries a message."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    TOO_FAST_ONCE = "too_fast_once"  # 429 the first time, then accepted
    ERROR_ONCE = "error_once"  # 500 the first time, then accepted
    HANG_UP = "hang_up"  # reads the request and closes the connection


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What happens to a message for one number."""

    answer: Answer = Answer.ACCEPT
    receipt: State | None = (
        State.DELIVERED
    )  # the final receipt of an accepted message; None for no receipt ever
    code: str = ""  # why it is refused or not delivered
    reply: str | None = None  # what the person texts back after delivery


QUESTION = "What time do you open tomorrow?"

ORDINARY = Behaviour()

BEHAVIOURS = {
    "0001": Behaviour(Answer.REFUSE, None, "invalid_number"),
    "0003": Behaviour(receipt=State.UNDELIVERED, code="unreachable"),
    "0005": Behaviour(receipt=None),
    "0006": Behaviour(receipt=State.UNDELIVERED, code="landline"),
    "0007": Behaviour(receipt=State.UNDELIVERED, code="filtered"),
    "0010": Behaviour(Answer.REFUSE, None, "opted_out"),
    "0029": Behaviour(Answer.TOO_FAST_ONCE),
    "0050": Behaviour(Answer.ERROR_ONCE),
    "0060": Behaviour(Answer.HANG_UP, None),
    "0077": Behaviour(reply="STOP"),
    "0078": Behaviour(reply=QUESTION),
}
"""Special endings; every other number is delivered."""

MOST_DELAY = 3.0
"""Seconds within which a receipt follows, unless the account says otherwise."""


def behaviour(number: str) -> Behaviour:
    """What the sandbox does with a message to `number` (E.164)."""
    return BEHAVIOURS.get(number[-4:], ORDINARY)


def final_state(number: str) -> State:
    """Where a delivery to `number` ends when everything works and nobody repeats a doubtful attempt."""
    does = behaviour(number)
    if does.answer is Answer.REFUSE:
        return State.FAILED
    if does.answer in (Answer.ERROR_ONCE, Answer.HANG_UP):
        return State.UNKNOWN
    return does.receipt or State.SENT


def delay(number: str, most: float = MOST_DELAY) -> float:
    """Seconds from acceptance to the receipt: the same each time, spread evenly over 0 to `most`."""
    return crc32(number.encode()) / 2**32 * most
