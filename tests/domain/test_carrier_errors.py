import re

import pytest

from domain.carrier_errors import TABLES, ErrorWords, Kind, explain

SANDBOX = {
    "invalid_number": Kind.BAD_NUMBER,
    "landline": Kind.BAD_NUMBER,
    "unreachable": Kind.UNREACHABLE,
    "filtered": Kind.FILTERED,
    "opted_out": Kind.OPTED_OUT,
    "server_error": Kind.CARRIER,
    "connection_lost": Kind.CARRIER,
    "no_answer": Kind.CARRIER,
}
TWILIO = {
    Kind.BAD_NUMBER: [21211, 21217, 21614, 21635, 30005, 30006],
    Kind.OPTED_OUT: [21610],
    Kind.UNREACHABLE: [21612, 30003],
    Kind.FILTERED: [30004, 30007],
    Kind.CONTENT: [21602, 21617, 21620, 21623, 30011, 30012, 30019],
    Kind.SENDER: [21212, 21603, 21606, 21703, 21704, 30018, 30024, 30032, 30034],
    Kind.ACCOUNT: [10001, 20003, 21408, 21608, 30002, 30010],
    Kind.TOO_FAST: [20429, 21611, 30001, 30022, 30023, 30025, 30026, 30027],
    Kind.CARRIER: [20500, 20503, 30008, 30017, 30036, 30410],
}
KNOWN = [("sandbox", code, kind) for code, kind in SANDBOX.items()] + [
    ("twilio", str(code), kind) for kind, codes in TWILIO.items() for code in codes
]
CODE_SPEAK = re.compile(
    r"[0-9]{4}|[_\"`{}<>]|\b(api|http|https|url|ttl|dlr|mms|sms|smsc|10dlc|body|param\w*|payload|config\w*|null|"
    r"handset|destination|prefix|queueing|auth\w*|sid|webhook|e\.?164|suppress\w*|error|failed|invalid)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("carrier", "code", "kind"), KNOWN)
def test_every_known_code_says_what_happened_and_what_to_do_without_code_speak(
    carrier: str, code: str, kind: Kind
) -> None:
    words = explain(carrier, code)
    assert words.kind is kind
    assert words.title[0].isupper() or words.title[0].isdigit()
    assert not words.title.endswith(".")
    assert len(words.title) <= 60
    assert words.advice.endswith(".")
    assert 10 < len(words.advice) <= 120
    for text in (words.title, words.advice):
        assert not CODE_SPEAK.search(text), text


def test_the_table_has_no_code_that_is_not_tested() -> None:
    assert {(carrier, code) for carrier, table in TABLES.items() for code in table} == {
        (carrier, code) for carrier, code, _ in KNOWN
    }


@pytest.mark.parametrize(
    ("carrier", "code", "title"),
    [
        ("twilio", "99999", "Error 99999"),
        ("kannel", "0x1F", "Error 0x1F"),
        ("sandbox", "21610", "Error 21610"),
        ("unheard of", "30007", "Error 30007"),
        ("twilio", "", "Unknown error"),
        ("", "", "Unknown error"),
    ],
)
def test_an_unknown_code_is_shown_with_general_advice(carrier: str, code: str, title: str) -> None:
    words = explain(carrier, code)
    assert words.title == title
    assert words.kind is Kind.UNKNOWN
    assert words.advice.endswith(".")


def test_the_words_read_as_a_person_would_say_them() -> None:
    assert explain("sandbox", "landline") == ErrorWords(
        "The number is a landline",
        "Correct the contact, or remove the number from the list.",
        Kind.BAD_NUMBER,
    )
