"""Quiet hours: nobody anywhere is sent to outside every window that counts for them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import places
from domain.places import Place
from domain.quiet_hours import DAY, BadWindow, Hours, Rule, closed, regions
from domain.quiet_hours_table import DEFAULT_RULES
from domain.zones import zone_names_known

HOURS = Hours(DEFAULT_RULES, "America/New_York")
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def in_state(state: str, zone: str) -> Place:
    return Place("US", state, (zone,))


@pytest.mark.parametrize(
    ("local", "state", "zone", "allowed"),
    [
        ("2026-11-25T07:59", "NY", "America/New_York", False),
        ("2026-11-25T08:00", "NY", "America/New_York", True),
        ("2026-11-25T20:58", "NY", "America/New_York", True),
        ("2026-11-25T20:59:30", "NY", "America/New_York", False),  # within the margin
        ("2026-11-25T21:00", "NY", "America/New_York", False),
        ("2026-11-25T20:30", "FL", "America/New_York", False),  # Florida ends at 8 pm
        ("2026-11-25T19:30", "FL", "America/New_York", True),
        ("2026-11-25T09:30", "KY", "America/New_York", False),
        ("2026-11-29T12:00", "AL", "America/Chicago", False),  # a Sunday
        ("2026-11-28T12:00", "AL", "America/Chicago", True),
        ("2026-11-29T11:59", "TX", "America/Chicago", False),
        ("2026-11-29T12:00", "TX", "America/Chicago", True),
        ("2026-11-28T09:30", "RI", "America/New_York", False),
    ],
)
def test_federal_and_state_windows_hold_together(local: str, state: str, zone: str, allowed: bool) -> None:
    assert HOURS.allows(at(local, zone), in_state(state, zone)) is allowed


def test_all_zones_of_a_number_must_be_inside() -> None:
    idaho = Place("US", "ID", ("America/Boise", "America/Los_Angeles"))
    assert not HOURS.allows(at("2026-11-25T08:30", "America/Boise"), idaho)
    assert HOURS.opening(at("2026-11-25T08:30", "America/Boise"), idaho) == at(
        "2026-11-25T08:00", "America/Los_Angeles"
    )
    assert not HOURS.allows(at("2026-11-25T20:30", "America/Los_Angeles"), idaho)


def test_who_is_nowhere_has_the_workspaces_zone() -> None:
    assert HOURS.allows(at("2026-11-25T08:00", "America/New_York"), Place("", "", ()))
    assert not HOURS.allows(at("2026-11-25T07:30", "America/New_York"), Place("", "", ()))


def test_an_opening_is_the_first_allowed_instant() -> None:
    place = in_state("MS", "America/Chicago")
    saturday_night = at("2026-11-28T20:30", "America/Chicago")
    assert HOURS.opening(saturday_night, place) == at("2026-11-30T08:00", "America/Chicago")
    inside = at("2026-11-27T12:34", "America/Chicago")
    assert HOURS.opening(inside, place) == inside


def test_there_may_be_no_hour_that_is_allowed_everywhere() -> None:
    short = Hours((Rule("", EVERY_DAY, 600, 840),), "UTC")
    far_apart = Place("US", "", ("America/New_York", "Pacific/Honolulu"))  # five hours
    assert short.opening(at("2026-11-25T12:00"), far_apart) is None
    assert short.intervals(far_apart, at("2026-11-25T12:00"), 5) == []


def test_a_rule_counts_between_its_dates() -> None:
    summer = Rule("US-XX", EVERY_DAY, 600, 720, since=date(2026, 6, 1), until=date(2026, 8, 31))
    assert Hours([summer], "UTC").window(date(2026, 5, 31), ("US", "US-XX")) == (0, DAY)
    assert Hours([summer], "UTC").window(date(2026, 6, 1), ("US", "US-XX")) == (600, 720)
    assert Hours([summer], "UTC").window(date(2026, 8, 31), ("US", "US-XX")) == (600, 720)
    assert Hours([summer], "UTC").window(date(2026, 9, 1), ("US", "US-XX")) == (0, DAY)
    assert Hours([summer], "UTC").window(date(2026, 7, 1), ("US",)) == (0, DAY)


def test_rules_that_contradict_each_other_leave_nothing() -> None:
    rules = (Rule("", EVERY_DAY, 0, 600), Rule("US", EVERY_DAY, 700, 800))
    assert Hours(rules, "UTC").window(date(2026, 7, 1), ("US",)) == (0, 0)


@pytest.mark.parametrize(("opens", "closes"), [(600, 600), (700, 600), (-1, 600), (0, DAY + 1)])
def test_a_window_must_open_before_it_closes(opens: int, closes: int) -> None:
    with pytest.raises(BadWindow):
        Rule("", EVERY_DAY, opens, closes)


def test_the_spring_and_autumn_changes_keep_the_wall_clock() -> None:
    place = in_state("NY", "America/New_York")
    for night in ("2026-03-08T01:00", "2026-11-01T00:30"):  # both change during this night
        opening = HOURS.opening(at(night, "America/New_York"), place)
        assert opening is not None
        assert opening.astimezone(ZoneInfo("America/New_York")).time() == time(8)


def test_closed_places_say_when_they_open() -> None:
    now = at("2026-11-25T08:30", "America/New_York")
    found = closed(
        HOURS, now, {1: in_state("NY", "America/New_York"), 2: in_state("CA", "America/Los_Angeles")}
    )
    assert found == {2: at("2026-11-25T08:00", "America/Los_Angeles")}


def test_every_default_rule_names_its_source() -> None:
    assert all(rule.source for rule in DEFAULT_RULES)
    assert {"", "US", "US-FL", "US-TX", "CA", "FR"} <= set(regions(DEFAULT_RULES))


def example(country: str) -> str:
    number = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    assert number is not None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


ABROAD = [example(country) for country in ("GB", "DE", "FR", "AU", "IN", "BR")]
US_ZONES = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles"),
    *("America/Anchorage", "America/Adak", "Pacific/Honolulu", "America/Puerto_Rico", "Pacific/Guam"),
)


def people(random: Random, count: int) -> Sequence[Place]:
    """Numbers of every area code, toll-free ones, ones from abroad; some people with a zone of their own."""
    found = []
    for number in range(count):
        match number % 50:
            case 0:
                phone = (
                    f"+1{random.choice(('800', '888', '877', '866'))}{random.randrange(2_000_000, 9_999_999)}"
                )
            case 1 | 2 | 3 | 4 | 5:
                phone = random.choice(ABROAD)[:-4] + f"{random.randrange(10_000):04}"
            case _:
                phone = f"+1{random.randrange(201, 990)}{200 + 97 * (number % 8)}{number % 10_000:04}"
        own = random.choice(US_ZONES) if number % 7 == 0 else None
        found.append(places.of(own, phone))
    return found


TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")
BY_REGION = {name: [rule for rule in DEFAULT_RULES if rule.region == name] for name in regions(DEFAULT_RULES)}
CLOCKS = {name: ZoneInfo(name) for name in zone_names_known()}


def inside_everywhere(instant: datetime, place: Place) -> bool:
    """The rule said again, minute by minute and without a clever step."""
    for zone in place.zones or (HOURS.zone,):
        local = instant.astimezone(CLOCKS[zone])
        minute = local.hour * 60 + local.minute
        for region in ("", *place.regions):
            here, today = BY_REGION.get(region), local.isoweekday()
            if here and not any(today in r.days and r.opens <= minute < r.closes for r in here):
                return False
    return True


def test_a_hundred_thousand_people_are_never_sent_to_outside_their_hours_for_a_year() -> None:
    random = Random(20_260_308)  # noqa: S311  # the same people every time
    start = datetime(2026, 1, 1, tzinfo=UTC)
    sent = 0
    for place in people(random, 100_000):
        due = start + timedelta(minutes=random.randrange(365 * DAY))
        opening = HOURS.opening(due, place)
        if opening is None:
            continue
        sent += 1
        assert inside_everywhere(opening, place), (opening, place)
        if opening != due:
            assert not inside_everywhere(due, place)
            assert not inside_everywhere(opening - timedelta(minutes=1), place)
    assert sent > 99_000


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, 365 * DAY * 60),
    st.lists(st.sampled_from(US_ZONES), max_size=4, unique=True),
    st.sampled_from(["", "FL", "TX", "AL", "RI"]),
)
def test_what_is_allowed_lies_in_every_window_and_in_the_intervals(
    second: int, zones: list[str], state: str
) -> None:
    instant, place = (
        datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second),
        Place("US", state, tuple(zones)),
    )
    allowed = HOURS.allows(instant, place)
    assert not allowed or inside_everywhere(instant, place)
    spans = HOURS.intervals(place, instant - timedelta(days=1), 3)
    assert any(opens <= instant < closes for opens, closes in spans) is inside_everywhere(instant, place)
    assert spans == sorted(spans)
