"""The adapter for Sinch: the SMS API's batches, one person each, text and one picture."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from hashlib import sha256

import httpx

from domain.carrier_errors import proofs
from domain.deliveries import State
from domain.outcomes import Outcome
from sender.carriers.answers import proved
from sender.carriers.bodies import code, fields, json_of, key, members, number, required, text, word
from sender.carriers.protocol import Certainty, Inbound, InDoubt, Outgoing, Receipt, Sighting, Webhook
from sender.carriers.signatures import check, digest, same
from sender.wire import JSON, Address

LONGEST_VALIDITY = 3 * 24 * 3600
"""Seconds; what may take longer is left to Sinch, which gives up then."""

_CODES = proofs("sinch")
_STATES = {
    "Dispatched": State.SENT,
    "Delivered": State.DELIVERED,
    "Failed": State.UNDELIVERED,
    "Expired": State.UNDELIVERED,
    "Deleted": State.UNDELIVERED,
    "Rejected": State.FAILED,
    "Aborted": State.FAILED,
    "Cancelled": State.FAILED,
}
_REPORTS = ("recipient_delivery_report_sms", "recipient_delivery_report_mms")
_TEXTS = ("mo_text", "mo_media")


class SinchCarrier:
    """A service plan; with the secret that its callbacks are signed with, or without."""

    kind = "sinch"
    repeatable = False
    thanks = ""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._address = Address(
            f"{settings['base_url'].rstrip('/')}/xms/v1/{settings['service_plan_id']}/batches",
            {"Authorization": f"Bearer {settings['api_token']}"},
        )
        self._secret = settings.get("webhook_secret")
        self.finder = SinchFinder(self._address)

    def request(self, message: Outgoing) -> httpx.Request:
        """POST a batch for one person as JSON; numbers without their +."""
        content: dict[str, object] = {
            "from": message.sender.removeprefix("+"),
            "to": [message.recipient.removeprefix("+")],
            "type": "mt_text",
            "body": message.text,
            "delivery_report": "per_recipient",
            "callback_url": message.callback_url,
            "client_reference": message.attempt_id,
        }
        if message.media:
            words = {"message": message.text} if message.text else {}
            content |= {"type": "mt_media", "body": {"url": message.media[0], **words}}
        if message.expires_at is not None and (message.valid_for or 0) < LONGEST_VALIDITY:
            content["expire_at"] = f"{message.expires_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
        return self._address.post(json_of(content), JSON)

    def check_request(self) -> httpx.Request:
        """List one batch."""
        return self._address.get({"page_size": "1"})

    def checked(self, status: int, body: bytes) -> bool:
        """It is listed, or that there is none."""
        return status == 200 and isinstance(fields(body).get("batches"), list)

    def outcome(self, status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
        """201 with the batch's id, or an error with a code in words."""
        found = fields(body)
        return proved(
            status,
            headers,
            message_id=word(found, "id"),
            code=code(found, "code"),
            detail=text(found, "text") or "",
            codes=_CODES,
        )

    def receipts(self, webhook: Webhook) -> Sequence[Receipt]:
        """One receipt a call; words before the message left Sinch, and other reports, say nothing."""
        self._check(webhook)
        found = fields(webhook.body)
        if required(found, "type") not in _REPORTS:
            return []
        message_id, status = required(found, "batch_id"), required(found, "status")
        state, why = _STATES.get(status), code(found, "code")
        if state is None:
            return []
        if status == "Deleted":
            why = "deleted"
        return [
            Receipt(
                attempt_id=word(found, "client_reference") or webhook.query.get("a"),
                carrier_message_id=message_id,
                state=state,
                code="" if state in (State.SENT, State.DELIVERED) else why,
                dedupe_key=key(message_id, text(found, "recipient") or "", status, why),
            )
        ]

    def inbound(self, webhook: Webhook) -> Inbound | None:
        """One text a call; other callbacks hold none."""
        self._check(webhook)
        found = fields(webhook.body)
        if required(found, "type") not in _TEXTS:
            return None
        return Inbound(
            sender=number(found, "from"),
            recipient=number(found, "to"),
            text=text(found, "body") or "",
            dedupe_key=required(found, "id"),
        )

    def _check(self, webhook: Webhook) -> None:
        """An HMAC over body, nonce and timestamp, where Sinch was asked to sign.

        The signed moment is not checked: what is repeated has the same dedupe key.
        """
        if self._secret is None:
            return
        head = "x-sinch-webhook-signature"
        behind = f".{webhook.headers.get(head + '-nonce', '')}.{webhook.headers.get(head + '-timestamp', '')}"
        ours = digest(self._secret, webhook.body + behind.encode(), sha256)
        check(signed=same(ours, webhook.headers.get(head, "")))


class SinchFinder:
    """Asks for the batch with our attempt id as its reference."""

    certainty = Certainty.EXACT

    def __init__(self, address: Address) -> None:
        self._address = address

    def request(self, doubt: InDoubt) -> httpx.Request:
        """List the batches with the reference."""
        query = {
            "client_reference": doubt.attempt_id,
            "start_date": f"{doubt.since.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}",
        }
        return self._address.get(query)

    def sightings(
        self, doubt: InDoubt, status: int, headers: Mapping[str, str], body: bytes
    ) -> Sequence[Sighting] | None:
        """The batches that are the attempt."""
        found = fields(body)
        if status != 200 or not isinstance(found.get("batches"), list):
            return None
        listed = members(found["batches"])
        if any(one.get("client_reference") != doubt.attempt_id or word(one, "id") is None for one in listed):
            return None  # the filter was not understood
        return [Sighting(required(one, "id"), State.SENT) for one in listed]
