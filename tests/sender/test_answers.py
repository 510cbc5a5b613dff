from collections.abc import Mapping

import pytest

from domain.outcomes import Proof
from sender.carriers.answers import proved


@pytest.mark.parametrize(
    ("status", "proof"),
    [
        (200, Proof.AMBIGUOUS),
        (204, Proof.AMBIGUOUS),
        (301, Proof.LINE_BLOCKED),
        (302, Proof.AMBIGUOUS),
        (303, Proof.AMBIGUOUS),
        (307, Proof.LINE_BLOCKED),
        (308, Proof.LINE_BLOCKED),
        (400, Proof.REFUSED),
        (401, Proof.LINE_BLOCKED),
        (402, Proof.LINE_BLOCKED),
        (403, Proof.LINE_BLOCKED),
        (404, Proof.REFUSED),
        (408, Proof.AMBIGUOUS),
        (422, Proof.REFUSED),
        (429, Proof.TOO_FAST),
        (500, Proof.AMBIGUOUS),
        (502, Proof.AMBIGUOUS),
        (503, Proof.AMBIGUOUS),
        (504, Proof.AMBIGUOUS),
        (599, Proof.AMBIGUOUS),
        (101, Proof.AMBIGUOUS),
    ],
)
def test_a_status_alone_proves(status: int, proof: Proof) -> None:
    outcome = proved(status, {})
    assert outcome.proof is proof
    assert outcome.code == f"http-{status}"
    assert outcome.detail


def test_only_an_answer_that_names_the_message_accepts_it() -> None:
    assert proved(202, {}, message_id="m1").proof is Proof.ACCEPTED
    assert proved(202, {}, message_id="").proof is Proof.AMBIGUOUS
    assert proved(500, {}, message_id="m1").proof is Proof.AMBIGUOUS


def test_a_refusal_keeps_the_carriers_own_words() -> None:
    outcome = proved(400, {}, code="21610", detail="Unsubscribed recipient")
    assert (outcome.proof, outcome.code, outcome.detail) == (
        Proof.REFUSED,
        "21610",
        "Unsubscribed recipient",
    )


@pytest.mark.parametrize(
    ("status", "code", "proof"),
    [
        (503, "20503", Proof.NOT_SENT),
        (400, "21606", Proof.LINE_BLOCKED),
        (200, "1", Proof.TOO_FAST),
        (503, "other", Proof.AMBIGUOUS),
    ],
)
def test_a_carriers_own_code_outweighs_the_status(status: int, code: str, proof: Proof) -> None:
    codes = {"20503": Proof.NOT_SENT, "21606": Proof.LINE_BLOCKED, "1": Proof.TOO_FAST}
    assert proved(status, {}, message_id="m1", code=code, codes=codes).proof is proof


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-1"}, 0),
        ({"retry-after": "999999999"}, 3600),
        ({"retry-after": "inf"}, 3600),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Mon, 30 Nov 2026 09:30:20 GMT"}, None),
        (
            {"retry-after": "Mon, 30 Nov 2026 09:30:20 GMT", "date": "Mon, 30 Nov 2026 09:30:00 GMT"},
            20,
        ),
        (
            {"retry-after": "Mon, 30 Nov 2026 09:30:20 -0000", "date": "Mon, 30 Nov 2026 09:30:00 GMT"},
            20,
        ),
        (
            {"retry-after": "Mon, 30 Nov 2026 09:29:00 GMT", "date": "Mon, 30 Nov 2026 09:30:00 GMT"},
            0,
        ),
        (
            {"retry-after": "Mon, 30 Nov 2026 09:30:20 +99999999999", "date": "never"},
            None,
        ),
    ],
)
def test_too_fast_says_how_long_to_wait(headers: Mapping[str, str], seconds: float | None) -> None:
    assert proved(429, headers).retry_after == seconds


def test_only_too_fast_waits() -> None:
    assert proved(503, {"retry-after": "7"}).retry_after is None


def test_a_redirect_is_explained_without_repeating_a_password() -> None:
    detail = proved(301, {"location": "https://carrier.example/send?password=hunter2"}).detail
    assert detail == "sent on to https://carrier.example/send"


def test_endless_words_of_a_carrier_are_cut() -> None:
    outcome = proved(400, {}, code="c" * 1000, detail="d" * 1000)
    assert len(outcome.code) == 64
    assert len(outcome.detail) == 200
