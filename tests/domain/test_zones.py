from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.zones import (
    BadDate,
    BadTime,
    Kind,
    Moment,
    UnknownZone,
    explain,
    local_span,
    parse_date,
    parse_time,
    resolve,
    wall,
    zone,
    zone_names,
    zone_of,
    zones_of_number,
)

NEW_YORK = "America/New_York"


def local(text: str) -> datetime:
    """A naive wall-clock time."""
    return datetime.fromisoformat(text)


TRICKY_ZONES = [
    "UTC",
    NEW_YORK,
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Santiago",
    "America/Phoenix",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Berlin",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Asia/Beirut",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Australia/Eucla",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Antarctica/Troll",
]
some_zone = st.one_of(st.sampled_from(TRICKY_ZONES), st.sampled_from(zone_names()))
walls = st.datetimes(local("2000-01-01"), local("2099-12-31"))
instants = st.datetimes(local("2000-01-02"), local("2099-12-30"), timezones=st.just(UTC))

CLOCK_CHANGES = [
    # wall clock, zone, instant, kind
    ("2026-03-08 01:59", NEW_YORK, "2026-03-08 06:59", Kind.EXACT),
    ("2026-03-08 02:00", NEW_YORK, "2026-03-08 07:00", Kind.GAP),
    ("2026-03-08 02:30", NEW_YORK, "2026-03-08 07:30", Kind.GAP),
    ("2026-03-08 02:59", NEW_YORK, "2026-03-08 07:59", Kind.GAP),
    ("2026-03-08 03:00", NEW_YORK, "2026-03-08 07:00", Kind.EXACT),
    ("2026-11-01 00:59", NEW_YORK, "2026-11-01 04:59", Kind.EXACT),
    ("2026-11-01 01:00", NEW_YORK, "2026-11-01 05:00", Kind.OVERLAP),
    ("2026-11-01 01:30", NEW_YORK, "2026-11-01 05:30", Kind.OVERLAP),
    ("2026-11-01 01:59", NEW_YORK, "2026-11-01 05:59", Kind.OVERLAP),
    ("2026-11-01 02:00", NEW_YORK, "2026-11-01 07:00", Kind.EXACT),
    ("2026-07-01 09:00", NEW_YORK, "2026-07-01 13:00", Kind.EXACT),
    ("2026-11-30 09:30", NEW_YORK, "2026-11-30 14:30", Kind.EXACT),
    ("2026-10-04 02:00", "Australia/Lord_Howe", "2026-10-03 15:30", Kind.GAP),
    ("2026-10-04 02:29", "Australia/Lord_Howe", "2026-10-03 15:59", Kind.GAP),
    ("2026-10-04 02:30", "Australia/Lord_Howe", "2026-10-03 15:30", Kind.EXACT),
    ("2026-04-05 01:29", "Australia/Lord_Howe", "2026-04-04 14:29", Kind.EXACT),
    ("2026-04-05 01:30", "Australia/Lord_Howe", "2026-04-04 14:30", Kind.OVERLAP),
    ("2026-04-05 02:00", "Australia/Lord_Howe", "2026-04-04 15:30", Kind.EXACT),
    ("2026-11-30 09:30", "Asia/Kathmandu", "2026-11-30 03:45", Kind.EXACT),
    ("2026-11-30 09:30", "Asia/Kolkata", "2026-11-30 04:00", Kind.EXACT),
    ("2011-12-29 23:59", "Pacific/Apia", "2011-12-30 09:59", Kind.EXACT),
    ("2011-12-30 10:00", "Pacific/Apia", "2011-12-30 20:00", Kind.GAP),
    ("2011-12-31 00:00", "Pacific/Apia", "2011-12-30 10:00", Kind.EXACT),
    ("2026-11-30 09:30", "Pacific/Apia", "2026-11-29 20:30", Kind.EXACT),
    ("2026-09-06 00:30", "America/Santiago", "2026-09-06 04:30", Kind.GAP),
    ("2026-03-29 01:30", "Europe/London", "2026-03-29 01:30", Kind.GAP),
    ("2026-10-25 01:30", "Europe/London", "2026-10-25 00:30", Kind.OVERLAP),
    ("2026-10-25 01:30", "Europe/Dublin", "2026-10-25 00:30", Kind.OVERLAP),
    ("2026-10-25 02:30", "Europe/Berlin", "2026-10-25 00:30", Kind.OVERLAP),
    ("2026-03-08 02:30", "America/Phoenix", "2026-03-08 09:30", Kind.EXACT),
    ("2026-03-08 02:30", "UTC", "2026-03-08 02:30", Kind.EXACT),
]


@pytest.mark.parametrize(("typed", "zone_name", "instant", "kind"), CLOCK_CHANGES)
def test_a_wall_clock_time_resolves_as_rfc_5545_says(
    typed: str, zone_name: str, instant: str, kind: Kind
) -> None:
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert resolve(local(typed), zone_name) == Moment(expected, kind)


@given(walls, some_zone)
def test_a_clear_or_repeated_time_comes_back_as_it_was_typed(typed: datetime, zone_name: str) -> None:
    moment = resolve(typed, zone_name)
    back = wall(moment.instant, zone_name)
    assert moment.instant.utcoffset() == timedelta(0)
    assert back == typed if moment.kind is not Kind.GAP else back > typed


@given(instants, some_zone)
def test_an_instant_survives_the_way_over_the_wall_clock(instant: datetime, zone_name: str) -> None:
    moment = resolve(wall(instant, zone_name), zone_name)
    assert moment.kind is not Kind.GAP
    assert moment.instant == instant if moment.kind is Kind.EXACT else moment.instant <= instant


@given(st.sampled_from(TRICKY_ZONES), st.integers(0, 366 * 24 * 4))
def test_the_kind_says_how_many_instants_show_that_time(zone_name: str, quarters: int) -> None:
    typed = local("2026-01-01") + timedelta(minutes=15 * quarters)
    around = (typed.replace(tzinfo=UTC) + timedelta(minutes=15 * step) for step in range(-60, 61))
    showing = [instant for instant in around if wall(instant, zone_name) == typed]
    moment = resolve(typed, zone_name)
    assert len(showing) == {Kind.GAP: 0, Kind.EXACT: 1, Kind.OVERLAP: 2}[moment.kind]
    assert moment.kind is Kind.GAP or moment.instant == showing[0]


@given(walls, some_zone)
def test_the_fold_of_what_was_typed_makes_no_difference(typed: datetime, zone_name: str) -> None:
    assert resolve(typed.replace(fold=1), zone_name) == resolve(typed, zone_name)


@pytest.mark.parametrize(
    ("typed", "zone_name", "sentence"),
    [
        ("2026-03-08 03:00", NEW_YORK, None),
        (
            "2026-03-08 02:30",
            NEW_YORK,
            "2:30 AM does not exist on Mar 8, 2026 in New York because clocks go forward; "
            "the message goes out at 3:30 AM.",
        ),
        (
            "2026-11-01 01:30",
            NEW_YORK,
            "1:30 AM happens twice on Nov 1, 2026 in New York because clocks go back; "
            "the message goes out the first time (EDT).",
        ),
        (
            "2026-10-04 02:10",
            "Australia/Lord_Howe",
            "2:10 AM does not exist on Oct 4, 2026 in Lord Howe because clocks go forward; "
            "the message goes out at 2:40 AM.",
        ),
        (
            "2011-12-30 10:00",
            "Pacific/Apia",
            "10:00 AM does not exist on Dec 30, 2011 in Apia because clocks go forward; "
            "the message goes out at 10:00 AM on Dec 31, 2011.",
        ),
        (
            "2026-03-08 02:30",
            "America/North_Dakota/Center",
            "2:30 AM does not exist on Mar 8, 2026 in Center, North Dakota because clocks go forward; "
            "the message goes out at 3:30 AM.",
        ),
    ],
)
def test_a_gap_or_an_overlap_is_explained_in_a_sentence(
    typed: str, zone_name: str, sentence: str | None
) -> None:
    assert explain(resolve(local(typed), zone_name), local(typed), zone_name) == sentence


def test_times_of_the_wrong_sort_are_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="no zone"):
        resolve(datetime(2026, 1, 1, tzinfo=UTC), "UTC")
    with pytest.raises(ValueError, match="needs its zone"):
        wall(local("2026-01-01"), "UTC")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026-11-30", date(2026, 11, 30)),
        ("  2026-11-30\n", date(2026, 11, 30)),
        ("2026-1-5", date(2026, 1, 5)),
        ("2028-02-29", date(2028, 2, 29)),
        ("2000-01-01", date(2000, 1, 1)),
        ("2099-12-31", date(2099, 12, 31)),
    ],
)
def test_a_date_is_read(typed: str, expected: date) -> None:
    assert parse_date(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "tomorrow",
        "30.11.2026",
        "11/30/2026",
        "2026/11/30",
        "2026-11",
        "20261130",
        "26-11-30",
        "2026-11-30T09:30",
        "2026-13-01",
        "2026-00-10",
        "2026-02-29",
        "2026-11-31",
        "1999-12-31",
        "2100-01-01",
        "9999-12-31",
        "-2026-11-30",
        "２０２６-11-30",
        "2026-11-3O",
        "2026-11-30; drop",
    ],
)
def test_rubbish_is_not_a_date_and_the_problem_shows_how_to_write_one(typed: str) -> None:
    with pytest.raises(BadDate) as problem:
        parse_date(typed)
    assert "Write the date as 2026-11-30." in problem.value.text


def test_a_day_that_is_not_in_the_calendar_is_named() -> None:
    with pytest.raises(BadDate, match="2026-02-30 is not in the calendar"):
        parse_date(" 2026-02-30 ")


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_date_reads_back_from_its_own_writing(day: date) -> None:
    assert parse_date(day.isoformat()) == day


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("9:30", time(9, 30)),
        ("09:30", time(9, 30)),
        (" 09:30 ", time(9, 30)),
        ("0930", time(9, 30)),
        ("930", time(9, 30)),
        ("2130", time(21, 30)),
        ("0:00", time(0, 0)),
        ("00:00", time(0, 0)),
        ("23:59", time(23, 59)),
        ("9:30 pm", time(21, 30)),
        ("9:30 PM", time(21, 30)),
        ("9:30pm", time(21, 30)),
        ("9:30 p.m.", time(21, 30)),
        ("9:30\u202fAM", time(9, 30)),
        ("9 am", time(9, 0)),
        ("9pm", time(21, 0)),
        ("12 am", time(0, 0)),
        ("12:30 am", time(0, 30)),
        ("12 pm", time(12, 0)),
        ("12:30 pm", time(12, 30)),
        ("11:59 pm", time(23, 59)),
    ],
)
def test_a_time_is_read(typed: str, expected: time) -> None:
    assert parse_time(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "noon",
        "9",
        "21",
        "24:00",
        "25:00",
        "9:60",
        "9:5",
        "9:300",
        "-9:30",
        "13:00 pm",
        "0:30 am",
        "13 pm",
        "9:30 xm",
        "9:30:15",
        "9.30",
        "９:30",
        "09:30Z",
        "093012",
        ":30",
    ],
)
def test_rubbish_is_not_a_time_and_the_problem_shows_how_to_write_one(typed: str) -> None:
    with pytest.raises(BadTime) as problem:
        parse_time(typed)
    assert "Write the time as 09:30, or as 9:30 am." in problem.value.text


@given(st.times().map(lambda t: t.replace(second=0, microsecond=0)))
def test_every_time_reads_back_from_its_own_writing(moment: time) -> None:
    assert parse_time(f"{moment:%H:%M}") == moment
    assert parse_time(f"{moment:%H%M}") == moment
    assert parse_time(f"{moment:%I:%M %p}") == moment


@given(st.text(max_size=12))
def test_anything_typed_is_read_or_refused_in_words(typed: str) -> None:
    for parse in (parse_date, parse_time):
        try:
            parse(typed)
        except (BadDate, BadTime) as problem:
            assert problem.text.endswith(".")


@pytest.mark.parametrize("name", ["UTC", NEW_YORK, "US/Eastern", "Asia/Calcutta", "Etc/GMT+5", "EST5EDT"])
def test_a_zone_goes_by_its_iana_name(name: str) -> None:
    assert zone(name) == ZoneInfo(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "New York",
        "America",
        "america/new_york",
        "EST+5",
        "../../etc/passwd",
        "/etc/localtime",
        "localtime",
        "Factory",
        "UTC\x00",
        "\ud800",
        "UTC ",
        "x" * 10_000,
    ],
)
def test_an_unknown_zone_is_refused_in_words(name: str) -> None:
    with pytest.raises(UnknownZone) as problem:
        zone(name)
    assert "America/New_York" in problem.value.text
    assert len(problem.value.text) < 150


def test_the_zones_to_choose_from_are_places_and_utc() -> None:
    names = zone_names()
    assert names == sorted(set(names))
    assert len(names) > 400
    assert {"UTC", NEW_YORK, "Asia/Kathmandu", "Asia/Calcutta", "Pacific/Apia"} <= set(names)
    assert all("/" in name or name == "UTC" for name in names)
    assert not any(name.startswith(("Etc/", "US/", "SystemV/")) for name in names)


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+12125550100", (NEW_YORK,)),
        ("+14155550100", ("America/Los_Angeles",)),
        ("+442079460958", ("Europe/London",)),
        ("+9779812345678", ("Asia/Katmandu",)),
        ("+15550001234", ()),
        ("+999123", ()),
        ("4155550100", ()),
        ("ACME", ()),
        ("", ()),
    ],
)
def test_a_number_tells_its_zones(number: str, zones: tuple[str, ...]) -> None:
    assert zones_of_number(number) == zones


def test_a_toll_free_number_lies_in_many_zones() -> None:
    assert len(zones_of_number("+18005550100")) > 10


@pytest.mark.parametrize(
    ("contact_zone", "number", "expected"),
    [
        ("Asia/Kathmandu", "+12125550100", "Asia/Kathmandu"),
        (None, "+12125550100", NEW_YORK),
        ("", "+12125550100", NEW_YORK),
        ("Mars/Olympus", "+12125550100", NEW_YORK),
        (None, "+18005550100", "Europe/Paris"),
        (None, "+15550001234", "Europe/Paris"),
        (None, "ACME", "Europe/Paris"),
    ],
)
def test_a_persons_zone_is_theirs_then_their_numbers_then_the_fallback(
    contact_zone: str | None, number: str, expected: str
) -> None:
    assert zone_of(contact_zone, number, "Europe/Paris") == expected


def test_one_wall_clock_time_goes_around_the_world() -> None:
    nine = local("2026-11-30 09:00")
    first, last = local_span(nine, [NEW_YORK, "Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"])
    assert first == datetime(2026, 11, 29, 19, 0, tzinfo=UTC)
    assert last == datetime(2026, 11, 30, 20, 0, tzinfo=UTC)


def test_one_zone_spans_one_instant() -> None:
    first, last = local_span(local("2026-11-30 09:00"), iter(["UTC"]))
    assert first == last == datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@given(walls, st.lists(some_zone, min_size=1, max_size=8))
def test_the_span_holds_every_zones_instant(typed: datetime, names: list[str]) -> None:
    first, last = local_span(typed, names)
    assert all(first <= resolve(typed, name).instant <= last for name in names)
    assert last - first <= timedelta(hours=26)
