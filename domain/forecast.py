"""The send forecast: how many texts go out when, held by quiet hours and at the line's pace."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

STEP = timedelta(minutes=15)
"""The width of one slot of the forecast."""

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Group:
    """People who become due together and may be sent to in the same hours."""

    people: int
    due: datetime
    spans: Sequence[Span]  # when they may be sent to, in order; none behind their message's expiry
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """How many are sent to from `at` on, for one step."""

    at: datetime
    people: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """A message's expected sending."""

    slots: tuple[Slot, ...]  # only those in which anybody is sent to
    held: int  # people who wait for their hours: at their time, or because the line did not come to them
    never: int  # people who can't be sent to before their message expires
    ends_at: datetime | None  # when the last one is expected to have been sent to


@dataclass(slots=True)
class _Waiting:
    """A group while it is played through."""

    group: Group
    left: int
    held: int = field(default=0)

    def inside(self, instant: datetime) -> bool:
        return any(opens <= instant < closes for opens, closes in self.group.spans)

    def hold(self, instant: datetime) -> None:
        """Note whom quiet hours hold now; each counts once, and nobody whose message has expired."""
        expired = self.group.expires is not None and instant >= self.group.expires
        if not self.held and instant >= self.group.due and not expired and not self.inside(instant):
            self.held = self.left


def forecast(groups: Iterable[Group], per_second: float | None) -> Forecast:
    """Play the sending through in steps; `per_second` is the line's pace in people, None for no limit."""
    waiting = [_Waiting(group, group.people) for group in groups if group.people]
    waiting.sort(key=lambda one: one.group.due)
    if not waiting:
        return Forecast((), 0, 0, None)
    for one in waiting:
        one.hold(one.group.due)
    slots: list[Slot] = []
    ends: datetime | None = None
    at: datetime | None = waiting[0].group.due
    while at is not None:
        sent, until = _step(waiting, at, per_second)
        if sent:
            slots.append(Slot(at, sent))
            ends, at = until, at + STEP
        else:
            at = _next(waiting, at + STEP)
        if at is not None:
            for one in waiting:
                one.hold(at)
    held, never = sum(one.held for one in waiting), sum(one.left for one in waiting)
    return Forecast(tuple(slots), held, never, ends)


def _step(waiting: Sequence[_Waiting], at: datetime, per_second: float | None) -> tuple[int, datetime]:
    """Send what this step allows, those due first before the others; how many, and when the last one."""
    room = None if per_second is None else max(1, round(per_second * STEP.total_seconds()))
    sent, until = 0, at
    for one in waiting:
        opened = _open_in(one.group, at) if one.left else None
        if opened is None:
            continue
        begins, share = opened[0], one.left
        if per_second is not None and room is not None:
            begins = max(begins, at + timedelta(seconds=sent / per_second))
            share = min(share, max(1, round(per_second * opened[1].total_seconds())), room - sent)
            begins += timedelta(seconds=share / per_second)
        if share:
            one.left -= share
            sent += share
            until = max(until, begins)
    return sent, until


def _open_in(group: Group, at: datetime) -> tuple[datetime, timedelta] | None:
    """When in the step the group may first be sent to, and for how long; None for not at all."""
    first, last = max(at, group.due), at + STEP
    parts = [(max(first, opens), min(last, closes)) for opens, closes in group.spans]
    found = [(opens, closes) for opens, closes in parts if opens < closes]
    if not found:
        return None
    return found[0][0], sum((closes - opens for opens, closes in found), timedelta(0))


def _next(waiting: Sequence[_Waiting], after: datetime) -> datetime | None:
    """The next instant at which somebody who is left may be sent to."""
    openings = [
        max(opens, one.group.due, after)
        for one in waiting
        if one.left
        for opens, closes in one.group.spans
        if closes > max(opens, one.group.due, after)
    ]
    return min(openings, default=None)


WIDTHS = tuple(timedelta(minutes=minutes) for minutes in (15, 30, 60, 120, 180, 360, 720, 1440))
"""How much time one bar of a chart may stand for."""


def bars(slots: Sequence[Slot], most: int) -> tuple[list[Slot], timedelta]:
    """The slots as at most so many bars of one width, without a gap: a bar of nobody is a pause."""
    if not slots:
        return [], STEP
    first, last = slots[0].at, slots[-1].at
    width = next((one for one in WIDTHS if (last - first) // one < most), WIDTHS[-1])
    counts = [0] * min(most, (last - first) // width + 1)
    for slot in slots:
        counts[min(len(counts) - 1, (slot.at - first) // width)] += slot.people
    return [Slot(first + place * width, people) for place, people in enumerate(counts)], width
