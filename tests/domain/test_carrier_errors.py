import re

import pytest

from domain.carrier_codes import statuses
from domain.carrier_errors import TABLES, ErrorWords, Kind, explain, proofs, why_blocked
from domain.carrier_kinds import KINDS as CARRIERS
from domain.outcomes import Proof
from sender.carriers.answers import proved

KINDS: dict[str, dict[Kind, str]] = {
    "sandbox": {
        Kind.BAD_NUMBER: "invalid_number landline",
        Kind.OPTED_OUT: "opted_out",
        Kind.UNREACHABLE: "unreachable",
        Kind.FILTERED: "filtered",
        Kind.CONTENT: "bad_request",
        Kind.TOO_FAST: "too_fast",
        Kind.CARRIER: "internal_error server_error connection_lost no_answer",
    },
    "twilio": {
        Kind.BAD_NUMBER: "21211 21217 21614 21635 30005 30006",
        Kind.OPTED_OUT: "21610",
        Kind.UNREACHABLE: "21612 30003",
        Kind.FILTERED: "30004 30007",
        Kind.CONTENT: "21602 21617 21620 21623 30011 30012 30019",
        Kind.SENDER: "21212 21603 21606 21703 21704 30018 30024 30032 30034",
        Kind.ACCOUNT: "10001 20003 21408 21608 30002 30010",
        Kind.TOO_FAST: "20429 21611 30001 30022 30023 30025 30026 30027",
        Kind.CARRIER: "20500 20503 30008 30017 30036 30410",
    },
    "telnyx": {
        Kind.BAD_NUMBER: "10002 10016 40001 40012 40310",
        Kind.OPTED_OUT: "40300",
        Kind.UNREACHABLE: "40006 40008",
        Kind.FILTERED: "40002 40003 40015 40017",
        Kind.CONTENT: "40009 40302",
        Kind.SENDER: "40010 40013 40305 40321 40329",
        Kind.ACCOUNT: "10009 10010 20100 40309 40312 40313",
        Kind.TOO_FAST: "10011 40011 40016 40018",
        Kind.CARRIER: "10007 10008 40004 40005 40014",
    },
    "vonage": {
        Kind.BAD_NUMBER: "1040 1170 1190 1240",
        Kind.OPTED_OUT: "1050",
        Kind.UNREACHABLE: "1180 1200 1220 1250 1260 1290",
        Kind.FILTERED: "1210 1270 1280 1470",
        Kind.CONTENT: "1020 1090 1130 1380",
        Kind.SENDER: "1120 1420",
        Kind.ACCOUNT: "low-balance unauthorized invalid-api-key account-suspended unprovisioned "
        "1060 1070 1080 1140 1160",
        Kind.TOO_FAST: "1000 1460",
        Kind.CARRIER: "1030 1100 1230 1330 1360",
    },
    "plivo": {
        Kind.BAD_NUMBER: "50 70",
        Kind.OPTED_OUT: "200",
        Kind.UNREACHABLE: "80 90",
        Kind.FILTERED: "30 100 160",
        Kind.CONTENT: "10 110",
        Kind.SENDER: "40",
        Kind.ACCOUNT: "450 900 910",
        Kind.CARRIER: "20 60 420 1000",
    },
    "bandwidth": {
        Kind.BAD_NUMBER: "4406 4720 4721",
        Kind.OPTED_OUT: "4475 4775",
        Kind.UNREACHABLE: "4420 4421 4434 4701 4702 4730 4753",
        Kind.FILTERED: "4404 4470 4482 4770 4771",
        Kind.CONTENT: "4410 4411 4412 4710 4711 4712 4751 4752",
        Kind.SENDER: "4403 4405 4407 4409 4476 4481 4740",
        Kind.ACCOUNT: "unauthorized forbidden 4432 4451 4452 4493",
        Kind.TOO_FAST: "4780 4781",
        Kind.CARRIER: "4750 5100 5106 5500 5600 5620 9902 9999",
    },
    "sinch": {
        Kind.UNREACHABLE: "402 404 417",
        Kind.FILTERED: "408 415 deleted",
        Kind.CONTENT: "405 411 414 416 418 syntax_invalid_parameter_format",
        Kind.SENDER: "410",
        Kind.ACCOUNT: "unauthorized 412 413",
        Kind.CARRIER: "403 406 407",
    },
    "kannel": {
        Kind.BAD_NUMBER: "0x0000000b",
        Kind.UNREACHABLE: "undelivered stat:UNDELIV",
        Kind.FILTERED: "rejected stat:REJECTD",
        Kind.SENDER: "0x0000000a",
        Kind.ACCOUNT: "not_authorized",
        Kind.TOO_FAST: "0x00000014 0x00000058",
        Kind.CARRIER: "not_routable try_later stat:EXPIRED stat:DELETED 0x00000008 0x00000045",
    },
}
BLOCKING = {
    "sandbox": "",
    "twilio": "10001 20003 21212 21603 21606 21703 21704 30002 30024 30032 30034",
    "telnyx": "10009 10010 20100 40010 40013 40305 40312 40313 40321 40329",
    "vonage": "low-balance unauthorized invalid-api-key account-suspended unprovisioned "
    "1060 1070 1080 1120 1420",
    "plivo": "40 900 910",
    "bandwidth": "unauthorized forbidden 4403 4405 4407 4409 4451 4452 4476 4481 4493 4740",
    "sinch": "unauthorized 410 413",
    "kannel": "not_authorized 0x0000000a",
}
"""What stops a whole line until somebody acts; all else concerns one message or passes by itself."""
KNOWN = [
    (carrier, code, kind)
    for carrier, kinds in KINDS.items()
    for kind, codes in kinds.items()
    for code in codes.split()
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


@pytest.mark.parametrize("code", statuses.CODES)
def test_what_has_no_code_of_the_carriers_own_has_words(code: str) -> None:
    words = explain("twilio", code)
    assert words == explain("unheard of", code)
    assert words.kind in (Kind.ACCOUNT, Kind.TOO_FAST, Kind.CARRIER, Kind.CONTENT)
    for text in (words.title, words.advice):
        assert not CODE_SPEAK.search(text), text


@pytest.mark.parametrize("status", range(300, 600))
def test_a_status_and_its_words_agree_on_blocking_the_line(status: int) -> None:
    blocks = proved(status, {}).proof is Proof.LINE_BLOCKED
    assert explain("twilio", f"http-{status}").blocks is blocks


def test_every_kind_of_carrier_has_words() -> None:
    assert TABLES.keys() == CARRIERS.keys()


@pytest.mark.parametrize("carrier", TABLES)
def test_only_what_concerns_the_whole_line_blocks_it(carrier: str) -> None:
    assert {code for code, words in TABLES[carrier].items() if words.blocks} == set(BLOCKING[carrier].split())
    for words in TABLES[carrier].values():
        assert not words.blocks or words.kind in (Kind.SENDER, Kind.ACCOUNT)


@pytest.mark.parametrize(("carrier", "code", "kind"), KNOWN)
def test_a_code_proves_what_its_kind_says(carrier: str, code: str, kind: Kind) -> None:
    proof = proofs(carrier).get(code)
    if code in BLOCKING[carrier].split():
        assert proof is Proof.LINE_BLOCKED
    elif kind is Kind.CARRIER:
        assert proof is None
    else:
        assert proof is (Proof.TOO_FAST if kind is Kind.TOO_FAST else Proof.REFUSED)


def test_a_blocked_line_says_what_happened_and_what_to_do() -> None:
    known = why_blocked("twilio", "20003")
    assert known == (
        "The carrier did not accept our sign-in. "
        "Ask an administrator to check the carrier account in the settings."
    )
    unknown = why_blocked("twilio", "99999", "Something is off")
    assert "Something is off" in unknown
