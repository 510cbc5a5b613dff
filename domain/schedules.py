"""When messages may go out: ahead of now, in order, and not before the one before has ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

from domain.problems import Problem

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Planned:
    """One message as the schedule sees it. `first` and `last` differ for recipients' local time."""

    position: int
    first: datetime  # the earliest instant at which somebody gets it
    last: datetime  # the latest instant at which somebody becomes due
    lasts: timedelta  # from becoming due to being sent, for the whole audience
    begun: bool = False  # its time has come already; it can't be moved and isn't checked

    @property
    def ends(self) -> datetime:
        """When the last person is expected to have been sent to."""
        return max(self.first + self.lasts, self.last)


class TimeMissing(Problem):
    """Choose a send date and a send time."""


class TooEarly(Problem):
    """This time is too early."""

    def __init__(self, position: int, earliest: datetime, why: str, shown: str) -> None:
        super().__init__(f"{why} The earliest possible time is {shown}.")
        self.position = position
        self.earliest = earliest


def lasting(people: int, segments: int, rate: float | None) -> timedelta:
    """How long a message takes: people × segments ÷ the line's rate in segments a second.

    No rate means no limit of the line's own; then it counts as taking no time.
    """
    if not rate or people <= 0:
        return timedelta(0)
    return timedelta(seconds=people * max(1, segments) / rate)


def next_minute(instant: datetime) -> datetime:
    """The first full minute that is not before `instant`."""
    floor = instant.replace(second=0, microsecond=0)
    return floor if floor == instant else floor + MINUTE


def earliest_after(before: Planned | None, now: datetime) -> datetime:
    """The earliest full minute at which the message after `before` may begin."""
    soonest = next_minute(now + timedelta(microseconds=1))
    if before is None:
        return soonest
    return max(soonest, next_minute(max(before.ends, before.first + MINUTE)))


def check_sequence(messages: Sequence[Planned], now: datetime, label: Callable[[datetime], str]) -> None:
    """Raise `TooEarly` for the first message of the sequence (in order) whose time can't be.

    Times are instants, to the second if somebody wants; what people are offered instead is a full minute.
    Those that have begun are not checked themselves, but hold back the ones behind them.
    """
    before: Planned | None = None
    for message in messages:
        if not message.begun:
            earliest = earliest_after(before, now)
            if message.first <= now:
                raise TooEarly(message.position, earliest, "This time has already passed.", label(earliest))
            if before is not None and message.first < max(before.ends, before.first + SECOND):
                why = (
                    f"Message {before.position} is expected to be sent until {label(before.ends)}, "
                    f"and message {message.position} may not begin before."
                )
                raise TooEarly(message.position, earliest, why, label(earliest))
        before = message


def claim_size(rate: float | None) -> int:
    """How many deliveries one claim takes: what 2 s of the line's rate can send, from 1 to 128.

    A kill leaves as many in doubt as one claim took.
    """
    return 128 if not rate else max(1, min(128, ceil(2 * rate)))


def utc(instant: datetime) -> datetime:
    """The same instant in UTC; a naive one is an error of the caller."""
    if instant.tzinfo is None:
        raise ValueError("a time without a zone")
    return instant.astimezone(UTC)
