"""The kinds of line, and which numbers each may have."""

from enum import StrEnum

from domain import sending_numbers
from domain.problems import Problem
from domain.sending_numbers import SENDER_NAME, SHORT_CODE

TOLL_FREE_AREAS = frozenset({"800", "833", "844", "855", "866", "877", "888"})


class LineKind(StrEnum):
    """What sort of number or sender ID a line is; carriers treat each by rules of its own."""

    LONG_CODE = "long_code"
    TEN_DLC = "ten_dlc"
    TOLL_FREE = "toll_free"
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"


LABELS = {
    LineKind.LONG_CODE: "Long code",
    LineKind.TEN_DLC: "10DLC (registered US long code)",
    LineKind.TOLL_FREE: "Toll-free number",
    LineKind.SHORT_CODE: "Short code",
    LineKind.ALPHANUMERIC: "Alphanumeric sender ID",
}


class KindMismatch(Problem):
    """A line of this kind can't have this number."""


def guess(number: str) -> LineKind:
    """The kind that a sending number looks like; whether a US number is registered it does not say."""
    if SHORT_CODE.fullmatch(number):
        return LineKind.SHORT_CODE
    if SENDER_NAME.fullmatch(number):
        return LineKind.ALPHANUMERIC
    if number.startswith("+1") and number[2:5] in TOLL_FREE_AREAS:
        return LineKind.TOLL_FREE
    return LineKind.LONG_CODE


def check(kind: LineKind, number: str) -> str:
    """The number as it is kept, if a line of this kind can have it.

    Raises `KindMismatch`, `BadNumber` or `BadSenderName`.
    """
    sends_as = sending_numbers.normalise(number)
    looks_like = guess(sends_as)
    if kind is looks_like or (kind is LineKind.TEN_DLC and looks_like is LineKind.LONG_CODE):
        return sends_as
    raise KindMismatch(f"“{sends_as}” is not a {_IN_WORDS[kind]}. {_WANTED[kind]}")


_IN_WORDS = {
    LineKind.LONG_CODE: "long code",
    LineKind.TEN_DLC: "10DLC number",
    LineKind.TOLL_FREE: "toll-free number",
    LineKind.SHORT_CODE: "short code",
    LineKind.ALPHANUMERIC: "alphanumeric sender ID",
}
_WANTED = {
    LineKind.LONG_CODE: "Enter a full phone number such as +14155550100.",
    LineKind.TEN_DLC: "Enter a US number such as +14155550100.",
    LineKind.TOLL_FREE: "It begins with +1 and 800, 833, 844, 855, 866, 877 or 888.",
    LineKind.SHORT_CODE: "It has 3 to 8 digits.",
    LineKind.ALPHANUMERIC: "It has at most 11 characters, with a letter among them.",
}
