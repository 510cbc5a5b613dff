"""The forecast against a small pump that claims person by person, with the real one's pacing rules."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claim_rules import Cap
from domain.forecast import Group, Sending, forecast
from domain.line_time import Cost, Pace
from domain.pacing import Spent, day_in, minute_left, minute_spend, reserve
from domain.schedules import claim_size

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)
RUN = timedelta(seconds=30)
LOOK = timedelta(seconds=1)
"""So often a line without a pump is looked at."""


@dataclass(slots=True)
class Person:
    group: Group
    due: datetime
    had: list[datetime]  # the times of their texts, which the person shares with themself in other messages
    held: bool = False
    sent: datetime | None = None
    expired: bool = False
    capped: bool = False

    @property
    def is_queued(self) -> bool:
        return self.sent is None and not self.expired and not self.capped

    def is_open(self, now: datetime) -> bool:
        return any(opens <= now < closes for opens, closes in self.group.spans)


class SmallPump:
    """Claims and sends as `sender.pump` and `storage.deliveries` do, with the clock turned forward."""

    def __init__(self, sendings: Sequence[Sending], pace: Pace, cap: Cap | None = None) -> None:
        self.pace, self.sendings, self.cap = pace, sendings, cap
        had: dict[tuple[int, int], list[datetime]] = {}
        self.people = [
            [
                Person(group, group.due, had.setdefault((group.party, place), list(group.had)))
                for group in sorted(sending.groups, key=_rank)
                for place in range(group.people)
            ]
            for sending in sendings
        ]
        self.people_left = self.people
        self.now = min(person.due for people in self.people for person in people)
        self.next_free = 0.0
        self.minute: Spent = {}
        self.days = dict(pace.used)

    def play(self) -> None:
        while any(self.queued()):
            if not self.run():
                self.now = max(self.looks_again(), min(p.due for people in self.queued() for p in people))

    def queued(self) -> list[list[Person]]:
        self.people_left = [[p for p in people if p.is_queued] for people in self.people_left]
        return self.people_left

    def looks_again(self) -> datetime:
        """A second later; where the day's cap is used up, on the next quarter of an hour: there days end."""
        day = self.days.get(day_in(self.pace.day_zone, self.now), 0)
        waits = [
            sending.cost.expected
            for sending, people in zip(self.sendings, self.queued(), strict=True)
            if any(person.due <= self.now for person in people)
        ]
        if self.pace.daily_cap and waits and self.pace.daily_cap - day < min(waits):
            coming = (p.due for people in self.queued() for p in people if p.due > self.now)
            return min([self.now + QUARTER - (self.now - NOON) % QUARTER, *coming])
        return self.now + LOOK

    def run(self) -> bool:
        """One run over the messages, the first before the others; whether it claimed anybody."""
        until, claimed = self.now + RUN, False
        for people, sending in zip(self.queued(), self.sendings, strict=True):
            while self.now <= until and self.claim(people, sending.cost):
                claimed = True
        return claimed

    def claim(self, people: Sequence[Person], cost: Cost) -> bool:
        limit = min(claim_size(self.pace.rate), self.room() // cost.expected)
        due = [person for person in people if person.is_queued and person.due <= self.now]
        rows = sorted(due, key=lambda person: person.due)[: max(0, limit)]
        for person in rows:
            person.expired = person.group.expires is not None and person.group.expires <= self.now
        if any(not person.is_open(self.now) for person in rows if not person.expired):
            self.hold(due)
        for person in rows:
            is_due = person.is_queued and person.is_open(self.now)
            person.capped = is_due and self.cap is not None and self.cap.is_reached(person.had, self.now)
        fit = [person for person in rows if person.is_queued and person.is_open(self.now)]
        for person in fit:
            person.had.append(self.now)
        self.send(fit, int(cost.segments))
        return bool(rows)

    def hold(self, due: Sequence[Person]) -> None:
        for person in due:
            expires = person.group.expires or NOON + timedelta(days=99)
            if person.is_queued and not person.is_open(self.now) and expires > self.now:
                opens = (opens for opens, _ in person.group.spans if opens > self.now)
                person.held, person.due = True, next(opens, expires)

    def send(self, people: Sequence[Person], segments: int) -> None:
        claimed_at = self.now
        day, spent = day_in(self.pace.day_zone, claimed_at), segments * len(people)
        self.days[day] = self.days.get(day, 0) + spent
        self.minute = minute_spend(self.minute, claimed_at, spent) if people else self.minute
        for person in people:
            seconds = (claimed_at - NOON).total_seconds()
            self.next_free, wait = reserve(self.next_free, seconds, segments, self.pace.rate)
            person.sent = claimed_at + timedelta(seconds=wait)
            self.now = max(self.now, person.sent)

    def room(self) -> int:
        left, pace = 10**9, self.pace
        if pace.daily_cap is not None:
            left = min(left, pace.daily_cap - self.days.get(day_in(pace.day_zone, self.now), 0))
        if pace.minute_cap is not None:
            left = min(left, minute_left(self.minute, self.now, pace.minute_cap))
        return left


def _rank(group: Group) -> tuple[int, datetime]:
    return group.rank, group.due


@st.composite
def sending(draw: st.DrawFn) -> Sending:
    """People of some zones, whose hours are a quarter of an hour to half a day long."""
    segments = draw(st.integers(1, 3))
    lasts = draw(st.sampled_from([60, 300, 1440, 4320]))
    groups = []
    for rank in range(draw(st.integers(1, 5))):
        due = NOON + draw(st.integers(0, 120)) * MINUTE
        expires = due + lasts * MINUTE
        opens = due + draw(st.integers(-300, 120)) * MINUTE
        hours = draw(st.integers(15, 720)) * MINUTE
        spans = [(opens + days * timedelta(days=1), hours) for days in range(4)]
        cut = [(max(due, start), min(expires, start + length)) for start, length in spans]
        groups.append(Group(draw(st.integers(1, 40)), due, [s for s in cut if s[0] < s[1]], expires, rank))
    return Sending(groups, Cost(segments, segments))


paces = st.builds(
    Pace,
    rate=st.sampled_from([None, 0.1, 0.5, 1.0, 3.0]),
    minute_cap=st.sampled_from([None, 5, 20, 100]),
    daily_cap=st.sampled_from([None, 10, 50, 200]),
    day_zone=st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata"]),
)


def slack(pace: Pace, messages: int) -> int:
    """So many may be on the other side of a closing hour: a claim's, and a run's until the next one."""
    if not pace.rate:
        return 0
    return claim_size(pace.rate) + (ceil(pace.rate * RUN.total_seconds()) if messages > 1 else 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(sending(), min_size=1, max_size=3), paces)
def test_the_forecast_is_what_the_pump_then_does(sendings: list[Sending], pace: Pace) -> None:
    pump = SmallPump(sendings, pace)
    pump.play()
    few = slack(pace, len(sendings))
    found = forecast(sendings, pace)
    for expected, people in zip(found, pump.people, strict=True):
        assert sum(slot.people for slot in expected.slots) + expected.never == len(people)
        assert abs(expected.never - sum(person.expired for person in people)) <= few
        assert abs(expected.held - sum(person.held for person in people)) <= few
    if sum(one.never for one in found) == sum(person.expired for people in pump.people for person in people):
        ends = max((one.ends_at for one in found if one.ends_at), default=NOON)
        really = max(
            (person.sent for people in pump.people for person in people if person.sent), default=NOON
        )
        one_more = timedelta(seconds=1 / pace.rate) if pace.rate else timedelta(0)
        assert abs(ends - really) <= MINUTE + one_more  # a cap's minute, and the text that falls behind it


@st.composite
def capped_sendings(draw: st.DrawFn) -> list[Sending]:
    """Messages some hours or days apart to the same parties, of whom some had texts before."""
    parties = draw(st.lists(st.integers(1, 30), min_size=1, max_size=5))
    ago = st.lists(st.integers(0, 72), max_size=2)
    had = [tuple(NOON - hours * timedelta(hours=1) for hours in draw(ago)) for _ in parties]
    start, found = NOON, []
    for _ in range(draw(st.integers(2, 3))):
        groups = []
        for party, people in enumerate(parties):
            due = start + draw(st.sampled_from([0, 0, 30, 90])) * MINUTE
            opens = due + draw(st.sampled_from([-60, -60, 45])) * MINUTE
            spans = [(opens + days * timedelta(days=1), timedelta(hours=9)) for days in range(4)]
            expires = due + draw(st.sampled_from([60, 1440, 4320])) * MINUTE
            cut = [(max(due, at), min(expires, at + long)) for at, long in spans]
            group = Group(people, due, [s for s in cut if s[0] < s[1]], expires, rank=party)
            groups.append(replace(group, party=party, had=had[party]))
        found.append(Sending(groups))
        start += draw(st.sampled_from([1, 1441, 1470, 2 * 1440 + 3])) * MINUTE
    return found


@settings(max_examples=60, deadline=None)
@given(
    capped_sendings(),
    st.builds(Cap, most=st.integers(1, 3), days=st.integers(1, 2)),
    st.builds(Pace, minute_cap=st.sampled_from([None, 5, 20]), daily_cap=st.sampled_from([None, 10, 50])),
)
def test_a_frequency_cap_leaves_out_whom_the_pump_then_skips(
    sendings: list[Sending], cap: Cap, pace: Pace
) -> None:
    pump = SmallPump(sendings, pace, cap)
    pump.play()
    for expected, sending, people in zip(forecast(sendings, pace, cap), sendings, pump.people, strict=True):
        skipped = Counter(person.group.party for person in people if person.capped)
        assert expected.capped == tuple(skipped[group.party] for group in sending.groups)
        assert expected.never == sum(person.expired for person in people)
        assert expected.held == sum(person.held and not person.capped for person in people)
        assert sum(slot.people for slot in expected.slots) == sum(
            person.sent is not None for person in people
        )


@settings(max_examples=30, deadline=None)
@given(capped_sendings(), st.builds(Cap, most=st.integers(1, 3), days=st.integers(1, 2)), paces)
def test_with_a_cap_everybody_is_sent_to_or_left_out(sendings: list[Sending], cap: Cap, pace: Pace) -> None:
    for expected, sending in zip(forecast(sendings, pace, cap), sendings, strict=True):
        out = sum(expected.capped) + expected.never
        assert sum(slot.people for slot in expected.slots) + out == sum(one.people for one in sending.groups)
