"""The send forecast: how many texts go out when, held by quiet hours and at the line's pace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

STEP = timedelta(minutes=15)
"""The width of one slot of the forecast."""

DAYS = 9
"""How far it looks ahead."""


@dataclass(frozen=True, slots=True)
class Group:
    """People who become due together and may be sent to in the same hours."""

    people: int
    due: datetime
    spans: Sequence[tuple[datetime, datetime]]  # when they may be sent to, in order


@dataclass(frozen=True, slots=True)
class Slot:
    """How many are sent to from `at` on, for one step."""

    at: datetime
    people: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """A message's expected sending."""

    slots: tuple[Slot, ...]  # only those in which anybody is sent to
    held: int  # people who wait for their window after they are due
    never: int  # people without an allowed hour before the look ahead ends

    @property
    def ends_at(self) -> datetime | None:
        """When the last one is expected to have been sent to, to the step."""
        return self.slots[-1].at + STEP if self.slots else None


def forecast(groups: Sequence[Group], per_second: float | None) -> Forecast:
    """Play the sending through in steps; `per_second` is the line's pace in people, None for no limit."""
    waiting = sorted((group for group in groups if group.people), key=lambda group: group.due)
    if not waiting:
        return Forecast((), 0, 0)
    left = [group.people for group in waiting]
    slots: list[Slot] = []
    at: datetime | None = waiting[0].due
    while at is not None:
        sent = _step(waiting, left, at, per_second)
        if sent:
            slots.append(Slot(at, sent))
            at += STEP
        else:
            at = _next(waiting, left, at + STEP)
    held = sum(group.people for group in waiting if not _inside(group, group.due))
    return Forecast(tuple(slots), held, sum(left))


def _step(groups: Sequence[Group], left: list[int], at: datetime, per_second: float | None) -> int:
    """Send what this step allows, those due first before the others; returns how many."""
    room = sum(left) if per_second is None else max(1, round(per_second * STEP.total_seconds()))
    sent = 0
    for place, group in enumerate(groups):
        open_for = _open_for(group, at) if left[place] else timedelta(0)
        if not open_for:
            continue
        share = left[place]
        if per_second is not None:
            share = min(share, max(1, round(per_second * open_for.total_seconds())), room - sent)
        left[place] -= share
        sent += share
    return sent


def _open_for(group: Group, at: datetime) -> timedelta:
    """How much of the step lies in the group's hours, after it is due."""
    first, last = max(at, group.due), at + STEP
    spans = (min(last, closes) - max(first, opens) for opens, closes in group.spans)
    return sum((span for span in spans if span > timedelta(0)), timedelta(0))


def _next(groups: Sequence[Group], left: Sequence[int], after: datetime) -> datetime | None:
    """The next instant at which somebody who is left may be sent to."""
    openings = [
        max(opens, group.due, after)
        for group, people in zip(groups, left, strict=True)
        if people
        for opens, closes in group.spans
        if closes > max(group.due, after)
    ]
    return min(openings, default=None)


def _inside(group: Group, instant: datetime) -> bool:
    return any(opens <= instant < closes for opens, closes in group.spans)
