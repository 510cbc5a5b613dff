"""What the workspace asks of every claim beside consent: how often, and what becomes of texts at night."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.problems import Problem

LARGEST, LONGEST_DAYS = 1_000, 366


class BadCap(Problem):
    """Write a cap of 1 to 1,000 texts, within 1 to 366 days."""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many texts for one person within any so many days, over all campaigns."""

    most: int
    days: int = 7

    def __post_init__(self) -> None:
        if not (1 <= self.most <= LARGEST and 1 <= self.days <= LONGEST_DAYS):
            raise BadCap

    def since(self, at: datetime) -> datetime:
        """From when on a text counts for one that would go out at that instant."""
        return at - timedelta(days=self.days)

    def is_reached(self, had: Iterable[datetime], at: datetime) -> bool:
        """Whether somebody who had texts at those instants gets none at that one."""
        return sum(self.since(at) <= one <= at for one in had) >= self.most


SUGGESTED_CAP = Cap(3, 1)
"""What some states allow a day on one subject (facts.md C 3); no cap holds until somebody chooses one."""


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """What holds for everybody who is about to be sent to."""

    expire: bool = False  # a text that falls into quiet hours expires, instead of waiting for their end
    cap: Cap | None = None
