"""How fast running campaigns go, from what an open page has seen of them."""

from collections import deque

WINDOW = 6.0
"""Seconds that count: short enough to follow, long enough to be calm."""

LEAST = 1.0
"""Seconds of watching before a rate is told."""


class Pace:
    """The latest counts of each campaign."""

    def __init__(self) -> None:
        self._seen: dict[int, deque[tuple[float, int]]] = {}

    def note(self, campaign_id: int, at: float, done: int) -> None:
        """Remember that `done` deliveries were done at that second."""
        seen = self._seen.setdefault(campaign_id, deque())
        seen.append((at, done))
        while seen[-1][0] - seen[0][0] > WINDOW:
            seen.popleft()

    def words(self, campaign_id: int) -> str:
        """The rate as people read it, such as "38/s" or "12/min"; "" while none is known or nothing moves."""
        seen = self._seen.get(campaign_id)
        if not seen or (span := seen[-1][0] - seen[0][0]) < LEAST:
            return ""
        rate = (seen[-1][1] - seen[0][1]) / span
        if rate >= 1:
            return f"{rate:,.0f}/s"
        return f"{rate * 60:.0f}/min" if rate > 0 else ""
