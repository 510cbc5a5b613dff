import re

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import phones, zones
from domain.phones import BadNumber, for_people, is_valid, mask, normalise

EXAMPLES = [
    phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    if (number := phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE))
]


@pytest.mark.parametrize(
    ("raw", "country", "e164"),
    [
        ("+14155550100", "US", "+14155550100"),
        ("+1 415 555 0100", "US", "+14155550100"),
        ("(415) 555-0100", "US", "+14155550100"),
        ("415.555.0100", "us", "+14155550100"),
        ("1-415-555-0100", "US", "+14155550100"),
        ("14155550100", "US", "+14155550100"),
        ("  4155550100\n", "US", "+14155550100"),
        ("\u202a+1 415 555 0100\u202c", "US", "+14155550100"),
        ("415\u00a0555\u00a00100", "US", "+14155550100"),
        ("415–555–0100", "US", "+14155550100"),
        ("４１５ ５５５ ０１００", "US", "+14155550100"),
        ("٤١٥٥٥٥٠١٠٠", "US", "+14155550100"),
        ("tel:+1-415-555-0100", "US", "+14155550100"),
        ("TEL:+14155550100", "US", "+14155550100"),
        ("011 44 20 7946 0958", "US", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("07911 123456", "GB", "+447911123456"),
        ("+44 (0) 7911 123456", "US", "+447911123456"),
        ("00 49 30 901820", "DE", "+4930901820"),
        ("+390612345678", "US", "+390612345678"),
        ("+86 138 1234 5678", "US", "+8613812345678"),
    ],
)
def test_a_number_is_read_as_people_write_it(raw: str, country: str, e164: str) -> None:
    assert normalise(raw, country) == e164


@pytest.mark.parametrize("area_code", ["212", "415", "555", "500", "907"])
def test_north_american_example_numbers_pass(area_code: str) -> None:
    for last in range(100):
        assert normalise(f"+1 {area_code} 555 01{last:02}") == f"+1{area_code}55501{last:02}"


@pytest.mark.parametrize(
    "last_four", ["0001", "0003", "0005", "0006", "0029", "0050", "0060", "0077", "1234"]
)
def test_sandbox_and_twilio_test_numbers_pass(last_four: str) -> None:
    assert normalise(f"+1555000{last_four}") == f"+1555000{last_four}"
    assert normalise(f"+1500555{last_four}") == f"+1500555{last_four}"


@pytest.mark.parametrize("e164", EXAMPLES)
def test_every_countrys_mobile_number_is_kept(e164: str) -> None:
    assert normalise(e164) == e164
    assert normalise(for_people(e164)) == e164
    assert is_valid(e164)


@pytest.mark.parametrize(
    ("raw", "country", "words"),
    [
        ("", "US", "is missing"),
        (" \u200b\t", "US", "is missing"),
        ("abc", "US", "“abc” is not a phone number"),
        ("n/a", "US", "is not a phone number"),
        ("+", "US", "is not a phone number"),
        ("+1", "US", "is not a phone number"),
        ("1.41556E+10", "US", "is not a phone number"),
        ("4155550100, 4155550101", "US", "Write one number"),
        ("4155550100/4155550101", "US", "only one"),
        ("12", "US", "too short"),
        ("911", "US", "too short"),
        ("+1415555010", "US", "too short"),
        ("5550100", "US", "lacks its area code"),
        ("14155550100.0", "US", "too long"),
        ("07911 123456", "US", "if it is from another country"),
        ("+141555501000", "US", "too long"),
        ("+999 123 456 789", "US", "no country code that exists"),
        ("4155550100", "XX", "no country code that exists"),
        ("4155550100", "", "start with + and the country code"),
        ("+1 415 555 0100 ext. 5", "US", "has an extension"),
        ("415 555 0100 x12", "US", "has an extension"),
        ("1-800-FLOWERS", "US", "has letters"),
        ("John 415 555 0100", "US", "has letters"),
        ("+1 415 555 010O", "US", "has letters"),
        ("011", "US", "stops after the dialing prefix"),
        ("9" * 500, "US", "too long"),
    ],
)
def test_a_bad_number_is_refused_with_what_is_wrong_and_what_to_do(
    raw: str, country: str, words: str
) -> None:
    with pytest.raises(BadNumber) as problem:
        normalise(raw, country)
    assert words in problem.value.text
    assert problem.value.text.endswith(".")
    assert len(problem.value.text) < 150


@given(st.text(max_size=30) | st.from_regex(r"[+0-9() .x/-]{0,25}", fullmatch=True))
def test_anything_typed_is_read_or_refused_in_words(raw: str) -> None:
    try:
        e164 = normalise(raw)
    except BadNumber as problem:
        assert problem.text.endswith(".")
    else:
        assert e164.startswith("+")
        assert e164[1:].isdecimal()
        assert e164.isascii()


@given(st.integers(2_000_000_000, 9_999_999_999))
def test_a_normal_number_stays_as_it_is(digits: int) -> None:
    e164 = normalise(str(digits))
    assert normalise(e164) == e164 == f"+1{digits}"


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+14155550100", "+1 415 555 0100"),
        ("+15550001234", "+1 555 000 1234"),
        ("+442079460958", "+44 20 7946 0958"),
        ("+33612345678", "+33 6 12 34 56 78"),
        ("ACME", "ACME"),
        ("13013", "13013"),
        ("+999123456", "+999123456"),
        ("+", "+"),
        ("", ""),
        ("+1415ACME", "+1415ACME"),
    ],
)
def test_a_number_is_shown_as_people_read_it(e164: str, shown: str) -> None:
    assert for_people(e164) == shown


@pytest.mark.parametrize(
    ("e164", "masked"),
    [
        ("+15550001234", "+1555•••1234"),
        ("+447911123456", "+4479•••3456"),
        ("+4930123456", "+493•••3456"),
        ("+2901234", "+•••1234"),
        ("+29012", "•••12"),
        ("13013", "•••13"),
        ("1234", "•••"),
        ("", "•••"),
    ],
)
def test_a_masked_number_keeps_its_last_four_digits(e164: str, masked: str) -> None:
    assert mask(e164) == masked


@given(st.from_regex(r"\+[0-9]{7,15}", fullmatch=True))
def test_a_mask_always_hides_three_digits_and_never_gives_the_number_away(e164: str) -> None:
    masked = mask(e164)
    assert masked.endswith("•••" + e164[-4:])
    assert len(masked.replace("•", "")) <= len(e164) - 3


@pytest.mark.parametrize(
    ("e164", "valid"),
    [
        ("+14155550100", True),
        ("+447911123456", True),
        ("+15550001234", False),
        ("+1415555", False),
        ("ACME", False),
        ("", False),
        ("+999123456", False),
    ],
)
def test_validity_is_a_softer_word_than_possibility(e164: str, valid: bool) -> None:
    assert is_valid(e164) is valid


@settings(max_examples=500)
@given(
    st.sampled_from(["+1", "+1 ", "1", "1-", "", "+1."]),
    st.from_regex(r"[0-9]{3}", fullmatch=True),
    st.from_regex(r"[0-9]{3}", fullmatch=True),
    st.from_regex(r"[0-9]{4}", fullmatch=True),
    st.sampled_from(["{}{}{}", "({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "{} {} {}"]),
    st.sampled_from(["US", "CA", "us", "DE", "GB"]),
)
def test_the_fast_way_says_what_libphonenumber_says(
    prefix: str, area: str, exchange: str, line: str, shape: str, country: str
) -> None:
    raw = prefix + shape.format(area, exchange, line)

    def verdict() -> str:
        try:
            return phones.normalise(raw, country)
        except phones.BadNumber as problem:
            return problem.text

    fast = verdict()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phones, "_NORTH_AMERICAN", re.compile("(?!)"))
        assert verdict() == fast


@settings(max_examples=500)
@given(st.from_regex(r"\+1[2-9][0-9]{9}", fullmatch=True))
def test_a_north_american_zone_is_that_of_its_exchange(number: str) -> None:
    assert zones.zones_of_number(number) == zones._zones_of(number)
