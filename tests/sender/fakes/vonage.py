import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import ClassVar

import jwt

from domain.deliveries import State
from sender.carriers.protocol import Webhook
from sender.carriers.signatures import basic
from tests.sender.fakes import (
    AT,
    BAD_NUMBER,
    Call,
    Fake,
    Refused,
    Taken,
    is_address,
    is_number,
    only,
    query_of,
)

KEY, SECRET, SIGNS_WITH = "abcd1234", "vonage-api-secret", "vonage-signature-secret-of-32-bytes"
FIELDS = """channel message_type to from text image vcard audio video ttl client_ref webhook_url
 webhook_version sms trusted_recipient failover"""
WORDS = {
    State.SENT: ("submitted", None),
    State.DELIVERED: ("delivered", None),
    State.UNDELIVERED: ("undeliverable", "1260"),
    State.FAILED: ("rejected", "1050"),
}


def wrong(code: str, status: int = 422) -> Refused:
    kind = f"https://developer.vonage.com/api-errors/messages#{code}"
    return Refused(
        status, {"type": kind, "title": "Something", "detail": f"Vonage says {code}", "instance": "i"}
    )


class VonageFake(Fake):
    kind = "vonage"
    settings: ClassVar = {"api_key": KEY, "api_secret": SECRET, "signature_secret": SIGNS_WITH}
    refusal = (422, "1170")
    takes_media = 1

    def serve(self, call: Call) -> tuple[int, bytes]:
        if (call.method, call.path) != ("POST", "/v1/messages"):
            raise wrong("not-found", 404)
        if call.headers.get("authorization") != basic(KEY, SECRET):
            raise wrong("unauthorized", 401)
        found = call.json()
        only(found, FIELDS, wrong("1020"))
        to, media = f"+{found['to']}", []
        if to == BAD_NUMBER or not is_number(to):
            raise wrong("1170")
        if found["channel"] == "mms":
            image = found["image"]
            if found["message_type"] != "image" or not isinstance(image, dict) or "text" in found:
                raise wrong("1020")
            only(image, "url caption", wrong("1020"))
            media, text = [image["url"]], image.get("caption", "")
            lengths = (300, 259_200)
        else:
            if found["channel"] != "sms" or found["message_type"] != "text" or "image" in found:
                raise wrong("1020")
            text, lengths = found["text"], (0, 604_800)
        if not isinstance(text, str) or len(text) > 2000 or (not text and not media):
            raise wrong("1020")
        ttl, reference, callback = found.get("ttl", 3600), found["client_ref"], found["webhook_url"]
        if not isinstance(ttl, int) or not lengths[0] <= ttl <= lengths[1]:
            raise wrong("1130")
        if not isinstance(reference, str) or len(reference) > 100 or found.get("webhook_version") != "v1":
            raise wrong("1020")
        if not is_address(callback) or not all(map(is_address, media)) or str(found["from"]).startswith("+"):
            raise wrong("1020")
        message_id = self.next_id()
        self.take(Taken(f"+{found['from']}", to, text, tuple(media), str(callback), reference, message_id))
        return 202, json.dumps({"message_uuid": message_id}).encode()

    def receipt(self, told: Taken, state: State, event: int = 1) -> Webhook:
        status, code = WORDS[state]
        said: dict[str, object] = {
            "message_uuid": told.message_id,
            "to": "15550104321",
            "from": told.sender.removeprefix("+"),
            "timestamp": f"2026-11-23T12:00:{event:02d}Z",
            "status": status,
            "client_ref": told.reference,
            "channel": "sms",
        }
        if code:
            kind = f"https://developer.vonage.com/api-errors/messages#{code}"
            said["error"] = {"type": kind, "title": code, "detail": "…", "instance": "i"}
        return self.signed(said, told.callback)

    def text(self, content: str, event: int = 1) -> Webhook:
        said: dict[str, object] = {
            "channel": "sms",
            "message_uuid": f"in{event}",
            "to": "15550100000",
            "from": "15550104321",
            "timestamp": "2026-11-23T12:00:00Z",
            "text": content,
            "message_type": "text",
            "sms": {"num_messages": "1"},
        }
        return self.signed(said, f"{self.hooks}/inbound")

    def signed(self, said: dict[str, object], url: str, **claims: object) -> Webhook:
        body = json.dumps(said).encode()
        told = {
            "iat": int(AT.timestamp()),
            "jti": "9d2f",
            "iss": "Vonage",
            "payload_hash": sha256(body).hexdigest(),
            "api_key": KEY,
            **claims,
        }
        token = jwt.encode(told, SIGNS_WITH, algorithm="HS256")
        return Webhook(query_of(url), {"authorization": f"Bearer {token}"}, body, url, AT)

    def forged(self, webhook: Webhook) -> Iterable[Webhook]:
        yield from super().forged(webhook)
        yield replace(webhook, at=AT + timedelta(seconds=301))  # repeated later
        yield self.signed({"message_uuid": "m1", "status": "delivered"}, webhook.url, api_key="another")
        unsigned = jwt.encode({"iat": int(AT.timestamp())}, "", algorithm="none")
        yield replace(webhook, headers={"authorization": f"Bearer {unsigned}"})
