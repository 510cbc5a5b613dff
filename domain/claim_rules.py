"""What the workspace asks of every claim beside consent: how often, and what becomes of texts at night."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """What holds for everybody who is about to be sent to."""

    expire: bool = False  # a text that falls into quiet hours expires, instead of waiting for their end
    cap: Cap | None = None
