"""The adapter for the sandbox, the carrier that this program brings along. Copy it to add a carrier."""

from collections.abc import Mapping, Sequence

import httpx

from domain.deliveries import State
from domain.outcomes import Outcome
from sender.carriers.answers import proved
from sender.carriers.bodies import fields, json_of, required, text, word
from sender.carriers.protocol import BadWebhook, Inbound, Outgoing, Receipt, Webhook
from sender.wire import JSON, Address

_STATES = {"delivered": State.DELIVERED, "undelivered": State.UNDELIVERED}


class SandboxCarrier:
    """A sandbox account: where it listens and how long its receipts take at most (seconds)."""

    kind = "sandbox"
    thanks = ""
    repeatable = False
    finder = None

    def __init__(self, base_url: str, delay_seconds: float | None = None) -> None:
        self._address = Address(base_url.rstrip("/") + "/messages")
        self._extra = {} if delay_seconds is None else {"delay_seconds": delay_seconds}

    def request(self, message: Outgoing) -> httpx.Request:
        """POST the message as JSON."""
        content = {
            "from": message.sender,
            "to": message.recipient,
            "text": message.text,
            "media": message.media,
            "callback": message.callback_url,
            **self._extra,
        }
        return self._address.post(json_of(content), JSON)

    def check_request(self) -> httpx.Request:
        """GET where messages are posted."""
        return self._address.get()

    def checked(self, status: int, body: bytes) -> bool:
        """The sandbox says that messages are posted."""
        return status == 405 and word(fields(body), "code") == "wrong_method"

    def outcome(self, status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
        """202 with an id, or an error with a code."""
        found = fields(body)
        return proved(
            status,
            headers,
            message_id=word(found, "id"),
            code=word(found, "code") or "",
            detail=text(found, "message") or "",
        )

    def receipts(self, webhook: Webhook) -> Sequence[Receipt]:
        """One receipt a call."""
        found = fields(webhook.body)
        state = _STATES.get(required(found, "status"))
        if state is None:
            raise BadWebhook("The status is neither “delivered” nor “undelivered”.")
        return [
            Receipt(
                attempt_id=webhook.query.get("a"),
                carrier_message_id=required(found, "id"),
                state=state,
                code=word(found, "code") or "",
                dedupe_key=required(found, "event_id"),
            )
        ]

    def inbound(self, webhook: Webhook) -> Inbound | None:
        """One text a call."""
        found = fields(webhook.body)
        return Inbound(
            sender=required(found, "from"),
            recipient=required(found, "to"),
            text=text(found, "text") or "",
            dedupe_key=required(found, "event_id"),
        )
