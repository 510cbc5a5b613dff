import json
from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlencode

from plivo.utils.signature_v3 import construct_post_url, get_signature_v3

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
    is_sender,
    only,
    query_of,
)

ACCOUNT, TOKEN = "MA" + "0" * 18, "plivo-auth-token"
FIELDS = """src dst text type url method log trackable powerpack_uuid media_urls media_ids message_expiry
 template interactive location dlt_entity_id dlt_template_id dlt_template_category"""
WORDS = {
    State.SENT: ("sent", "000"),
    State.DELIVERED: ("delivered", "000"),
    State.UNDELIVERED: ("undelivered", "80"),
    State.FAILED: ("failed", "200"),
}


def wrong(words: str, status: int = 400) -> Refused:
    return Refused(status, {"api_id": "a", "error": words})


class PlivoFake(Fake):
    kind = "plivo"
    settings: ClassVar = {"auth_id": ACCOUNT, "auth_token": TOKEN}
    refusal = (400, "http-400")

    def serve(self, call: Call) -> tuple[int, bytes]:
        if (call.method, call.path) != ("POST", f"/v1/Account/{ACCOUNT}/Message/"):
            raise wrong("not found", 404)
        if call.headers.get("authorization") != basic(ACCOUNT, TOKEN):
            raise wrong("authentication failed", 401)
        found = call.json()
        only(found, FIELDS, wrong("unknown parameter"))
        media, expiry = found.get("media_urls", []), found.get("message_expiry", 10_800)
        if found["dst"] == BAD_NUMBER or not is_number(found["dst"]):
            raise wrong("dst is not a valid number")
        if ("src" in found) is ("powerpack_uuid" in found) or not is_sender(found.get("src", "1234")):
            raise wrong("src or powerpack_uuid")
        if not isinstance(media, list) or not all(map(is_address, media)) or len(media) > 10:
            raise wrong("media_urls")
        if found.get("type") != ("mms" if media else "sms") or not (found["text"] or media):
            raise wrong("type or text")
        if not isinstance(expiry, int) or not 5 <= expiry <= 10_800:
            raise wrong("message_expiry")
        if not is_address(found["url"]) or found.get("method") not in ("GET", "POST", None):
            raise wrong("url or method")
        callback, message_id = str(found["url"]), self.next_id()
        self.take(
            Taken(
                str(found.get("src", "")),
                str(found["dst"]),
                str(found["text"]),
                tuple(media),
                callback,
                query_of(callback)["a"],
                message_id,
            )
        )
        answer = {"api_id": "a", "message": "message(s) queued", "message_uuid": [message_id]}
        return 202, json.dumps(answer).encode()

    def receipt(self, told: Taken, state: State, event: int = 1) -> Webhook:
        status, code = WORDS[state]
        form = {
            "Status": status,
            "From": told.sender.removeprefix("+"),
            "To": "15550104321",
            "MessageUUID": told.message_id,
            "ParentMessageUUID": told.message_id,
            "PartInfo": "1 of 1",
            "Units": "1",
            "ErrorCode": code,
        }
        return self.signed(told.callback, form)

    def text(self, content: str, event: int = 1) -> Webhook:
        form = {
            "From": "15550104321",
            "To": "15550100000",
            "Text": content,
            "Type": "sms",
            "MessageUUID": f"in{event}",
        }
        return self.signed(f"{self.hooks}/inbound", form)

    def signed(self, url: str, form: dict[str, str], nonce: str = "12345678901234567890") -> Webhook:
        signature = get_signature_v3(TOKEN, construct_post_url(url, form).decode(), nonce).decode()
        headers = {"x-plivo-signature-v3": f"another,{signature}", "x-plivo-signature-v3-nonce": nonce}
        return Webhook(query_of(url), headers, urlencode(form).encode(), url, AT)

    def forged(self, webhook: Webhook) -> Iterable[Webhook]:
        yield from super().forged(webhook)
        yield replace(webhook, url=webhook.url + "0")
        yield replace(webhook, headers={**webhook.headers, "x-plivo-signature-v3-nonce": "1"})
