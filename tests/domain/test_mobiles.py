"""What is read by a country's own pattern is what libphonenumber says of the same number."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, PhoneNumberFormat

from domain.mobiles import country_of
from domain.phones import BadNumber, normalise
from domain.zones import zone_names_known, zones_of_number

CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def check(raw: str) -> None:
    """Compare with libphonenumber alone, for a number that the pattern knows."""
    number = phonenumbers.parse(raw)
    assert phonenumbers.is_possible_number(number)
    assert phonenumbers.format_number(number, PhoneNumberFormat.E164) == raw == normalise(raw)
    zones = phonenumbers.timezone.time_zones_for_number(number)
    assert zones_of_number(raw) == tuple(name for name in zones if name in zone_names_known())


@pytest.mark.parametrize("code", CODES)
def test_mobile_numbers_of_every_country_are_what_the_library_says(code: int) -> None:
    """Numbers around each country's example: all last digits, and each digit in each place before."""
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]:
        table = PhoneMetadata.metadata_for_region(region)
        if table is None or table.mobile is None or not table.mobile.example_number:
            continue
        example = table.mobile.example_number
        for place in range(len(example)):
            for digit in "0123456789":
                raw = f"+{code}{example[:place]}{digit}{example[place + 1 :]}"
                if country_of(raw) is not None:
                    check(raw)


@settings(max_examples=2_000)
@given(st.sampled_from(CODES), st.from_regex(r"[0-9]{5,12}", fullmatch=True))
def test_whatever_digits_follow(code: int, digits: str) -> None:
    raw = f"+{code}{digits}"
    if country_of(raw) is not None:
        check(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "+33612345678",
        "+447400123456",
        "+393123456789",
        "+61412345678",
        "+4915123456789",
        "+34612345678",
        "+919812345678",
        "+31612345678",
        "+48512345678",
    ],
)
def test_numbers_of_large_countries_take_the_short_way(raw: str) -> None:
    assert country_of(raw) is not None


@pytest.mark.parametrize(
    "raw",
    ["+14155550100", "+33 6 12 34 56 78", "+330612345678", "0033612345678", "+3361234567", "+33", "", "+"],
)
def test_all_others_take_the_long_way(raw: str) -> None:
    assert country_of(raw) is None


def test_one_digit_too_few_is_still_said() -> None:
    with pytest.raises(BadNumber, match="too short"):
        normalise("+3361234567")
