import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.deliveries import State
from sender.carriers.protocol import Webhook
from tests.sender.fakes import (
    AT,
    BAD_NUMBER,
    Call,
    Fake,
    Refused,
    Taken,
    is_address,
    is_number,
    is_sender,
    only,
    query_of,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
FIELDS = """to from text media_urls messaging_profile_id subject webhook_url webhook_failover_url
 use_profile_webhooks type send_at auto_detect"""
WORDS = {
    State.SENT: ("sent", None),
    State.DELIVERED: ("delivered", None),
    State.UNDELIVERED: ("delivery_failed", "40008"),
    State.FAILED: ("sending_failed", "40300"),
}


def wrong(code: str, status: int = 400) -> Refused:
    error = {"code": code, "title": "Something is wrong", "detail": f"Telnyx says {code}"}
    return Refused(status, {"errors": [error]})


class TelnyxFake(Fake):
    kind = "telnyx"
    settings: ClassVar = {
        "api_key": "KEY0123",
        "public_key": b64encode(KEY.public_key().public_bytes_raw()).decode(),
    }
    refusal = (400, "40310")

    def __init__(self) -> None:
        super().__init__()
        self.answered: dict[str, tuple[bytes, bytes]] = {}

    def serve(self, call: Call) -> tuple[int, bytes]:
        if (call.method, call.path) != ("POST", "/v2/messages"):
            raise wrong("10005", 404)
        if call.headers.get("authorization") != "Bearer KEY0123":
            raise wrong("10009", 401)
        if call.headers["content-type"] != "application/json":
            raise wrong("10015")
        known = self.answered.get(call.headers.get("idempotency-key", ""))
        if known is not None:  # answered as before, unless something else is asked for
            if known[0] != call.body:
                raise wrong("10027", 422)
            return 200, known[1]
        answer = self.create(call.json())
        self.answered[call.headers["idempotency-key"]] = call.body, answer
        return 200, answer

    def create(self, found: dict[str, object]) -> bytes:
        only(found, FIELDS, wrong("10015"))
        to, media = found["to"], found.get("media_urls", [])
        if to == BAD_NUMBER or not is_number(to):
            raise wrong("40310")
        if not is_sender(found["from"]):
            raise wrong("40305")
        if not isinstance(media, list) or not all(map(is_address, media)) or len(media) > 10:
            raise wrong("40009")
        if bool(media) is not (found.get("type") == "MMS") or not (found.get("text") or media):
            raise wrong("40009")
        callback = found["webhook_url"]
        if not is_address(callback) or found.get("use_profile_webhooks") not in (True, False, None):
            raise wrong("10015")
        message_id, text = self.next_id(), str(found.get("text", ""))
        reference = query_of(str(callback))["a"]
        self.take(
            Taken(str(found["from"]), str(to), text, tuple(media), str(callback), reference, message_id)
        )
        data = {"id": message_id, "record_type": "message", "to": [{"phone_number": to, "status": "queued"}]}
        return json.dumps({"data": data}).encode()

    def receipt(self, told: Taken, state: State, event: int = 1) -> Webhook:
        status, code = WORDS[state]
        payload = {
            "id": told.message_id,
            "direction": "outbound",
            "from": {"phone_number": told.sender},
            "to": [{"phone_number": "+15550104321", "status": status, "carrier": "Example"}],
            "errors": [{"code": code, "title": "Not delivered"}] if code else [],
            "parts": 1,
        }
        return self.signed("message.finalized", f"{told.message_id}-{event}", payload, told.callback)

    def text(self, content: str, event: int = 1) -> Webhook:
        payload = {
            "id": f"in{event}",
            "direction": "inbound",
            "from": {"phone_number": "+15550104321"},
            "to": [{"phone_number": "+15550100000", "status": "webhook_delivered"}],
            "text": content,
        }
        url = f"{self.hooks}/inbound"
        return self.signed("message.received", f"e{event}", payload, url)

    def signed(
        self, kind: str, event_id: str, payload: Mapping[str, object], url: str, ago: int = 0
    ) -> Webhook:
        data = {"event_type": kind, "id": event_id, "payload": payload, "record_type": "event"}
        body = json.dumps({"data": data, "meta": {"attempt": 1}}).encode()
        moment = str(int((AT - timedelta(seconds=ago)).timestamp()))
        signature = b64encode(KEY.sign(moment.encode() + b"|" + body)).decode()
        headers = {"telnyx-timestamp": moment, "telnyx-signature-ed25519": signature}
        return Webhook(query_of(url), headers, body, url, AT)

    def forged(self, webhook: Webhook) -> Iterable[Webhook]:
        yield from super().forged(webhook)
        yield replace(webhook, at=AT + timedelta(seconds=301))  # repeated later
        yield replace(webhook, headers={**webhook.headers, "telnyx-timestamp": "1"})
