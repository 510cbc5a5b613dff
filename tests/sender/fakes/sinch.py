import hmac
import json
import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from typing import ClassVar

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
    only,
    query_of,
)

SECRET = "sinch-webhook-secret"
FIELDS = """to from body type parameters delivery_report send_at expire_at callback_url client_reference
 feedback_enabled flash_message truncate_concat max_number_of_message_parts from_ton from_npi
 strict_validation udh"""
FILTERS = "page page_size start_date end_date from client_reference"
WORDS = {
    State.SENT: ("Dispatched", 401),
    State.DELIVERED: ("Delivered", 0),
    State.UNDELIVERED: ("Failed", 404),
    State.FAILED: ("Rejected", 408),
}


def wrong(code: str, status: int = 400) -> Refused:
    return Refused(status, {"code": code, "text": f"Sinch says {code}"})


class SinchFake(Fake):
    kind = "sinch"
    settings: ClassVar = {
        "service_plan_id": "plan1",
        "api_token": "sinch-api-token",
        "webhook_secret": SECRET,
    }
    refusal = (400, "syntax_invalid_parameter_format")
    takes_media = 1

    def serve(self, call: Call) -> tuple[int, bytes]:
        if call.path != "/xms/v1/plan1/batches":
            raise wrong("not_found", 404)
        if call.headers.get("authorization") != "Bearer sinch-api-token":
            raise wrong("unauthorized", 401)
        return self.listed(call) if call.method == "GET" else self.create(call)

    def create(self, call: Call) -> tuple[int, bytes]:
        found = call.json()
        malformed = wrong("syntax_invalid_parameter_format")
        only(found, FIELDS, wrong("syntax_constraint_violation"))
        to, body, media = found["to"], found["body"], []
        if (
            not isinstance(to, list)
            or len(to) != 1
            or f"+{to[0]}" == BAD_NUMBER
            or not is_number(f"+{to[0]}")
        ):
            raise malformed
        if found["type"] == "mt_media":
            if not isinstance(body, dict):
                raise malformed
            only(body, "url message subject", malformed)
            media, body = [body["url"]], body.get("message", "")
        elif found["type"] != "mt_text" or not body:
            raise malformed
        if not isinstance(body, str) or len(body) > 2000 or not all(map(is_address, media)):
            raise malformed
        if found.get("delivery_report") not in ("none", "summary", "full", "per_recipient"):
            raise malformed
        moment = str(found.get("expire_at", "2026-11-24T12:00:00.000Z"))
        if (
            not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment)
            or moment <= f"{AT:%Y-%m-%dT%H:%M}"
        ):
            raise malformed
        reference, callback = str(found["client_reference"]), str(found["callback_url"])
        if len(reference) > 255 or not is_address(callback):
            raise malformed
        message_id = self.next_id()
        self.take(
            Taken(f"+{found['from']}", f"+{to[0]}", body, tuple(media), callback, reference, message_id)
        )
        return 201, json.dumps(self.shown(self.taken[-1])).encode()

    def listed(self, call: Call) -> tuple[int, bytes]:
        asked = call.asked()
        only(asked, FILTERS, wrong("syntax_constraint_violation"))
        found = [self.shown(one) for one in self.taken if one.reference == asked["client_reference"]]
        answer = {"count": len(found), "page": 0, "page_size": 30, "batches": found}
        return 200, json.dumps(answer).encode()

    def shown(self, one: Taken) -> dict[str, object]:
        return {
            "id": one.message_id,
            "to": [one.recipient.removeprefix("+")],
            "from": one.sender.removeprefix("+"),
            "canceled": False,
            "body": one.text,
            "type": "mt_text",
            "client_reference": one.reference,
        }

    def receipt(self, told: Taken, state: State, event: int = 1) -> Webhook:
        status, code = WORDS[state]
        said: dict[str, object] = {
            "type": "recipient_delivery_report_sms",
            "batch_id": told.message_id,
            "client_reference": told.reference,
            "recipient": "15550104321",
            "status": status,
            "code": code,
            "at": "2026-11-23T12:00:00.000Z",
        }
        return self.signed(said, told.callback)

    def text(self, content: str, event: int = 1) -> Webhook:
        said: dict[str, object] = {
            "type": "mo_text",
            "id": f"in{event}",
            "from": "15550104321",
            "to": "15550100000",
            "body": content,
            "received_at": "2026-11-23T12:00:00.000Z",
        }
        return self.signed(said, f"{self.hooks}/inbound")

    def signed(self, said: dict[str, object], url: str) -> Webhook:
        body, nonce, moment = json.dumps(said).encode(), "01FJA8B4A7", "1634579353"
        signed = hmac.new(SECRET.encode(), body + f".{nonce}.{moment}".encode(), sha256).digest()
        headers = {
            "x-sinch-webhook-signature": b64encode(signed).decode(),
            "x-sinch-webhook-signature-nonce": nonce,
            "x-sinch-webhook-signature-timestamp": moment,
            "x-sinch-webhook-signature-algorithm": "HmacSHA256",
        }
        return Webhook(query_of(url), headers, body, url, AT)

    def forged(self, webhook: Webhook) -> Iterable[Webhook]:
        yield from super().forged(webhook)
        yield replace(webhook, headers={**webhook.headers, "x-sinch-webhook-signature-nonce": "other"})
