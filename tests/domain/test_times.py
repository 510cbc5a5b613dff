from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import times
from domain.zones import zone_names

MOMENT = datetime(2026, 11, 30, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tz", "text"),
    [
        ("America/New_York", "Mon, Nov 30, 2026, 9:05 AM EST"),
        ("UTC", "Mon, Nov 30, 2026, 2:05 PM UTC"),
        ("Asia/Kolkata", "Mon, Nov 30, 2026, 7:35 PM IST"),
        ("Asia/Kathmandu", "Mon, Nov 30, 2026, 7:50 PM GMT+5:45"),
        ("America/Sao_Paulo", "Mon, Nov 30, 2026, 11:05 AM GMT-3"),
        ("Pacific/Auckland", "Tue, Dec 1, 2026, 3:05 AM NZDT"),
    ],
)
def test_a_moment_is_written_in_its_zone(tz: str, text: str) -> None:
    assert times.when(MOMENT, tz) == times.reader(tz)(MOMENT) == text


def test_without_the_zone_where_it_stands_beside_already() -> None:
    assert times.wall(MOMENT, "America/New_York") == "Mon, Nov 30, 2026, 9:05 AM"


def test_this_year_goes_without_saying() -> None:
    assert times.day(MOMENT, "UTC", now=MOMENT) == "Mon, Nov 30"


def test_which_year_it_is_depends_on_the_zone() -> None:
    new_year = datetime(2027, 1, 1, 2, tzinfo=UTC)
    assert times.day(MOMENT, "UTC", now=new_year) == "Mon, Nov 30, 2026"
    assert times.day(MOMENT, "America/New_York", now=new_year) == "Mon, Nov 30"


@pytest.mark.parametrize(
    ("clock", "text"),
    [("00:00", "12:00 AM"), ("09:05", "9:05 AM"), ("12:00", "12:00 PM"), ("23:59", "11:59 PM")],
)
def test_a_time_of_day(clock: str, text: str) -> None:
    assert times.time_of_day(time.fromisoformat(clock)) == text


def test_a_day_of_the_calendar() -> None:
    assert times.calendar_day(date(2026, 3, 8)) == "Mar 8, 2026"


@pytest.mark.parametrize(
    ("day", "tz", "name"),
    [
        ("2026-01-15", "America/New_York", "EST"),
        ("2026-07-15", "America/New_York", "EDT"),
        ("2026-01-15", "Europe/London", "GMT"),
        ("2026-01-15", "Asia/Colombo", "GMT+5:30"),
        ("2026-07-15", "Australia/Lord_Howe", "GMT+10:30"),
        ("2026-01-15", "Pacific/Marquesas", "GMT-9:30"),
        ("2026-07-15", "Atlantic/Azores", "GMT"),
    ],
)
def test_a_zone_is_named_as_people_there_do(day: str, tz: str, name: str) -> None:
    assert times.zone(datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(tz))) == name


@given(st.datetimes(timezones=st.just(UTC)), st.sampled_from(zone_names()))
def test_a_zone_is_never_named_by_bare_digits(moment: datetime, tz: str) -> None:
    assert times.clock(moment.replace(year=2026, day=1), tz).split()[-1][0].isalpha()
