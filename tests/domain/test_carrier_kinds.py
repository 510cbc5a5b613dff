from collections import Counter

import pytest

from domain.attachments import MAX_FILES, MAX_TOTAL_BYTES
from domain.carrier_kinds import KINDS, UnknownCarrier, check, kind_of
from domain.carrier_settings import BadSetting, CarrierKind, Form, Hook

EACH = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
TWILIO = {"account_sid": "AC1", "auth_token": "secret"}


def filled_in(kind: CarrierKind) -> dict[str, str]:
    """All that an account of the kind must say."""
    return {field.name: "x" for field in kind.fields if field.required}


@EACH
def test_an_account_with_all_that_is_required_is_fine_and_knows_its_address(kind: CarrierKind) -> None:
    checked = check(kind.name, filled_in(kind))
    assert checked.get("base_url", "") == kind.base_url
    assert kind_of(kind.name) is kind


@EACH
def test_each_missing_setting_is_named_in_words_and_for_the_form(kind: CarrierKind) -> None:
    for field in kind.fields:
        given = filled_in(kind)
        if given.pop(field.name, None) is None:
            continue
        for empty in (given, given | {field.name: "  "}):
            with pytest.raises(BadSetting, match="is missing") as caught:
                check(kind.name, empty)
            assert caught.value.field == field.name
            assert field.label in caught.value.text
            assert field.name in caught.value.text


@EACH
def test_what_proves_who_calls_is_never_shown(kind: CarrierKind) -> None:
    looks_secret = {
        field.name
        for field in kind.fields
        if any(word in field.name for word in ("secret", "token", "password")) or field.name == "api_key"
    }
    assert looks_secret - kind.secrets <= {"api_key"}  # Vonage's key only names the account
    assert kind.secrets <= looks_secret
    assert kind.secrets or kind.name == "sandbox"


@EACH
def test_a_kind_reads_well_in_a_form(kind: CarrierKind) -> None:
    assert all(count == 1 for count in Counter(field.name for field in kind.fields).values())
    assert kind.field("base_url").form is Form.ADDRESS
    for words in (kind.note, *(field.help for field in kind.fields), *(paste.where for paste in kind.pastes)):
        assert not words or words.endswith(".")
    assert all(field.label[0].isupper() for field in kind.fields)


@EACH
def test_whoever_sends_texts_to_us_is_told_where(kind: CarrierKind) -> None:
    assert kind.name == "sandbox" or Hook.INBOUND in {paste.hook for paste in kind.pastes}


@EACH
def test_no_kind_takes_more_media_than_can_be_attached(kind: CarrierKind) -> None:
    if kind.media:
        assert 0 < kind.media.count <= MAX_FILES
        assert 0 < kind.media.total_bytes <= MAX_TOTAL_BYTES


def test_settings_are_tidied_and_unknown_ones_are_left_out() -> None:
    assert check("twilio", {**TWILIO, "account_sid": " AC1 ", "colour": "red"}) == {
        **TWILIO,
        "base_url": "https://api.twilio.com",
    }


@pytest.mark.parametrize("value", ["a\nb", "a\0", "x" * 3000])
def test_a_value_that_no_carrier_gave_is_refused_without_repeating_it(value: str) -> None:
    with pytest.raises(BadSetting) as caught:
        check("twilio", {**TWILIO, "auth_token": value})
    assert value not in caught.value.text


@pytest.mark.parametrize(
    "value", ["api.twilio.com", "ftp://x", "http://", "http://host:port", "http://[", "//x"]
)
def test_an_address_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(BadSetting, match=r"base_url.*http"):
        check("twilio", {**TWILIO, "base_url": value})


@pytest.mark.parametrize(
    ("value", "fine"), [("yes", True), ("No", True), ("True", True), ("", True), ("perhaps", False)]
)
def test_yes_or_no_is_one_of_the_two(value: str, fine: bool) -> None:
    given = {**TWILIO, "answers_keywords": value}
    if fine:
        assert check("twilio", given).get("answers_keywords", "") == value
    else:
        with pytest.raises(BadSetting, match=r"answers_keywords.*yes or no"):
            check("twilio", given)


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(UnknownCarrier, match=r"“pigeon”.*twilio"):
        kind_of("pigeon")
