"""What every adapter keeps, whichever carrier it speaks to. Subclass it and fill in the examples."""

from abc import ABC, abstractmethod
from dataclasses import replace
from urllib.parse import unquote_plus

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from sender.carriers.protocol import BadSignature, BadWebhook, Carrier, Inbound, Outgoing, Webhook

ATTEMPT = "0f5c1c5e7a6b4a8f9d0e1c2b3a495867"

MESSAGE = Outgoing(
    attempt_id=ATTEMPT,
    sender="+15550100000",
    recipient="+15550104321",
    text="Hello",
    media=(),
    callback_url=f"https://app.example/webhooks/kind/token/status?a={ATTEMPT}",
)

HEADERS = {"content-type": "application/json"}


class CarrierContract(ABC):
    """The abstract part is what an adapter's tests provide; each example is as the carrier documents it."""

    @abstractmethod
    def carrier(self) -> Carrier:
        """The adapter under test."""

    @abstractmethod
    def accepted(self) -> tuple[int, bytes, str | None]:
        """Status and body of an acceptance, and the message id in it (None if the carrier gives none)."""

    @abstractmethod
    def refused(self) -> tuple[int, bytes, str]:
        """Status and body of a refusal of this one message, and the code in it."""

    @abstractmethod
    def receipt(self, status: State, event: int) -> Webhook:
        """A call that tells that ATTEMPT is delivered or undelivered; `event` makes it another word."""

    @abstractmethod
    def text(self, content: str, event: int) -> Webhook:
        """A call that brings `content` from +15550104321 to +15550100000."""

    def unsigned(self) -> Webhook | None:
        """A receipt with a wrong signature; None for a carrier that does not sign."""
        return None

    def outcome(self, status: int, body: bytes) -> Outcome:
        return self.carrier().outcome(status, httpx.Headers(HEADERS), body)

    def written(self, message: Outgoing) -> str:
        """All that a request says, decoded once."""
        request = self.carrier().request(message)
        return unquote_plus(str(request.url)) + unquote_plus(request.content.decode())

    def test_a_request_is_whole_and_absolute(self) -> None:
        request = self.carrier().request(MESSAGE)
        assert request.url.is_absolute_url
        assert request.headers["host"]
        if request.method == "POST":
            assert request.headers["content-length"] == str(len(request.content))
            assert request.headers["content-type"]

    def test_a_request_names_the_person_and_the_attempt(self) -> None:
        written = self.written(MESSAGE)
        assert MESSAGE.recipient.removeprefix("+") in written
        assert ATTEMPT in written

    def test_two_attempts_are_told_apart(self) -> None:
        other = replace(MESSAGE, attempt_id="other", callback_url=MESSAGE.callback_url + "2")
        assert self.written(MESSAGE) != self.written(other)

    @pytest.mark.parametrize("text", ["a&b=c d+e%20f", "line\nbreak", '"quoted" \\ {x}', "Grüße 👋🏽", "@£$"])
    def test_any_text_can_be_written(self, text: str) -> None:
        request = self.carrier().request(replace(MESSAGE, text=text))
        assert self.carrier().request(replace(MESSAGE, text=text)).content == request.content
        other = self.carrier().request(replace(MESSAGE, text=text + "."))
        assert (str(other.url), other.content) != (str(request.url), request.content)

    def test_an_acceptance_is_accepted(self) -> None:
        status, body, message_id = self.accepted()
        outcome = self.outcome(status, body)
        assert outcome.proof is Proof.ACCEPTED
        assert outcome.carrier_message_id == message_id

    def test_a_refusal_is_final_and_keeps_its_code(self) -> None:
        status, body, code = self.refused()
        outcome = self.outcome(status, body)
        assert outcome.proof is Proof.REFUSED
        assert outcome.code == code

    @pytest.mark.parametrize(
        ("status", "proof"),
        [(429, Proof.TOO_FAST), (401, Proof.LINE_BLOCKED), (500, Proof.AMBIGUOUS), (502, Proof.AMBIGUOUS)],
    )
    @pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"{}", b"[]"])
    def test_a_proxys_answer_counts_by_its_status(self, status: int, proof: Proof, body: bytes) -> None:
        assert self.outcome(status, body).proof is proof

    def test_a_success_that_is_not_understood_is_never_accepted_nor_tried_again(self) -> None:
        if self.accepted()[2] is None:
            pytest.skip("this carrier's acceptance is its status")
        for body in (b"", b"hello", b"{}", b"[]", b"null", b'{"id": 7}', b"\xff\xfe", b"[" * 100_000):
            assert self.outcome(200, body).proof is Proof.AMBIGUOUS

    @given(status=st.integers(100, 599), body=st.binary(max_size=200))
    def test_any_answer_has_an_outcome(self, status: int, body: bytes) -> None:
        assert self.outcome(status, body).proof in Proof

    @pytest.mark.parametrize("state", [State.DELIVERED, State.UNDELIVERED])
    def test_a_receipt_names_the_attempt_and_its_state(self, state: State) -> None:
        [receipt] = self.carrier().receipts(self.receipt(state, 1))
        assert receipt.attempt_id == ATTEMPT
        assert receipt.state is state
        assert bool(receipt.code) is (state is State.UNDELIVERED)

    def test_a_repeated_receipt_is_known_again_and_another_one_is_not(self) -> None:
        carrier = self.carrier()
        [first] = carrier.receipts(self.receipt(State.DELIVERED, 1))
        [again] = carrier.receipts(self.receipt(State.DELIVERED, 1))
        [other] = carrier.receipts(self.receipt(State.UNDELIVERED, 2))
        assert first.dedupe_key == again.dedupe_key != other.dedupe_key

    @pytest.mark.parametrize("content", ["STOP", "Grüße 👋🏽", "a&b=c+d", ""])
    def test_a_text_comes_in_as_it_was_written(self, content: str) -> None:
        inbound = self.carrier().inbound(self.text(content, 1))
        assert isinstance(inbound, Inbound)
        assert (inbound.sender, inbound.recipient) == ("+15550104321", "+15550100000")
        assert inbound.text == content

    def test_a_repeated_text_is_known_again_and_another_one_is_not(self) -> None:
        carrier = self.carrier()
        keys = [carrier.inbound(self.text("Yes", event)) for event in (1, 1, 2)]
        assert keys[0] and keys[1] and keys[2]
        assert keys[0].dedupe_key == keys[1].dedupe_key != keys[2].dedupe_key

    def test_a_wrong_signature_is_refused(self) -> None:
        webhook = self.unsigned()
        if webhook is None:
            pytest.skip("this carrier does not sign")
        with pytest.raises(BadSignature):
            self.carrier().receipts(webhook)

    @given(body=st.binary(max_size=200), query=st.dictionaries(st.text(max_size=5), st.text(max_size=5)))
    def test_nonsense_is_refused_in_plain_words(self, body: bytes, query: dict[str, str]) -> None:
        webhook = Webhook(query, {}, body)
        for read in (self.carrier().receipts, self.carrier().inbound):
            with pytest.raises((BadSignature, BadWebhook)) as caught:
                read(webhook)
            assert caught.value.text.endswith(".")
