"""The send forecast: how many texts go out when, as people's hours and the line's pace and caps allow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from math import ceil

from domain.claim_rules import Cap
from domain.frequency import Frequency
from domain.line_time import Cost, LineTime, Pace, Stretch

STEP = timedelta(minutes=15)
"""The most time that one slot of the forecast stands for."""

LONGEST = timedelta(days=7)
"""No message waits longer before it expires."""

Span = tuple[datetime, datetime]


NO_LIMIT = Pace()
ONE_SEGMENT = Cost()


@dataclass(frozen=True, slots=True)
class Group:
    """People who become due together and may be sent to in the same hours."""

    people: int
    due: datetime
    spans: Sequence[Span]  # when they may be sent to, in order; none behind their message's expiry
    expires: datetime | None = None
    rank: int = 0  # among those who become due together, the lower first
    party: int = 0  # where a cap counts people's texts: who they are, the same in every message
    had: tuple[datetime, ...] = ()  # and when they had texts from elsewhere


@dataclass(frozen=True, slots=True)
class Sending:
    """A message that is to go out."""

    groups: Sequence[Group]
    cost: Cost = ONE_SEGMENT


@dataclass(frozen=True, slots=True)
class Slot:
    """How many are sent to from `at` on, within one step."""

    at: datetime
    people: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """A message's expected sending."""

    slots: tuple[Slot, ...]  # only those in which anybody is sent to
    held: int  # people who wait for their hours: at their time, or because the line did not come to them
    never: int  # people who can't be sent to before their message expires
    ends_at: datetime | None  # when the last one is expected to have been sent to
    capped: tuple[int, ...] = ()  # of each group: people who have had enough texts when their turn comes


def forecast(sendings: Sequence[Sending], pace: Pace = NO_LIMIT, cap: Cap | None = None) -> list[Forecast]:
    """Play the sending through: messages that share a line, those that come first before the others.

    As in the claims, the people of a message come in the order in which they become due; whoever comes up
    outside their hours, and all others whose hours are closed then, wait until these open. With a `cap`
    each party is passed over where its people have had enough by then.
    """
    frequency = Frequency(cap) if cap else None
    queues = [_Queue(sending, frequency) for sending in sendings]
    line = LineTime(pace)
    at = min((due for queue in queues if (due := queue.next_due)), default=None)
    while at is not None:
        at = _go_on(queues, line, at)
    return [queue.result() for queue in queues]


def rest_ends(people: int, cost: Cost, pace: Pace, now: datetime) -> datetime | None:
    """When people who are due are through, in a week at the latest; None when they never are."""
    week = (now, now + LONGEST)
    [found] = forecast([Sending([Group(people, now, [week], week[1])], cost)], pace.without_minutes)
    return found.ends_at or (None if people else now)


def _go_on(queues: Sequence["_Queue"], line: LineTime, at: datetime) -> datetime | None:
    """Send to those who come next; gives when there is more to do, or None."""
    again: list[datetime | None] = []
    for place, queue in enumerate(queues):
        queue.arrive(at)
        if queue.is_waiting:
            opens = line.opens(at, queue.cost)
            if opens != at:
                again.append(opens)
                continue
            if waiting := queue.first(at):
                ahead = [due for one in queues[:place] if (due := one.next_due)]
                return queue.send(waiting, line, at, min([waiting.until(at), *ahead]))
    again += [queue.next_due for queue in queues]
    return min((one for one in again if one is not None), default=None)


@dataclass(slots=True)
class _Waiting:
    """A group while it is played through."""

    place: int  # among its message's groups
    group: Group
    left: int
    was_held: bool = False

    @property
    def gone(self) -> int:
        """How many have had their turn."""
        return self.group.people - self.left

    def is_expired(self, at: datetime) -> bool:
        return self.group.expires is not None and at >= self.group.expires

    def is_open(self, at: datetime) -> bool:
        return any(opens <= at < closes for opens, closes in self.group.spans)

    def until(self, at: datetime) -> datetime:
        """When the hours end that are open."""
        closing = next(closes for opens, closes in self.group.spans if opens <= at < closes)
        return min(closing, self.group.expires or closing)

    def opens(self, at: datetime) -> datetime | None:
        """When they are open next."""
        return next((opens for opens, _closes in self.group.spans if opens > at), None)


_Place = tuple[datetime, int, int, _Waiting]
"""When a group is due, its rank, its number, which no other one has, and the group."""


class _Queue:
    """One message's people: those who are due, in their order, and those who are not yet."""

    def __init__(self, sending: Sending, frequency: Frequency | None) -> None:
        self.cost, self._frequency = sending.cost, frequency
        groups = [(place, one) for place, one in enumerate(sending.groups) if one.people]
        self._later = [(one.due, one.rank, place, _Waiting(place, one, one.people)) for place, one in groups]
        heapify(self._later)
        self._capped = [0] * len(sending.groups) if frequency else []
        if frequency:
            for _, one in groups:
                frequency.join(one.party, one.people, one.had)
        self._due: list[_Place] = []
        self._slots: list[Slot] = []
        self._held = self._never = 0
        self._ends: datetime | None = None

    @property
    def next_due(self) -> datetime | None:
        """When the next of those who are not due yet become so."""
        return self._later[0][0] if self._later else None

    @property
    def is_waiting(self) -> bool:
        """Whether anybody is due."""
        return bool(self._due)

    def arrive(self, at: datetime) -> None:
        """Put those who are due by now among the others."""
        while self._later and self._later[0][0] <= at:
            heappush(self._due, heappop(self._later))

    def first(self, at: datetime) -> _Waiting | None:
        """Those who may be sent to first; who comes before them expires, or waits for their hours."""
        while self._due:
            waiting = self._due[0][3]
            if waiting.is_expired(at):
                self._never += waiting.left
                heappop(self._due)
            elif waiting.is_open(at):
                if self._leave_out(waiting, at):
                    return waiting
                heappop(self._due)
            else:
                self._hold(at)
        return None

    def send(self, waiting: _Waiting, line: LineTime, at: datetime, until: datetime) -> datetime:
        """Send to as many of the first as may be before `until`; gives when to go on."""
        most = waiting.left
        if self._frequency:
            most = min(self._frequency.alike(waiting.group.party, waiting.gone), line.in_a_minute(self.cost))
        stretch = line.take(at, until, most, self.cost)
        if stretch.people:
            if self._frequency:
                self._frequency.note(waiting.group.party, waiting.gone, stretch.people, stretch.first)
            waiting.left -= stretch.people
            if not waiting.left:
                heappop(self._due)
            self._note(stretch)
        return stretch.last

    def result(self) -> Forecast:
        """What has come of them; who is left is never sent to."""
        left = sum(place[3].left for place in (*self._due, *self._later))
        slots, capped = tuple(self._slots), tuple(self._capped)
        return Forecast(slots, self._held, self._never + left, self._ends, capped)

    def _leave_out(self, waiting: _Waiting, at: datetime) -> int:
        """Pass over those in front who have had enough texts by now; gives how many are left."""
        if self._frequency:
            enough = self._frequency.enough(waiting.group.party, waiting.gone, at)
            waiting.left -= enough
            self._capped[waiting.place] += enough
            self._held -= enough * waiting.was_held
        return waiting.left

    def _hold(self, at: datetime) -> None:
        """Let all wait whose hours are closed now; each counts as held once."""
        due, self._due = self._due, []
        for place in due:
            waiting = place[3]
            if waiting.is_expired(at) or waiting.is_open(at):
                self._due.append(place)
                continue
            if not waiting.was_held:
                waiting.was_held = True
                self._held += waiting.left
            opens = waiting.opens(at) or waiting.group.expires
            if opens is None:
                self._never += waiting.left
            else:
                heappush(self._later, (opens, *place[1:]))
        heapify(self._due)

    def _note(self, stretch: Stretch) -> None:
        self._ends = stretch.last
        each = (stretch.last - stretch.first) / max(1, stretch.people - 1)
        first, left = stretch.first, stretch.people
        while left:
            if not self._slots or first >= self._slots[-1].at + STEP:
                self._slots.append(Slot(first, 0))
            slot = self._slots[-1]
            share = min(left, ceil((slot.at + STEP - first) / each)) if each else left
            self._slots[-1] = Slot(slot.at, slot.people + share)
            first, left = first + share * each, left - share


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
