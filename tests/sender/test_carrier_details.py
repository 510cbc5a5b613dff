"""What is special about single carriers; what they share is in the contract."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qs

import httpx
import pytest
from twilio.request_validator import RequestValidator

from domain.carrier_settings import BadSetting
from domain.deliveries import State
from domain.keywords import Kind as Keyword
from domain.outcomes import Outcome, Proof
from sender.carriers.protocol import BadSignature, BadWebhook, Carrier, Webhook
from sender.carriers.registry import adapter
from sender.carriers.twilio import OVERRIDES
from tests.sender.contract.values import MESSAGE
from tests.sender.fakes import AT, ATTEMPT, Fake
from tests.sender.fakes.bandwidth import BandwidthFake
from tests.sender.fakes.kannel import KannelFake
from tests.sender.fakes.plivo import PlivoFake
from tests.sender.fakes.sinch import SinchFake
from tests.sender.fakes.telnyx import TelnyxFake
from tests.sender.fakes.twilio import TOKEN, TwilioFake
from tests.sender.fakes.vonage import KEY, VonageFake


def carrier(fake: type[Fake], **more: str) -> Carrier:
    return adapter(fake.kind, {**fake.settings, "base_url": "https://carrier.example", **more})


def outcome(fake: type[Fake], status: int, said: object, headers: Mapping[str, str] | None = None) -> Outcome:
    body = said.encode() if isinstance(said, str) else json.dumps(said).encode()
    return carrier(fake).outcome(status, httpx.Headers(dict(headers or {})), body)


@pytest.mark.parametrize(
    ("fake", "status", "said", "proof"),
    [
        (TwilioFake, 429, {"code": 20429}, Proof.TOO_FAST),
        (TwilioFake, 503, {"code": 20503}, Proof.NOT_SENT),
        (TwilioFake, 500, {"code": 20500}, Proof.AMBIGUOUS),
        (TwilioFake, 400, {"code": 21610}, Proof.REFUSED),
        (TwilioFake, 400, {"code": 21606}, Proof.LINE_BLOCKED),
        (TwilioFake, 403, {"code": 21408}, Proof.REFUSED),  # one country, not the whole line
        (TwilioFake, 400, {"code": 21611}, Proof.TOO_FAST),
        (TelnyxFake, 403, {"errors": [{"code": "40300"}]}, Proof.REFUSED),
        (TelnyxFake, 403, {"errors": [{"code": 20100}]}, Proof.LINE_BLOCKED),
        (TelnyxFake, 409, {"errors": [{"code": "10026"}]}, Proof.AMBIGUOUS),  # the first try is under way
        (VonageFake, 402, {"type": "https://x/api-errors#low-balance"}, Proof.LINE_BLOCKED),
        (VonageFake, 422, {"type": "https://x/api-errors/messages#1120"}, Proof.LINE_BLOCKED),
        (VonageFake, 429, {"type": "https://x/api-errors/messages#1000"}, Proof.TOO_FAST),
        (VonageFake, 422, {"title": 1050}, Proof.REFUSED),
        (PlivoFake, 400, {"error": "dst is not valid"}, Proof.REFUSED),
        (BandwidthFake, 403, {"type": "forbidden"}, Proof.LINE_BLOCKED),
        (SinchFake, 403, {"code": "unknown", "text": "No."}, Proof.LINE_BLOCKED),
        (KannelFake, 202, "3: Queued for later delivery", Proof.ACCEPTED),
        (KannelFake, 403, "Not routable. Do not try again.", Proof.NOT_SENT),
        (KannelFake, 403, "Authorization failed for sendsms", Proof.LINE_BLOCKED),
        (KannelFake, 503, "Temporal failure, try again later.", Proof.NOT_SENT),
        (KannelFake, 400, "Missing receiver number, rejected", Proof.REFUSED),
    ],
)
def test_what_an_answer_proves(fake: type[Fake], status: int, said: object, proof: Proof) -> None:
    assert outcome(fake, status, said).proof is proof


def test_a_messaging_service_chooses_the_number() -> None:
    service = "MG" + "1" * 32
    form = parse_qs(carrier(TwilioFake, messaging_service_sid=service).request(MESSAGE).content.decode())
    assert form["MessagingServiceSid"] == [service]
    assert "From" not in form


def test_twilios_signature_holds_with_and_without_the_port() -> None:
    fake = TwilioFake()
    for signed, seen in (
        (
            "https://app.example:443/webhooks/twilio/t/status?a=1-2",
            "https://app.example/webhooks/twilio/t/status?a=1-2",
        ),
        (
            "http://app.example/webhooks/twilio/t/status?a=1-2",
            "http://app.example:80/webhooks/twilio/t/status?a=1-2",
        ),
    ):
        webhook = fake.receipt(replace(fake.example, callback=signed), State.DELIVERED)
        assert carrier(TwilioFake).receipts(replace(webhook, url=seen))
        with pytest.raises(BadSignature):
            carrier(TwilioFake).receipts(replace(webhook, url=seen.replace("app.example", "evil.example")))


def test_twilios_signature_holds_for_the_address_as_we_gave_it() -> None:
    fake = TwilioFake()
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    whole = fake.signed(fake.example.callback + OVERRIDES, form)
    assert carrier(TwilioFake).receipts(replace(whole, url=fake.example.callback))


@pytest.mark.parametrize(("word", "told"), [("STOP", Keyword.STOP), ("HELP", Keyword.HELP), ("", None)])
def test_twilio_says_what_it_took_a_text_for(word: str, told: Keyword | None) -> None:
    form = {
        "MessageSid": "SM1",
        "From": "+15550104321",
        "To": "+15550100000",
        "Body": "BYE",
        "OptOutType": word,
    }
    inbound = carrier(TwilioFake).inbound(TwilioFake().signed("https://app.example/inbound", form))
    assert inbound is not None
    assert inbound.told is told


def test_twilios_signature_of_a_body_that_is_no_form_is_over_its_hash() -> None:
    body = b'{"MessageSid": "x"}'
    url = f"https://app.example/webhooks/twilio/t/status?a=1-2&bodySHA256={sha256(body).hexdigest()}"
    headers = {"x-twilio-signature": RequestValidator(TOKEN).compute_signature(url, {})}
    webhook = Webhook({"a": "1-2", "bodySHA256": sha256(body).hexdigest()}, headers, body, url, AT)
    with pytest.raises(BadWebhook):  # signed, but not a receipt
        carrier(TwilioFake).receipts(webhook)
    with pytest.raises(BadSignature):
        carrier(TwilioFake).receipts(replace(webhook, body=body + b" "))


@pytest.mark.parametrize("status", ["queued", "accepted", "sending", "scheduled"])
def test_words_before_a_message_left_say_nothing(status: str) -> None:
    fake = TwilioFake()
    webhook = fake.signed(fake.example.callback, {"MessageSid": "SM1", "MessageStatus": status})
    assert carrier(TwilioFake).receipts(webhook) == []


def test_telnyx_gets_the_same_bytes_and_key_for_the_same_attempt() -> None:
    fake = TelnyxFake()
    first = carrier(TelnyxFake).request(MESSAGE._replace(valid_for=100, expires_at=AT))
    again = carrier(TelnyxFake).request(MESSAGE._replace(valid_for=50, expires_at=AT + timedelta(seconds=9)))
    assert first.content == again.content
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"] == ATTEMPT
    assert carrier(TelnyxFake).repeatable
    assert [
        one
        for one in (TwilioFake, VonageFake, PlivoFake, BandwidthFake, SinchFake, KannelFake)
        if carrier(one).repeatable
    ] == []
    assert fake.taken == []


def test_telnyx_public_key_that_is_none_is_refused_by_its_name() -> None:
    with pytest.raises(BadSetting, match="public_key"):
        carrier(TelnyxFake, public_key="not a key")


def test_a_call_for_another_vonage_application_is_refused() -> None:
    fake = VonageFake()
    ours = carrier(VonageFake, application_id="app-1")
    said: dict[str, object] = {"message_uuid": "m1", "status": "delivered", "client_ref": ATTEMPT}
    assert ours.receipts(fake.signed(said, fake.example.callback, application_id="app-1", api_key=KEY))
    with pytest.raises(BadSignature):
        ours.receipts(fake.signed(said, fake.example.callback, application_id="app-2"))


def test_a_vonage_receipt_names_its_attempt_in_what_is_signed_not_in_the_address() -> None:
    fake = VonageFake()
    webhook = fake.receipt(fake.example, State.DELIVERED)
    [receipt] = carrier(VonageFake).receipts(replace(webhook, query={"a": "99-forged"}))
    assert receipt.attempt_id == ATTEMPT


def test_without_a_secret_sinch_is_trusted_by_its_address_alone() -> None:
    fake = SinchFake()
    settings = {name: value for name, value in fake.settings.items() if name != "webhook_secret"}
    unsigned = adapter("sinch", settings)
    assert unsigned.receipts(replace(fake.receipt(fake.example, State.DELIVERED), headers={}))


def test_bandwidth_tells_several_receipts_at_once() -> None:
    fake = BandwidthFake()
    one, other = (
        json.loads(fake.receipt(fake.example, state).body)[0] for state in (State.SENT, State.DELIVERED)
    )
    sending = {**one, "type": "message-sending"}
    found = carrier(BandwidthFake).receipts(fake.called([sending, one, other], fake.example.callback))
    assert [receipt.state for receipt in found] == [State.SENT, State.DELIVERED]


def test_other_events_hold_no_text() -> None:
    telnyx, bandwidth, sinch = TelnyxFake(), BandwidthFake(), SinchFake()
    assert carrier(TelnyxFake).inbound(telnyx.receipt(telnyx.example, State.DELIVERED)) is None
    assert carrier(BandwidthFake).inbound(bandwidth.receipt(bandwidth.example, State.DELIVERED)) is None
    assert carrier(SinchFake).inbound(sinch.receipt(sinch.example, State.DELIVERED)) is None


@pytest.mark.parametrize(
    ("kind", "said", "code"),
    [
        ("2", "id:1 sub:001 dlvrd:000 stat:EXPIRED err:027", "stat:EXPIRED"),
        ("2", "", "undelivered"),
        ("16", "NACK/0x0000000B/Invalid Destination Address", "0x0000000b"),
        ("16", "NACK/", "rejected"),
        ("1", "id:1 stat:DELIVRD err:000", ""),
    ],
)
def test_kannel_says_why_in_the_words_of_the_network(kind: str, said: str, code: str) -> None:
    [receipt] = carrier(KannelFake).receipts(Webhook({"a": ATTEMPT, "d": kind, "r": said}, {}, b""))
    assert receipt.code == code


def test_that_kannel_had_no_way_out_is_no_receipt_as_it_is_tried_again() -> None:
    assert (
        carrier(KannelFake).receipts(Webhook({"a": ATTEMPT, "d": "16", "r": "NACK/no SMSC"}, {}, b"")) == []
    )


def test_kannels_address_may_be_given_in_full_and_its_smsc_be_named() -> None:
    url = (
        carrier(KannelFake, base_url="http://sms.lan:13013/cgi-bin/sendsms", smsc="SIM1").request(MESSAGE).url
    )
    assert (url.path, url.params["smsc"]) == ("/cgi-bin/sendsms", "SIM1")
