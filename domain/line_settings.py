"""What administrators say about a line, and what of it is wrong."""

from dataclasses import dataclass, replace
from math import isfinite

from domain import line_kinds, zones
from domain.line_kinds import LineKind
from domain.names import tidy
from domain.problems import Conflict, Problem
from domain.sending_numbers import normalise

MICROS = 1_000_000
"""Millionths in a dollar: prices of a segment are kept in them."""

FASTEST = 100_000.0
"""Segments a second; no line comes near."""

LARGEST_CAP = 2**31 - 1
DEAREST = 1_000 * MICROS
LONGEST_LABEL = 120


class BadLineSetting(Problem):
    """A setting of this line is missing or wrong."""

    def __init__(self, text: str, field: str) -> None:
        super().__init__(text)
        self.field = field


class LineBusy(Conflict):
    """Campaigns are being sent from this line. Pause or stop them before you change its number or carrier."""


class LineInUse(Conflict):
    """Campaigns use this line, so it stays: their results name it. Pause it instead."""


@dataclass(frozen=True, slots=True)
class LineSettings:
    """The form's values."""

    label: str = ""
    number: str = ""
    account_id: int | None = None
    kind: LineKind | None = None  # None: what the number looks like
    rate: float | None = None  # segments a second
    minute_cap: int | None = None
    daily_cap: int | None = None
    day_zone: str = "UTC"
    price_micros: int = 0
    restricted: bool = False
    people: frozenset[int] = frozenset()  # who may use it, when it is restricted


def check(given: LineSettings) -> LineSettings:
    """The settings, tidied; raises `BadLineSetting` with the field that is wrong."""
    label = tidy(given.label)[:LONGEST_LABEL]
    if not label:
        raise BadLineSetting("Give the line a name.", "label")
    if not given.number.strip():
        raise BadLineSetting("Enter the number or sender ID.", "number")
    try:
        number = line_kinds.check(given.kind or line_kinds.guess(normalise(given.number)), given.number)
    except Problem as problem:
        raise BadLineSetting(problem.text, "number") from None
    if given.account_id is None:
        raise BadLineSetting("Choose the carrier account.", "account_id")
    if given.rate is not None and not (isfinite(given.rate) and 0 < given.rate <= FASTEST):
        raise BadLineSetting(f"The rate must be more than 0 and at most {FASTEST:,.0f}.", "rate")
    for name, cap in (("minute_cap", given.minute_cap), ("daily_cap", given.daily_cap)):
        if cap is not None and not 1 <= cap <= LARGEST_CAP:
            raise BadLineSetting(
                "A cap must be a whole number of 1 or more. Leave it empty for no cap.", name
            )
    if not 0 <= given.price_micros <= DEAREST:
        raise BadLineSetting("The price must be 0 or more, and at most 1,000 dollars.", "price")
    try:
        zones.zone(given.day_zone)
    except Problem as problem:
        raise BadLineSetting(problem.text, "day_zone") from None
    return replace(
        given,
        label=label,
        number=number,
        kind=given.kind or line_kinds.guess(number),
        people=given.people if given.restricted else frozenset(),
    )
