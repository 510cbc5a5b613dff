from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.forecast import STEP, Forecast, Group, Sending, Slot, bars, forecast
from domain.line_time import Cost, Pace

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
ALWAYS = [(NOON - timedelta(days=1), NOON + timedelta(days=20))]


def hours(first: float, last: float) -> tuple[datetime, datetime]:
    return NOON + timedelta(hours=first), NOON + timedelta(hours=last)


def one(groups: Sequence[Group], rate: float | None = None, **caps: Any) -> Forecast:
    """The forecast of a message of one segment on a line of its own."""
    [found] = forecast([Sending(groups)], Pace(rate, **caps))
    return found


def test_without_a_limit_all_go_out_at_once() -> None:
    found = one([Group(1000, NOON, ALWAYS)])
    assert [(slot.at, slot.people) for slot in found.slots] == [(NOON, 1000)]
    assert (found.held, found.never) == (0, 0)


def test_the_lines_pace_spreads_them() -> None:
    found = one([Group(2000, NOON, ALWAYS)], 1.0)
    assert [slot.people for slot in found.slots] == [900, 900, 200]
    assert found.ends_at == NOON + timedelta(seconds=1999)  # the first goes out at once


def test_who_is_outside_their_window_waits_for_it() -> None:
    found = one([Group(10, NOON, ALWAYS), Group(5, NOON, [hours(3, 5)])])
    assert [(slot.at, slot.people) for slot in found.slots] == [(NOON, 10), (NOON + timedelta(hours=3), 5)]
    assert found.held == 5


def test_what_does_not_fit_into_a_window_goes_on_in_the_next() -> None:
    found = one([Group(5000, NOON, [hours(0, 1), hours(24, 30)])], 1.0)
    assert sum(slot.people for slot in found.slots if slot.at < NOON + timedelta(hours=1)) == 3600
    assert found.slots[4].at == NOON + timedelta(hours=24)
    assert found.held == 1400
    assert found.ends_at == NOON + timedelta(hours=24, seconds=1399)


def test_the_end_is_exact_where_a_window_opens_within_a_step() -> None:
    found = one([Group(10, NOON, ALWAYS), Group(5, NOON, [hours(0.1, 5)])])
    assert [(slot.at, slot.people) for slot in found.slots] == [(NOON, 15)]
    assert (found.held, found.ends_at) == (5, NOON + timedelta(hours=0.1))


def test_who_is_left_when_the_message_expires_is_not_held_by_quiet_hours() -> None:
    ends = NOON + timedelta(hours=1)
    found = one([Group(5000, NOON, [(NOON, ends)], expires=ends)], 1.0)
    assert (found.held, found.never) == (0, 1400)


def test_who_has_no_hour_is_never_sent_to() -> None:
    found = one([Group(7, NOON, [])], 1.0)
    assert (found.slots, found.held, found.never, found.ends_at) == ((), 7, 7, None)


def test_nobody_takes_no_time() -> None:
    assert one([], 1.0).slots == ()
    assert one([Group(0, NOON, ALWAYS)], 1.0).slots == ()


@given(
    st.lists(
        st.tuples(st.integers(0, 5000), st.integers(0, 600), st.integers(0, 1000), st.integers(1, 500)),
        max_size=6,
    ),
    st.sampled_from([None, 0.3, 1.0, 75.0]),
)
def test_everyone_is_in_one_slot_or_left_over_and_nobody_outside_their_hours(
    people: list[tuple[int, int, int, int]], pace: float | None
) -> None:
    minute = timedelta(minutes=1)
    groups = [
        Group(count, NOON + due * minute, [(NOON + opens * minute, NOON + (opens + lasts) * minute)])
        for count, due, opens, lasts in people
    ]
    found = one(groups, pace)
    assert sum(slot.people for slot in found.slots) + found.never == sum(group.people for group in groups)
    for slot in found.slots:
        assert any(opens < slot.at + STEP and closes > slot.at for g in groups for opens, closes in g.spans)
    assert list(found.slots) == sorted(found.slots, key=lambda slot: slot.at)


def test_a_daily_cap_lets_the_rest_wait_for_the_lines_midnight() -> None:
    found = one([Group(250, NOON, ALWAYS)], daily_cap=100, day_zone="America/New_York")
    midnight = NOON + timedelta(hours=17)
    assert [(slot.at, slot.people) for slot in found.slots] == [
        (NOON, 100),
        (midnight, 100),
        (midnight + timedelta(days=1), 50),
    ]
    assert found.held == 0


def test_what_the_line_has_sent_today_is_taken_off_its_cap() -> None:
    found = one([Group(100, NOON, ALWAYS)], daily_cap=100, used={"2026-11-25": 70})
    assert [slot.people for slot in found.slots] == [30, 70]


def test_a_cap_of_a_minute_counts_where_the_rate_would_let_more_through() -> None:
    found = one([Group(1000, NOON, ALWAYS)], 10.0, minute_cap=100)
    assert found.ends_at == NOON + timedelta(minutes=9, seconds=9)
    assert one([Group(1000, NOON, ALWAYS)], 1.0, minute_cap=100) == one([Group(1000, NOON, ALWAYS)], 1.0)


def test_a_text_that_the_cap_never_has_room_for_never_goes_out() -> None:
    [found] = forecast([Sending([Group(5, NOON, ALWAYS)], Cost(3, 3))], Pace(daily_cap=2))
    assert (found.slots, found.never) == ((), 5)


def test_what_is_left_of_a_cap_is_not_enough_for_a_longer_text() -> None:
    [found] = forecast([Sending([Group(50, NOON, ALWAYS)], Cost(3, 3))], Pace(daily_cap=100))
    assert [slot.people for slot in found.slots] == [33, 17]


def test_messages_share_their_line_and_the_first_comes_first() -> None:
    later = NOON + timedelta(minutes=10)
    sendings = [Sending([Group(100, later, ALWAYS)]), Sending([Group(1000, NOON, ALWAYS)])]
    first, second = forecast(sendings, Pace(1.0))
    assert first.ends_at == later + timedelta(seconds=99)
    assert second.ends_at == NOON + timedelta(seconds=1099)
    assert [slot.people for slot in second.slots] == [800, 200]


def test_people_come_in_the_order_of_the_list() -> None:
    """Whoever stands behind is the one whose hours end before their turn comes."""
    early, late = [hours(0, 1)], [hours(0, 9)]
    mixed = [Group(90, NOON, early if rank % 2 else late, rank=rank) for rank in range(80)]
    assert one(mixed, 1.0).never == 40 * 90 - 3600 // 2
    assert one(sorted(mixed, key=lambda group: group.spans == late), 1.0).never == 40 * 90 - 3600 // 2
    first = [Group(3600, NOON, early, rank=0), Group(3600, NOON, late, rank=1)]
    assert one(first, 1.0).never == 0


def test_bars_leave_no_gap_and_lose_nobody() -> None:
    slots = [Slot(NOON, 5), Slot(NOON + STEP, 7), Slot(NOON + timedelta(hours=20), 3)]
    found, width = bars(slots, 24)
    assert width == timedelta(hours=1)
    assert len(found) == 21
    assert [(slot.at, slot.people) for slot in found if slot.people] == [
        (NOON, 12),
        (NOON + timedelta(hours=20), 3),
    ]
    assert bars([], 24)[0] == []


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=40, unique=True), st.integers(2, 60))
def test_bars_are_few_and_sum_up(steps: list[int], most: int) -> None:
    found, _width = bars([Slot(NOON + step * STEP, 2) for step in sorted(steps)], most)
    assert len(found) <= most
    assert sum(slot.people for slot in found) == 2 * len(steps)
