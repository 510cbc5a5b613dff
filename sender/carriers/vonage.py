"""The adapter for Vonage: the Messages API (not the older SMS API), text and one picture."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

import httpx

from domain.carrier_errors import proofs
from domain.deliveries import State
from domain.outcomes import Outcome
from sender.carriers.answers import proved
from sender.carriers.bodies import code, fields, json_of, key, member, number, required, text, word
from sender.carriers.protocol import Inbound, Outgoing, Receipt, Webhook
from sender.carriers.signatures import basic, check, check_moment, digest, same, unpacked
from sender.wire import JSON, Address

SHORTEST_VALIDITY, LONGEST_VALIDITY = 300, 259_200

_CODES = proofs("vonage")
_STATES = {
    "delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "undeliverable": State.UNDELIVERED,
    "rejected": State.FAILED,
}


class VonageCarrier:
    """An account, and the secret that its webhooks are signed with."""

    kind = "vonage"
    repeatable = False
    finder = None
    thanks = ""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._address = Address(
            settings["base_url"].rstrip("/") + "/v1/messages",
            {"Authorization": basic(settings["api_key"], settings["api_secret"])},
        )
        self._secret = settings["signature_secret"]
        self._ours = {"api_key": settings["api_key"], "application_id": settings.get("application_id")}

    def request(self, message: Outgoing) -> httpx.Request:
        """POST the message as JSON; numbers without their +."""
        content: dict[str, object] = {
            "channel": "mms" if message.media else "sms",
            "message_type": "image" if message.media else "text",
            "from": message.sender.removeprefix("+"),
            "to": message.recipient.removeprefix("+"),
            "client_ref": message.attempt_id,
            "webhook_url": message.callback_url,
            "webhook_version": "v1",
        }
        if message.media:
            caption = {"caption": message.text} if message.text else {}
            content["image"] = {"url": message.media[0], **caption}
        else:
            content["text"] = message.text
        if message.valid_for is not None:
            content["ttl"] = min(max(message.valid_for, SHORTEST_VALIDITY), LONGEST_VALIDITY)
        return self._address.post(json_of(content), JSON)

    def check_request(self) -> httpx.Request:
        """POST a message without anything in it, which can't be sent to anybody."""
        return self._address.post(b"{}", JSON)

    def checked(self, status: int, body: bytes) -> bool:
        """What is missing is told to those only who may send."""
        return status in (400, 422)

    def outcome(self, status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
        """202 with a UUID, or a problem document whose type ends with a code."""
        found = fields(body)
        return proved(
            status,
            headers,
            message_id=word(found, "message_uuid"),
            code=_code(found),
            detail=text(found, "detail") or text(found, "title") or "",
            codes=_CODES,
        )

    def receipts(self, webhook: Webhook) -> Sequence[Receipt]:
        """One receipt a call; “submitted” says nothing new."""
        self._check(webhook)
        found = fields(webhook.body)
        message_id, status = required(found, "message_uuid"), required(found, "status")
        if status not in _STATES:
            return []
        why = _code(member(found, "error"))
        return [
            Receipt(
                attempt_id=word(found, "client_ref") or webhook.query.get("a"),  # the address is not signed
                carrier_message_id=message_id,
                state=_STATES[status],
                code=why,
                dedupe_key=key(message_id, status, why),
            )
        ]

    def inbound(self, webhook: Webhook) -> Inbound | None:
        """One text a call; a picture comes without its text, so as an empty one."""
        self._check(webhook)
        found = fields(webhook.body)
        return Inbound(
            sender=number(found, "from"),
            recipient=number(found, "to"),
            text=text(found, "text") or "",
            dedupe_key=required(found, "message_uuid"),
        )

    def _check(self, webhook: Webhook) -> None:
        """A JWT signed with our secret, made for this body, for this account, in the last minutes."""
        scheme, _, token = webhook.headers.get("authorization", "").partition(" ")
        signed, _, signature = token.rpartition(".")
        head, _, claims = signed.partition(".")
        check(
            signed=scheme.lower() == "bearer" and fields(unpacked(head, urlsafe=True)).get("alg") == "HS256"
        )
        ours = digest(self._secret, signed, sha256)
        check(signed=same(unpacked(ours), unpacked(signature, urlsafe=True)))
        told = fields(unpacked(claims, urlsafe=True))
        check_moment(code(told, "iat"), webhook.at)
        check(signed=same(sha256(webhook.body).hexdigest(), text(told, "payload_hash") or ""))
        for name, value in self._ours.items():
            check(signed=value is None or name not in told or told[name] == value)


def _code(found: Mapping[str, object]) -> str:
    """The last part of a problem's type, such as “…/messages#1050”; of old the title was the code."""
    ending = (text(found, "type") or "").rpartition("#")[2][:64]
    return ending or code(found, "title")
