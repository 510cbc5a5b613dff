from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain import rate_limits
from domain.rate_limits import Limits, Room
from tests.conftest import NOW


def test_a_bucket_empties_and_fills_again_evenly() -> None:
    limits = Limits(quota=3, window=6)  # one every two seconds
    assert [limits.take("a", NOW) for _ in range(4)] == [
        Room(2, 2),
        Room(1, 4),
        Room(0, 6),
        Room(0, 6, wait=2),
    ]
    assert limits.take("b", NOW) == Room(2, 2)
    soon = NOW + timedelta(seconds=2)
    assert limits.take("a", soon).wait == 0
    assert limits.take("a", soon).wait == 2
    assert limits.take("a", NOW + timedelta(minutes=1)) == Room(2, 2)


def test_a_clock_that_goes_back_gives_nothing_away_and_takes_nothing() -> None:
    limits = Limits(quota=2, window=2)
    limits.take("a", NOW)
    assert limits.take("a", NOW - timedelta(hours=1)).wait == 0
    assert limits.take("a", NOW - timedelta(hours=1)).wait == 1


@given(st.lists(st.floats(0, 5), min_size=1, max_size=80))
def test_nobody_ever_gets_more_than_the_quota_and_what_came_back(pauses: list[float]) -> None:
    limits, at, let_in = Limits(quota=5, window=10), 0.0, 0
    for pause in pauses:
        at += pause
        let_in += limits.take("a", NOW + timedelta(seconds=at)).wait == 0
    assert let_in <= 5 + at * 0.5 + 1e-3


def test_what_is_remembered_is_bounded() -> None:
    limits = Limits(quota=2, window=2)
    for number in range(rate_limits._MOST_KEPT + 10):
        limits.take(number, NOW)
    assert len(limits._buckets) <= rate_limits._MOST_KEPT
    later = NOW + timedelta(hours=1)
    for number in range(rate_limits._MOST_KEPT):
        limits.take(("later", number), later)
    assert len(limits._buckets) <= rate_limits._MOST_KEPT
