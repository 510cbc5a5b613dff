"""How fast a line may send: the generic cell rate algorithm over segments (a token bucket as one number)."""

BURST_SECONDS = 1.0
"""How much unused time a line may catch up on at once."""


def reserve(next_free: float, now: float, segments: int, rate: float | None) -> tuple[float, float]:
    """Take `segments` from a line's rate: returns (the new `next_free`, seconds to wait before sending).

    `next_free` and `now` are seconds of one monotonic clock; `rate` is segments a second, None for no
    limit. Over any span the line sends at most rate × (span + burst) segments; a text whose own segments
    take longer than the burst waits for the rest of its time.
    """
    if not rate:
        return now, 0.0
    end = max(next_free, now - BURST_SECONDS) + segments / rate
    return end, max(0.0, end - now)


def slower(rate: float) -> float:
    """The rate after the carrier said "too fast": 30 % less (facts.md B 3.1)."""
    return rate * 0.7


def recovering(rate: float, full: float, minutes: float) -> float:
    """The rate `minutes` after it was slowed: 5 % of the full rate more each minute, up to full."""
    return min(full, rate + full * 0.05 * minutes)
