"""How fast a line may send: the generic cell rate algorithm over segments (a token bucket as one number)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from domain.zones import resolve, wall

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


@dataclass(frozen=True, slots=True)
class Slowed:
    """What a line keeps after its carrier said "too fast"."""

    rate: float  # segments a second at that moment
    full: float  # the rate that it goes back to
    at: datetime
    times: int = 1  # how often in a row


SLOWEST = 0.1
"""No line is slowed below this part of its full rate: it would never end."""

LONGEST_PAUSE = 60.0
"""Seconds for which a line pauses at most when the carrier does not say how long."""

IN_A_ROW = timedelta(seconds=60)
"""A further "too fast" within this time of the last pause's end makes the next pause twice as long."""


def slower(rate: float, full: float) -> float:
    """The rate after the carrier said "too fast": 30 % less (facts.md B 3.1)."""
    return max(full * SLOWEST, rate * 0.7)


def recovering(rate: float, full: float, minutes: float) -> float:
    """The rate `minutes` after it was slowed: 5 % of the full rate more each minute, up to full."""
    return min(full, rate + full * 0.05 * max(0.0, minutes))


def allowed(rate: float | None, slowed: Slowed | None, now: datetime) -> float | None:
    """The segments a second that a line may send now, `rate` being what its settings say; None: no limit."""
    if slowed is None:
        return rate
    full = min(rate, slowed.full) if rate else slowed.full
    current = recovering(slowed.rate, slowed.full, (now - slowed.at).total_seconds() / 60)
    return rate if current >= slowed.full else min(full, current)


def slowed_again(
    rate: float | None, before: Slowed | None, paused_until: datetime | None, sent: float, now: datetime
) -> Slowed:
    """What to keep when the carrier says "too fast".

    `sent` is what the line really sent, in segments a second, for lines without a rate of their own.
    """
    full = rate or (before.full if before else max(1.0, sent))
    current = allowed(rate, before, now) or full
    follows = before is not None and paused_until is not None and now - paused_until < IN_A_ROW
    return Slowed(slower(current, full), full, now, before.times + 1 if before and follows else 1)


def pause(asked: float | None, times: int) -> float:
    """Seconds for which the line waits: what the carrier asked for, else 1, 2, 4 … 60 s."""
    return asked if asked is not None else min(LONGEST_PAUSE, 2.0 ** min(times - 1, 10))


WINDOW_SECONDS = 60
"""What a cap per minute is counted over: any sixty seconds, not only those that a clock calls a minute."""

Spent = Mapping[str, int]
"""Segments by the second in which they were claimed (seconds since 1970, as text: it is kept as JSON)."""


def minute_left(spent: Spent, now: datetime, cap: int) -> int:
    """Segments that may still be claimed this second."""
    return max(0, cap - sum(_recent(spent, now).values()))


def minute_spend(spent: Spent, now: datetime, segments: int) -> dict[str, int]:
    """The window after `segments` more were claimed; what is older than the window is dropped."""
    recent, second = _recent(spent, now), str(int(now.timestamp()))
    return recent | {second: recent.get(second, 0) + segments}


def day_in(zone: str, now: datetime) -> str:
    """The day that it is there, as 2026-11-30."""
    return f"{wall(now, zone):%Y-%m-%d}"


def day_ends(zone: str, now: datetime) -> datetime:
    """The midnight that ends that day."""
    tomorrow = wall(now, zone).date() + timedelta(days=1)
    return resolve(datetime.combine(tomorrow, time()), zone).instant


def _recent(spent: Spent, now: datetime) -> dict[str, int]:
    """What counts now. A clock that was set back must not hold the line until it has caught up."""
    second = int(now.timestamp())
    return {at: count for at, count in spent.items() if abs(second - int(at)) < WINDOW_SECONDS}
