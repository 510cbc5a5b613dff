"""How a campaign came along: its tallies at a few hundred instants, and what a chart makes of them."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.deliveries import State

CLOSEST = timedelta(seconds=10)
FARTHEST = timedelta(minutes=5)
"""Between two points of a message: close together at its beginning, farther apart as it gets older."""

_POINTS_AT_A_TIME = 120

FOLLOWED = timedelta(days=4)
"""How long a message is followed after it began: its last receipts come within 72 hours of its sending."""

MOST_MOMENTS = 120
"""Moments in a chart: more would be closer together than a pixel or two."""

MOST_HOURS = 72


class Band(StrEnum):
    """What a chart tells apart, from the ground up."""

    DELIVERED = "delivered"
    SENT = "sent"
    UNKNOWN = "unknown"
    PROBLEM = "failed"


BANDS = {
    Band.DELIVERED: (State.DELIVERED,),
    Band.SENT: (State.SENT, State.NO_RECEIPT),
    Band.UNKNOWN: (State.UNKNOWN,),
    Band.PROBLEM: (State.UNDELIVERED, State.FAILED),
}
_BAND_OF = {state: band for band, states in BANDS.items() for state in states}

Counts = Mapping[State, int]


@dataclass(frozen=True, slots=True)
class Point:
    """A message's tally at an instant."""

    at: datetime
    counts: Counts


@dataclass(frozen=True, slots=True)
class Moment:
    """People in each band at an instant, over all messages."""

    at: datetime
    people: Mapping[Band, int]

    @property
    def total(self) -> int:
        """Everybody who was tried."""
        return sum(self.people.values())


@dataclass(frozen=True, slots=True)
class Hour:
    """How many more were in each band at the end of an hour than at its beginning; never less than none."""

    at: datetime
    tried: int
    delivered: int


def is_due(last: datetime | None, began: datetime, now: datetime) -> bool:
    """Whether a message that began then, and was last noted at `last`, should be noted again now.

    The first note of every hour is taken as soon as it has begun, so that hours can be told apart.
    """
    if last is None:
        return True
    if now <= last:
        return False
    apart = min(FARTHEST, max(CLOSEST, (now - began) / _POINTS_AT_A_TIME))
    return now - last >= apart or hour(now) > hour(last)


def hour(at: datetime) -> datetime:
    """The beginning of the hour that the clock shows."""
    return at.replace(minute=0, second=0, microsecond=0)


def moments(points: Mapping[int, Sequence[Point]], most: int = MOST_MOMENTS) -> list[Moment]:
    """The points of each message (earliest first) as moments of the whole campaign, evenly spread.

    A message counts with its last point at or before the moment; before its first it counts nothing.
    """
    instants = sorted({point.at for own in points.values() for point in own})
    if len(instants) > most:
        first, length = instants[0], instants[-1] - instants[0]
        instants = [first + length * place / (most - 1) for place in range(most)]
    return [Moment(at, _bands(points, at)) for at in instants]


def hours(points: Mapping[int, Sequence[Point]], zone: str, most: int = MOST_HOURS) -> list[Hour]:
    """The last hours in which something happened, by the clock of `zone`; hours between them count none."""
    instants = sorted(point.at for own in points.values() for point in own)
    if not instants:
        return []
    clock = ZoneInfo(zone)
    first, end = (_clock_hour(at, clock) for at in (instants[0], instants[-1]))
    start = max(first, end - timedelta(hours=most - 1))
    found = []
    before = _bands(points, start) if start > first else Counter()
    while start <= end:
        after = _bands(points, start + timedelta(hours=1))
        tried = sum(after.values()) - sum(before.values())
        delivered = after[Band.DELIVERED] - before[Band.DELIVERED]
        found.append(Hour(start.astimezone(clock), max(0, tried), max(0, delivered)))
        start, before = start + timedelta(hours=1), after
    return found


def _clock_hour(at: datetime, clock: ZoneInfo) -> datetime:
    """The instant at which the clock's hour began; where clocks are set by half an hour it may be longer."""
    return at - (at.astimezone(clock) - hour(at.astimezone(clock)))


def _bands(points: Mapping[int, Sequence[Point]], at: datetime) -> Counter[Band]:
    people: Counter[Band] = Counter()
    for own in points.values():
        place = bisect_right(own, at, key=lambda point: point.at)
        if place:
            for state, count in own[place - 1].counts.items():
                if state in _BAND_OF:
                    people[_BAND_OF[state]] += count
    return people
