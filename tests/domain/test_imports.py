from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.contacts import BadEmail
from domain.imports import (
    BadConsentTime,
    ColumnTwice,
    Layout,
    Person,
    PhoneColumnMissing,
    Target,
    check,
    consent_time,
    guess,
    person,
)
from domain.opt_ins import ConsentInFuture
from domain.phones import BadNumber
from domain.problems import Problem
from domain.zones import UnknownZone

T = Target


@pytest.mark.parametrize(
    ("headers", "targets"),
    [
        (
            ["Phone", "First Name", "LAST_NAME", "e-mail", "Plan"],
            [T.PHONE, T.FIRST, T.LAST, T.EMAIL, T.FIELD],
        ),
        (["Mobile Number", "Name"], [T.PHONE, T.NAME]),
        (["Téléphone", "Telefon", "Name", "Vorname"], [T.PHONE, T.FIELD, T.FIELD, T.FIRST]),
        (["Phone", "Mobile"], [T.PHONE, T.FIELD]),
        (["Phone", ""], [T.PHONE, T.SKIP]),
        (
            ["tel", "tz", "opt-in date", "Opt-In Source", "consent text", "IP"],
            [T.PHONE, T.ZONE, T.CONSENT_AT, T.CONSENT_SOURCE, T.CONSENT_TEXT, T.CONSENT_ADDRESS],
        ),
    ],
)
def test_headers_tell_what_columns_hold(headers: list[str], targets: list[Target]) -> None:
    assert list(guess(headers)) == targets


def test_a_layout_has_one_phone_and_nothing_twice() -> None:
    check(Layout(("a", "b", "c"), (T.PHONE, T.FIELD, T.FIELD)))
    with pytest.raises(PhoneColumnMissing):
        check(Layout(("a",), (T.NAME,)))
    with pytest.raises(ColumnTwice, match="E-mail"):
        check(Layout(("a", "b", "c"), (T.PHONE, T.EMAIL, T.EMAIL)))


NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LAYOUT = Layout(
    ("p", "n", "m", "z", "City", "x", "at"),
    (T.PHONE, T.NAME, T.EMAIL, T.ZONE, T.FIELD, T.SKIP, T.CONSENT_AT),
    "GB",
    "Shop",
)


def test_a_row_becomes_a_person() -> None:
    row = ["020 7183 8750", " Ann  Lee Moss ", "a@b.co", "Asia/Tokyo", "=1+1", "secret", "2026-01-02 09:30"]
    assert person(row, LAYOUT, NOW) == Person(
        "+442071838750",
        "Ann",
        "Lee Moss",
        "a@b.co",
        "Asia/Tokyo",
        {"City": "=1+1"},
        (datetime(2026, 1, 2, 9, 30, tzinfo=UTC), "Shop", "", ""),
    )
    assert person(["+1 212 555 0100"], LAYOUT, NOW) == Person("+12125550100")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (["", "Ann"], BadNumber),
        (["12"], BadNumber),
        (["+12125550100", "", "nope"], BadEmail),
        (["+12125550100", "", "", "Mars/Base"], UnknownZone),
        (["+12125550100", "", "", "", "", "", "yesterday"], BadConsentTime),
        (["+12125550100", "", "", "", "", "", f"{NOW + timedelta(days=2):%Y-%m-%d %H:%M}"], ConsentInFuture),
    ],
)
def test_a_row_with_a_wrong_cell_is_refused_with_words(row: list[str], problem: type[Problem]) -> None:
    with pytest.raises(problem) as refused:
        person(row, LAYOUT, NOW)
    assert refused.value.text


@pytest.mark.parametrize("text", ["2026-01-02 00:00", "2026-01-02T00:00:00Z", "2026-01-02 01:00+01:00"])
def test_opt_in_times_are_read_in_their_zone(text: str) -> None:
    assert consent_time(text) == datetime(2026, 1, 2, tzinfo=UTC)


def test_an_opt_in_of_a_day_is_on_that_day_from_hawaii_to_new_zealand() -> None:
    given = consent_time(" 2026-11-01 ")
    for zone in ("Pacific/Honolulu", "America/New_York", "Europe/Paris", "Asia/Tokyo", "Australia/Sydney"):
        assert given.astimezone(ZoneInfo(zone)).date() == date(2026, 11, 1)
