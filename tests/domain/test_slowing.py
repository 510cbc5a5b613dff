"""How a line slows down when its carrier says "too fast", and how it comes back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pacing import SLOWEST, Slowed, allowed, pause, slowed_again

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_line_slows_by_a_third_and_recovers_by_a_twentieth_a_minute() -> None:
    slowed = slowed_again(10.0, None, None, 3.0, NOW)
    assert slowed == Slowed(7.0, 10.0, NOW)
    assert allowed(10.0, slowed, NOW) == 7.0
    assert allowed(10.0, slowed, later(2)) == pytest.approx(8.0)
    assert allowed(10.0, slowed, later(6)) == 10.0
    again = slowed_again(10.0, slowed, later(1.5), 3.0, later(2))
    assert again.rate == pytest.approx(5.6)
    assert again.times == 2


def test_a_line_without_a_rate_is_slowed_from_what_it_sent_until_it_is_through_with_that() -> None:
    slowed = slowed_again(None, None, None, 200.0, NOW)
    assert slowed == Slowed(140.0, 200.0, NOW)
    assert allowed(None, slowed, later(1)) == pytest.approx(150.0)
    assert allowed(None, slowed, later(6)) is None
    assert allowed(None, None, NOW) is None


def test_a_rate_that_was_lowered_meanwhile_holds() -> None:
    slowed = slowed_again(10.0, None, None, 0.0, NOW)
    assert allowed(2.0, slowed, NOW) == 2.0
    assert allowed(2.0, slowed, later(60)) == 2.0


@given(st.floats(0.1, 1000), st.lists(st.floats(0, 10), max_size=30))
def test_no_line_is_slowed_so_far_that_it_never_ends(rate: float, gaps: list[float]) -> None:
    slowed, at = None, NOW
    for gap in gaps:
        at += timedelta(minutes=gap)
        slowed = slowed_again(rate, slowed, at, 0.0, at)
        current = allowed(rate, slowed, at)
        assert current is not None
        assert rate * SLOWEST <= current * (1 + 1e-9) <= rate * (1 + 1e-6)


def test_a_pause_is_as_long_as_the_carrier_asks_else_twice_as_long_each_time_in_a_row() -> None:
    assert pause(3.0, 5) == 3.0
    assert [pause(None, times) for times in range(1, 10)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_row_is_over_a_minute_after_the_last_pause() -> None:
    before = Slowed(7.0, 10.0, NOW, times=4)
    assert slowed_again(10.0, before, later(0), 0.0, later(0.9)).times == 5
    assert slowed_again(10.0, before, later(0), 0.0, later(1)).times == 1
