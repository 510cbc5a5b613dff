"""The adapter for Plivo: text and pictures, from a number or a Powerpack."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

import httpx

from domain.carrier_errors import proofs
from domain.deliveries import State
from domain.outcomes import Outcome
from sender.carriers.answers import proved
from sender.carriers.bodies import code, fields, form, json_of, key, number, pairs, required, text, word
from sender.carriers.protocol import Inbound, Outgoing, Receipt, Webhook
from sender.carriers.signatures import basic, check, digest, same
from sender.wire import JSON, Address

SHORTEST_VALIDITY, LONGEST_VALIDITY = 5, 10_800

_CODES = proofs("plivo")
_STATES = {
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "undelivered": State.UNDELIVERED,
    "failed": State.FAILED,
    "rejected": State.FAILED,
}


class PlivoCarrier:
    """An account; with a Powerpack that chooses the number, or without.

    Its list of messages can't be asked for one person, so an attempt in doubt stays in doubt.
    """

    kind = "plivo"
    repeatable = False
    finder = None
    thanks = ""

    def __init__(self, settings: Mapping[str, str]) -> None:
        account, self._token = settings["auth_id"], settings["auth_token"]
        self._address = Address(
            f"{settings['base_url'].rstrip('/')}/v1/Account/{account}/Message/",
            {"Authorization": basic(account, self._token)},
        )
        self._powerpack = settings.get("powerpack_uuid")

    def request(self, message: Outgoing) -> httpx.Request:
        """POST the message as JSON."""
        content: dict[str, object] = {
            "dst": message.recipient,
            "type": "mms" if message.media else "sms",
            "text": message.text,
            "url": message.callback_url,
            "method": "POST",
        }
        content |= {"powerpack_uuid": self._powerpack} if self._powerpack else {"src": message.sender}
        if message.media:
            content["media_urls"] = list(message.media)
        if message.valid_for is not None:
            content["message_expiry"] = min(max(message.valid_for, SHORTEST_VALIDITY), LONGEST_VALIDITY)
        return self._address.post(json_of(content), JSON)

    def check_request(self) -> httpx.Request:
        """List one message."""
        return self._address.get({"limit": "1"})

    def checked(self, status: int, body: bytes) -> bool:
        """It is listed, or that there is none."""
        return status == 200 and isinstance(fields(body).get("objects"), list)

    def outcome(self, status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
        """202 with one UUID for each person, or an error in words without a code."""
        found = fields(body)
        ids = found.get("message_uuid")
        first = ids[0] if isinstance(ids, list) and ids else None
        return proved(
            status,
            headers,
            message_id=word({"id": first}, "id"),
            detail=text(found, "error") or "",
            codes=_CODES,
        )

    def receipts(self, webhook: Webhook) -> Sequence[Receipt]:
        """One receipt a call, and one call for each part of a long text."""
        found = self._form(webhook)
        message_id, status = required(found, "MessageUUID"), required(found, "Status").lower()
        if status not in _STATES:
            return []
        why = code(found, "ErrorCode")
        return [
            Receipt(
                attempt_id=webhook.query.get("a"),
                carrier_message_id=text(found, "ParentMessageUUID") or message_id,
                state=_STATES[status],
                code="" if why == "000" else why,
                dedupe_key=key(message_id, status, why),
            )
        ]

    def inbound(self, webhook: Webhook) -> Inbound | None:
        """One text a call."""
        found = self._form(webhook)
        return Inbound(
            sender=number(found, "From"),
            recipient=number(found, "To"),
            text=text(found, "Text") or "",
            dedupe_key=required(found, "MessageUUID"),
        )

    def _form(self, webhook: Webhook) -> Mapping[str, str]:
        """The fields of a call that Plivo signed.

        The signed nonce need not be remembered: what is repeated has the same dedupe key.
        """
        nonce = webhook.headers.get("x-plivo-signature-v3-nonce", "")
        ours = digest(self._token, f"{_signed(webhook)}.{nonce}", sha256)
        given = webhook.headers.get("x-plivo-signature-v3", "").split(",")
        check(signed=bool(nonce) and any(same(ours, one.strip()) for one in given))
        return form(webhook.body) if webhook.method == "POST" else webhook.query


def _signed(webhook: Webhook) -> str:
    """The address with its query sorted, and the form's fields sorted behind it."""
    parts = urlsplit(webhook.url)
    query = "&".join(
        f"{name}={value}" for name, value in sorted(parse_qsl(parts.query, keep_blank_values=True))
    )
    told = "".join(name + value for name, value in sorted(pairs(webhook.body)))
    address = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if query:
        return f"{address}?{query}" + (f".{told}" if told else "")
    return f"{address}?{told}" if told else address
