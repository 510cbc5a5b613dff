from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import business_days

MONDAY = date(2026, 11, 23)
days = st.dates(date(2020, 1, 1), date(2040, 1, 1))


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        (MONDAY, 0, MONDAY),
        (MONDAY, 1, date(2026, 11, 24)),
        (MONDAY, 10, date(2026, 12, 7)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),  # Friday → Monday
        (date(2026, 11, 28), 1, date(2026, 11, 30)),  # Saturday → Monday
        (date(2026, 11, 29), 10, date(2026, 12, 11)),  # Sunday
    ],
)
def test_the_business_day_so_many_later(day: date, count: int, due: date) -> None:
    assert business_days.after(day, count) == due


@given(days, st.integers(1, 60))
def test_it_is_never_a_weekend_and_what_is_left_counts_down(day: date, count: int) -> None:
    due = business_days.after(day, count)
    assert due.weekday() < 5
    assert business_days.left(day, due) == count
    assert business_days.left(due, due) == 0
    assert business_days.left(business_days.after(due, 3), due) == -3


@given(days, st.integers(0, 400))
def test_weekends_do_not_count(day: date, span: int) -> None:
    later = day + timedelta(days=span)
    worked = sum((day + timedelta(days=n)).weekday() < 5 for n in range(1, span + 1))
    assert business_days.left(day, later) == worked
