import json

import pytest

from domain.carrier_kinds import UnknownCarrier
from domain.carrier_settings import BadSetting
from sender.carriers.protocol import BadWebhook, Carrier, Webhook
from sender.carriers.registry import adapter
from tests.sender.contract.values import MESSAGE
from tests.sender.fakes import ATTEMPT


def carrier(**settings: str) -> Carrier:
    return adapter("sandbox", {"base_url": "http://127.0.0.1:9000", **settings})


def test_a_message_is_posted_as_json() -> None:
    request = carrier().request(MESSAGE)
    assert request.method == "POST"
    assert str(request.url) == "http://127.0.0.1:9000/messages"
    assert json.loads(request.content) == {
        "from": MESSAGE.sender,
        "to": MESSAGE.recipient,
        "text": "Hello",
        "media": [],
        "callback": MESSAGE.callback_url,
    }


def test_the_accounts_delay_rides_along() -> None:
    assert json.loads(carrier(delay_seconds="0").request(MESSAGE).content)["delay_seconds"] == 0


def test_a_receipt_whose_callback_lost_its_attempt_still_counts() -> None:
    body = b'{"id":"m1","status":"delivered","event_id":"e1"}'
    [receipt] = carrier().receipts(Webhook({}, {}, body))
    assert receipt.attempt_id is None
    assert receipt.carrier_message_id == "m1"


def test_what_a_database_would_refuse_is_taken_out_of_a_text() -> None:
    body = b'{"event_id":"e1","from":"+1555","to":"+1556","text":"a\\u0000b\\ud83d"}'
    inbound = carrier().inbound(Webhook({}, {}, body))
    assert inbound is not None
    assert inbound.text == "ab\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    "body",
    [
        b'{"id":"m1","status":"read","event_id":"e1"}',
        b'{"id":"m1","event_id":"e1"}',
        b'{"id":7,"status":"delivered","event_id":"e1"}',
        b'{"id":"m1","status":"delivered","event_id":""}',
        b'{"id":"m1","status":"delivered","event_id":"%s"}' % (b"e" * 256),
    ],
)
def test_a_receipt_that_is_not_as_documented_is_refused(body: bytes) -> None:
    with pytest.raises(BadWebhook):
        carrier().receipts(Webhook({"a": ATTEMPT}, {}, body))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownCarrier, match="pigeon"):
        adapter("pigeon", {})


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"base_url": ""},
        {"base_url": "127.0.0.1:9000"},
        {"base_url": "ftp://127.0.0.1"},
        {"base_url": "http://host:port"},
        {"base_url": "http://127.0.0.1", "delay_seconds": "soon"},
        {"base_url": "http://127.0.0.1", "delay_seconds": "-1"},
        {"base_url": "http://127.0.0.1", "delay_seconds": "nan"},
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(settings: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match=r"delay_seconds|base_url"):
        adapter("sandbox", settings)
