"""A message's tally: how many of its deliveries stand in each state, and how people read that."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.deliveries import LABELS, State

ORDER = (
    State.DELIVERED,
    State.SENT,
    State.NO_RECEIPT,
    State.SENDING,
    State.QUEUED,
    State.UNKNOWN,
    State.UNDELIVERED,
    State.FAILED,
    State.SKIPPED,
    State.CANCELED,
    State.EXPIRED,
)
"""The order of the bar, from what went well to what never went."""

PROBLEMS_FIRST = (
    State.FAILED,
    State.UNDELIVERED,
    State.UNKNOWN,
    State.NO_RECEIPT,
    State.SENT,
    State.SENDING,
    State.QUEUED,
    State.SKIPPED,
    State.CANCELED,
    State.EXPIRED,
)
"""The order of the summary: what needs a person comes first."""


@dataclass(frozen=True, slots=True)
class Row:
    """One state's line in a breakdown."""

    state: State
    label: str
    count: int
    share: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts per state; a state that isn't named counts zero."""

    counts: Mapping[State, int] = field(default_factory=dict)

    def __getitem__(self, state: State) -> int:
        return self.counts.get(state, 0)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally({state: self[state] + other[state] for state in ORDER if self[state] + other[state]})

    @property
    def total(self) -> int:
        """All deliveries of the message."""
        return sum(self.counts.values())

    def share(self, state: State) -> str:
        """The state's part of all, such as "93.6 %"."""
        return percent(self[state], self.total)

    def rows(self) -> list[Row]:
        """The states that hold someone, in the bar's order."""
        return [Row(state, LABELS[state], self[state], self.share(state)) for state in ORDER if self[state]]

    @property
    def headline(self) -> str:
        """The one line beside a bar, such as "1,012 of 1,162 delivered"."""
        if not self.total:
            return "Not started"
        return f"{number(self[State.DELIVERED])} of {number(self.total)} delivered"

    @property
    def in_words(self) -> str:
        """The whole tally as sentences, for those who don't see the bar."""
        if not self.total:
            return "Not started."
        rest = [f"{number(self[state])} {_said(state)}" for state in PROBLEMS_FIRST if self[state]]
        first = f"{self.headline}, {self.share(State.DELIVERED)}."
        return f"{first} {', '.join(rest)}." if rest else first


def _said(state: State) -> str:
    return "without a receipt after 72 h" if state is State.NO_RECEIPT else LABELS[state].lower()


def summary(counts: Mapping[State, int]) -> str:
    """The counts as sentences: "1,012 of 1,162 delivered, 87.1 %. 38 failed, 112 queued."."""
    return Tally(counts).in_words


def number(value: int) -> str:
    """A count as people write it: 12,408."""
    return f"{value:,}"


def percent(part: int, whole: int) -> str:
    """`part` of `whole` with one decimal; never all when one is missing, never nothing when one is there."""
    if part == 0 or whole == 0:
        return "0 %"
    if part == whole:
        return "100 %"
    tenths = (2000 * part + whole) // (2 * whole)
    if tenths == 0:
        return "<0.1 %"
    if tenths >= 1000:
        return ">99.9 %"
    return f"{tenths // 10}.{tenths % 10} %"
