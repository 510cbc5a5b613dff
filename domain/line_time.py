"""A line's time to come: when its rate and its caps let texts out, as the pump and the claim will have it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import NamedTuple, Self

from domain.pacing import BURST_SECONDS, WINDOW_SECONDS, day_ends, day_in

BURST = timedelta(seconds=BURST_SECONDS)
WINDOW = timedelta(seconds=WINDOW_SECONDS)
LONG_AGO, EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
NO_END = float("inf")
NO_MORE = 1e9
"""Segments a second that no line reaches."""

AHEAD_SECONDS = WINDOW_SECONDS + BURST_SECONDS + 2
"""What is claimed in sixty seconds was sent in so many: a claim takes 2 s of texts ahead."""

_CLOSE = 1e-9
"""So much a sum of parts may be off."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What holds a line back; None for no limit."""

    rate: float | None = None  # segments a second
    minute_cap: int | None = None  # segments in any sixty seconds
    daily_cap: int | None = None  # segments a day
    day_zone: str = "UTC"
    used: Mapping[str, int] = field(default_factory=dict)  # segments that are gone, by day

    @property
    def is_limited(self) -> bool:
        """Whether anything does."""
        return any((self.rate, self.minute_cap, self.daily_cap))

    @property
    def without_minutes(self) -> Self:
        """The same with its cap per minute as a rate: it comes to the same over a longer time."""
        if self.minute_cap is None:
            return self
        rate = self.minute_cap / WINDOW_SECONDS
        return replace(self, rate=min(rate, self.rate or rate), minute_cap=None)

    @property
    def minute_counts(self) -> bool:
        """Whether the cap per minute ever holds back what the rate lets through."""
        return not (self.rate and self.minute_cap and self.rate * AHEAD_SECONDS <= self.minute_cap)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one person's text takes from a line."""

    segments: float = 1.0  # on average
    expected: int = 1  # what a claim wants to be left of the caps


class Stretch(NamedTuple):
    """Texts that go out one after the other: how many, and when the first and the last one does."""

    people: int
    first: datetime
    last: datetime


class LineTime:
    """Gives a line's time away from now on, one stretch of texts after the other."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._minute_cap = pace.minute_cap if pace.minute_counts else None
        self._free = LONG_AGO  # until then its rate is used up
        self._minute = self._free  # since when the sixty seconds run in which so many were sent
        self._in_minute = 0.0
        self._day, self._day_ends = "", self._free
        self._in_day = 0.0

    def opens(self, at: datetime, cost: Cost) -> datetime | None:
        """When the caps next leave room for one such text: `at` itself, or later; None for never."""
        if any(cap and cap < cost.expected for cap in (self._pace.minute_cap, self._pace.daily_cap)):
            return None
        self._turn_to(at)
        if self._day_left() < cost.expected - _CLOSE:
            return self._day_ends
        if self._minute_left(at) < cost.expected - _CLOSE:
            return self._minute + WINDOW
        return at

    def take(self, at: datetime, until: datetime, most: int, cost: Cost) -> Stretch:
        """Send up to `most` people their text, all before `until`, as far as the caps go: they are open now.

        Where the rate lets nobody through any more, `last` says when to go on.
        """
        self._turn_to(at)
        room, count = min(self._day_left(), self._minute_left(at)), most
        if room < NO_END:
            count = min(count, int((room - cost.expected) / cost.segments + _CLOSE) + 1)
        if not self._pace.rate:
            self._spend(at, count * cost.segments)
            return Stretch(count, at, at)
        each = timedelta(seconds=cost.segments / self._pace.rate)
        free, ends = max(self._free, at - BURST), min(until, self._day_ends, self._minute_ends(at))
        count = min(count, ceil((ends - free) / each - _CLOSE) - 1)
        if count <= 0:
            return Stretch(0, ends, ends)
        self._free = free + count * each
        self._spend(at, count * cost.segments)
        return Stretch(count, max(at, free + each), max(at, self._free))

    def in_a_minute(self, cost: Cost) -> int:
        """How many such texts go out in a minute at its rate; at least one."""
        return max(1, int((self._pace.rate or NO_MORE) * WINDOW_SECONDS / cost.segments))

    def _spend(self, at: datetime, segments: float) -> None:
        if at >= self._minute + WINDOW:
            self._minute, self._in_minute = at, 0.0
        self._in_minute += segments
        self._in_day += segments

    def _minute_left(self, at: datetime) -> float:
        if self._minute_cap is None:
            return NO_END
        return self._minute_cap - (self._in_minute if at < self._minute + WINDOW else 0.0)

    def _minute_ends(self, at: datetime) -> datetime:
        if self._minute_cap is None:
            return EVER
        return (self._minute if at < self._minute + WINDOW else at) + WINDOW

    def _day_left(self) -> float:
        return NO_END if self._pace.daily_cap is None else self._pace.daily_cap - self._in_day

    def _turn_to(self, at: datetime) -> None:
        """Begin the line's day anew when it is over."""
        if self._pace.daily_cap is None:
            self._day_ends = EVER
        elif at >= self._day_ends:
            zone = self._pace.day_zone
            self._day = day_in(zone, at)
            self._in_day = self._pace.used.get(self._day, 0)
            self._day_ends = day_ends(zone, at)
