"""How a campaign came along: when it is noted, and what the charts make of the notes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deliveries import State
from domain.progress import FARTHEST, MOST_MOMENTS, Band, Hour, Point, hours, is_due, moments

T = datetime(2026, 11, 25, 9, 58, tzinfo=UTC)


def after(**span: float) -> datetime:
    return T + timedelta(**span)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, T, True),
        (T, T, False),
        (after(minutes=1), T, False),  # a clock that was set back
        (T, after(seconds=9), False),
        (T, after(seconds=10), True),
        (after(seconds=115), after(minutes=2), True),  # the first of a new hour
        (after(hours=1, minutes=10), after(hours=1, minutes=10, seconds=30), False),
        (after(hours=1, minutes=10), after(hours=1, minutes=10, seconds=40), True),
        (after(days=2), after(days=2, minutes=1, seconds=59), False),
        (after(days=2, minutes=3), after(days=2, minutes=7), False),
        (after(days=2, minutes=3), after(days=2, minutes=8), True),
    ],
)
def test_notes_are_close_at_first_and_farther_apart_later(
    last: datetime | None, now: datetime, *, due: bool
) -> None:
    assert is_due(last, T, now) is due


def test_a_message_of_three_days_has_some_hundred_notes() -> None:
    noted, now = [T], T
    while now < after(days=3):
        now += timedelta(seconds=10)
        if is_due(noted[-1], T, now):
            noted.append(now)
    assert 500 < len(noted) < 1_500
    assert max(b - a for a, b in pairwise(noted)) <= FARTHEST


def test_messages_add_up_and_one_that_has_not_begun_counts_nothing() -> None:
    points = {
        1: [Point(T, {State.SENT: 2, State.QUEUED: 8}), Point(after(minutes=2), {State.DELIVERED: 10})],
        2: [Point(after(minutes=1), {State.FAILED: 1, State.UNDELIVERED: 1, State.UNKNOWN: 1})],
    }
    assert [(one.at, dict(one.people)) for one in moments(points)] == [
        (T, {Band.SENT: 2}),
        (after(minutes=1), {Band.SENT: 2, Band.PROBLEM: 2, Band.UNKNOWN: 1}),
        (after(minutes=2), {Band.DELIVERED: 10, Band.PROBLEM: 2, Band.UNKNOWN: 1}),
    ]


def test_hours_are_those_of_the_campaigns_clock_and_count_what_was_added() -> None:
    points = {
        1: [
            Point(T, {State.SENT: 3}),
            Point(after(minutes=2), {State.SENT: 2, State.DELIVERED: 2}),
            Point(after(hours=2), {State.DELIVERED: 9, State.UNDELIVERED: 1}),
        ]
    }
    found = hours(points, "Asia/Kolkata")
    assert [(f"{one.at:%H:%M}", one.tried, one.delivered) for one in found] == [
        ("15:00", 4, 2),
        ("16:00", 0, 0),
        ("17:00", 6, 7),
    ]


def test_nothing_noted_is_nothing_drawn() -> None:
    assert moments({}) == []
    assert hours({}, "UTC") == []


counted = st.dictionaries(st.sampled_from(list(State)), st.integers(0, 1_000))
noted = st.dictionaries(st.integers(0, 10 * 86_400), counted, min_size=1, max_size=200)


@given(st.dictionaries(st.integers(1, 3), noted, min_size=1))
def test_the_last_moment_is_how_it_stands_and_there_are_never_too_many(
    drawn: dict[int, dict[int, dict[State, int]]],
) -> None:
    points = {
        message: [Point(after(seconds=at), own[at]) for at in sorted(own)] for message, own in drawn.items()
    }
    found = moments(points)
    assert len(found) <= MOST_MOMENTS
    assert [one.at for one in found] == sorted(one.at for one in found)
    delivered = sum(own[-1].counts.get(State.DELIVERED, 0) for own in points.values())
    assert found[-1].people.get(Band.DELIVERED, 0) == delivered
    by_hour = hours(points, "America/New_York")
    assert all(isinstance(one, Hour) and one.tried >= 0 and one.delivered >= 0 for one in by_hour)
    assert all(b.at - a.at == timedelta(hours=1) for a, b in pairwise(by_hour))
