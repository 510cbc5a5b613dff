"""How often somebody may ask: a bucket of requests that fills again evenly."""

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime

QUOTA = 3_000
WINDOW = 60
"""Requests, and the seconds in which that many come back."""

_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Room:
    """What is left to somebody after a request; `wait` is above 0 where it came too soon."""

    left: int
    full_in: int  # seconds
    wait: int = 0


@dataclass
class Limits:
    """The buckets of everybody who asked lately."""

    quota: int = QUOTA
    window: int = WINDOW
    _buckets: dict[Hashable, tuple[float, datetime]] = field(default_factory=dict)

    def take(self, who: Hashable, now: datetime) -> Room:
        """Count a request."""
        left, at = self._buckets.get(who, (float(self.quota), now))
        pace = self.quota / self.window
        left = min(float(self.quota), left + max(0.0, (now - at).total_seconds()) * pace)
        wait = 0
        if left >= 1.0:
            left -= 1.0
        else:
            wait = max(1, math.ceil((1.0 - left) / pace))
        if who not in self._buckets and len(self._buckets) >= _MOST_KEPT:
            self._forget(now)
        self._buckets[who] = left, now
        return Room(int(left), math.ceil((self.quota - left) / pace), wait)

    def _forget(self, now: datetime) -> None:
        """Drop whoever's bucket is full again, and everybody when that is nobody."""
        kept = {
            who: (left, at)
            for who, (left, at) in self._buckets.items()
            if left + (now - at).total_seconds() * self.quota / self.window < self.quota
        }
        self._buckets = kept if len(kept) < _MOST_KEPT else {}
