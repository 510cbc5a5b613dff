"""Auto-pause: when a campaign stops itself before it does more harm (product.md D14)."""

from collections import deque
from dataclasses import dataclass

LOOKED_AT = 200
"""The latest deliveries that are looked at."""

ENOUGH = 50
"""Fewer than so many finished deliveries prove nothing."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Shares from 0 to 1 that a campaign may not pass; 1 switches a check off."""

    failed: float = 0.2  # facts.md B 3.1: more than 20 % of the last 200
    filtered: float = 0.1
    opted_out: float = 0.05


@dataclass(frozen=True, slots=True)
class Latest:
    """What became of a campaign's latest deliveries, or of all of them."""

    finished: int = 0  # sent, delivered, undelivered, failed
    failed: int = 0  # failed and undelivered, filtered ones too
    filtered: int = 0  # the carrier took the text for spam, or the line for unregistered
    opted_out: int = 0  # people who opted out after they got it

    def __add__(self, other: "Latest") -> "Latest":
        return Latest(
            self.finished + other.finished,
            self.failed + other.failed,
            self.filtered + other.filtered,
            self.opted_out + other.opted_out,
        )

    def __sub__(self, other: "Latest") -> "Latest":
        return Latest(
            self.finished - other.finished,
            self.failed - other.failed,
            self.filtered - other.filtered,
            self.opted_out - other.opted_out,
        )


def latest_of(marks: deque[Latest], total: Latest) -> Latest:
    """What became of the last `LOOKED_AT` deliveries, or of a few more.

    `marks` holds earlier totals, the oldest first; the new one is added, and those that are no longer
    needed are dropped.
    """
    while len(marks) > 1 and total.finished - marks[1].finished >= LOOKED_AT:
        marks.popleft()
    latest = total - marks[0]
    if total.finished > marks[-1].finished:
        marks.append(total)
    return latest


def reason_to_pause(latest: Latest, thresholds: Thresholds) -> str | None:
    """Why the campaign should pause now, as a person reads it; None when all is well."""
    if latest.finished < ENOUGH:
        return None
    checks = (
        (latest.filtered, thresholds.filtered, "were filtered by carriers as spam"),
        (latest.opted_out, thresholds.opted_out, "led to an opt-out"),
        (latest.failed, thresholds.failed, "failed"),
    )
    for count, threshold, words in checks:
        if count > threshold * latest.finished and threshold < 1:
            return (
                f"Paused by itself: {count} of the last {latest.finished} texts {words}, "
                f"more than the {threshold * 100:g} % that your workspace allows."
            )
    return None
