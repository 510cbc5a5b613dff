"""The contract's first part: plain values in, plain values out."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar
from urllib.parse import unquote_plus

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from sender.carriers.protocol import BadSignature, BadWebhook, Carrier, Inbound, Outgoing, Webhook
from sender.carriers.registry import adapter
from tests.sender.fakes import AT, ATTEMPT, BAD_NUMBER, Call, Fake

CALLBACK = f"https://app.example/webhooks/kind/token/status?a={ATTEMPT}"
MESSAGE = Outgoing(
    attempt_id=ATTEMPT,
    sender="+15550100000",
    recipient="+15550104321",
    text="Hello",
    media=(),
    callback_url=CALLBACK,
)
MESSAGES = {
    "plain": MESSAGE,
    "unicode": MESSAGE._replace(text="Grüße — 👋🏽"),
    "odd": MESSAGE._replace(text='a&b=c d+e%20f\n"quoted" \\ {x} @£$€'),
    "long": MESSAGE._replace(text="All work and no play. " * 18),
    "short code": MESSAGE._replace(sender="12345"),
    "an hour": MESSAGE._replace(valid_for=3600, expires_at=AT + timedelta(hours=1)),
    "a second": MESSAGE._replace(valid_for=1, expires_at=AT + timedelta(seconds=1)),
    "a week": MESSAGE._replace(valid_for=7 * 86_400, expires_at=AT + timedelta(days=7)),
}
MEDIA = ("https://app.example/media/1.x", "https://app.example/media/2.y")

EACH_CARRIER = settings(database=None, suppress_health_check=[HealthCheck.differing_executors])
"""The same property for each subclass, and so no example that is remembered across them."""


def called(request: httpx.Request) -> Call:
    """A request as a fake sees it, without the wire."""
    path, _, query = request.url.raw_path.decode().partition("?")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Call(request.method, path, query, headers, request.content)


class ValueContract:
    """What an adapter makes of messages, answers and calls."""

    fake: ClassVar[type[Fake]]

    def carrier(self, base_url: str = "https://carrier.example", **more: str) -> Carrier:
        return adapter(self.fake.kind, {**self.fake.settings, "base_url": base_url, **more})

    def outcome(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> Outcome:
        return self.carrier().outcome(status, httpx.Headers(dict(headers or {})), body)

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
        other = MESSAGE._replace(attempt_id="other", callback_url=MESSAGE.callback_url + "2")
        assert self.written(MESSAGE) != self.written(other)

    @pytest.mark.parametrize("text", ["a&b=c d+e%20f", "line\nbreak", '"quoted" \\ {x}', "Grüße 👋🏽", "@£$"])
    def test_any_text_can_be_written_and_the_same_one_in_the_same_way(self, text: str) -> None:
        request = self.carrier().request(MESSAGE._replace(text=text))
        again = self.carrier().request(MESSAGE._replace(text=text))
        assert (str(again.url), again.content) == (str(request.url), request.content)
        other = self.carrier().request(MESSAGE._replace(text=text + "."))
        assert (str(other.url), other.content) != (str(request.url), request.content)

    def test_an_acceptance_is_accepted_and_names_the_message(self) -> None:
        fake = self.fake()
        outcome = self.outcome(*fake.answer(called(self.carrier().request(MESSAGE))))
        assert outcome.proof is Proof.ACCEPTED
        assert outcome.carrier_message_id == (fake.taken[0].message_id or None)

    def test_a_refusal_is_final_and_keeps_its_code(self) -> None:
        message = MESSAGE._replace(recipient=BAD_NUMBER)
        status, body = self.fake().answer(called(self.carrier().request(message)))
        outcome = self.outcome(status, body)
        assert outcome.proof is Proof.REFUSED
        assert (status, outcome.code) == self.fake.refusal

    @pytest.mark.parametrize(
        ("status", "proof"),
        [(429, Proof.TOO_FAST), (401, Proof.LINE_BLOCKED), (500, Proof.AMBIGUOUS), (502, Proof.AMBIGUOUS)],
    )
    @pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"{}", b"[]"])
    def test_a_proxys_answer_counts_by_its_status(self, status: int, proof: Proof, body: bytes) -> None:
        assert self.outcome(status, body).proof is proof

    def test_a_success_that_is_not_understood_is_never_accepted_nor_tried_again(self) -> None:
        if not self.fake.gives_ids:
            pytest.skip("this carrier's acceptance is its status")
        for body in (b"", b"hello", b"{}", b"[]", b"null", b'{"id": 7}', b"\xff\xfe", b"[" * 100_000):
            assert self.outcome(200, body).proof is Proof.AMBIGUOUS

    @EACH_CARRIER
    @given(status=st.integers(100, 599), body=st.binary(max_size=200))
    def test_any_answer_has_an_outcome(self, status: int, body: bytes) -> None:
        assert self.outcome(status, body).proof in Proof

    @pytest.mark.parametrize("state", [State.DELIVERED, State.UNDELIVERED, State.FAILED])
    def test_a_receipt_names_the_attempt_and_its_state(self, state: State) -> None:
        fake = self.fake()
        if state is State.FAILED and fake.kind in ("sandbox", "bandwidth"):
            pytest.skip("this carrier tells failed and undelivered alike")
        [receipt] = self.carrier().receipts(fake.receipt(fake.example, state))
        assert receipt.attempt_id == ATTEMPT
        assert receipt.state is state
        assert bool(receipt.code) is (state is not State.DELIVERED)
        assert receipt.carrier_message_id or not fake.gives_ids

    def test_a_repeated_receipt_is_known_again_and_another_one_is_not(self) -> None:
        carrier, fake = self.carrier(), self.fake()
        [first] = carrier.receipts(fake.receipt(fake.example, State.DELIVERED))
        [again] = carrier.receipts(fake.receipt(fake.example, State.DELIVERED))
        [other] = carrier.receipts(fake.receipt(fake.example, State.UNDELIVERED, 2))
        assert first.dedupe_key == again.dedupe_key != other.dedupe_key

    @pytest.mark.parametrize("content", ["STOP", "Grüße 👋🏽", "a&b=c+d", ""])
    def test_a_text_comes_in_as_it_was_written(self, content: str) -> None:
        inbound = self.carrier().inbound(self.fake().text(content))
        assert isinstance(inbound, Inbound)
        assert (inbound.sender, inbound.recipient) == ("+15550104321", "+15550100000")
        assert inbound.text == content

    def test_a_repeated_text_is_known_again_and_another_one_is_not(self) -> None:
        carrier = self.carrier()
        keys = [carrier.inbound(self.fake().text("Yes", event)) for event in (1, 1, 2)]
        assert keys[0] and keys[1] and keys[2]
        assert keys[0].dedupe_key == keys[1].dedupe_key != keys[2].dedupe_key

    def test_what_somebody_else_sends_is_refused(self) -> None:
        fake, carrier = self.fake(), self.carrier()
        for webhook in fake.forged(fake.receipt(fake.example, State.DELIVERED)):
            with pytest.raises(BadSignature):
                carrier.receipts(webhook)
        for webhook in fake.forged(fake.text("STOP")):
            with pytest.raises(BadSignature):
                carrier.inbound(webhook)

    @EACH_CARRIER
    @given(body=st.binary(max_size=200), query=st.dictionaries(st.text(max_size=5), st.text(max_size=5)))
    def test_nonsense_is_refused_in_plain_words(self, body: bytes, query: dict[str, str]) -> None:
        webhook = Webhook(query, {}, body)
        for read in (self.carrier().receipts, self.carrier().inbound):
            with pytest.raises((BadSignature, BadWebhook)) as caught:
                read(webhook)
            assert caught.value.text.endswith(".")

    def test_an_account_never_shows_its_secrets(self) -> None:
        carrier = self.carrier()
        shown = f"{carrier!r} {carrier} {self.outcome(401, b'{}')!r} {carrier.finder!r}"
        assert not [value for value in self.fake.settings.values() if len(value) > 8 and value in shown]
