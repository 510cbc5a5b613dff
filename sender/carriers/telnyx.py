"""The adapter for Telnyx: Messaging v2. It knows our attempts by an Idempotency-Key, so doubt is resolved."""

from collections.abc import Mapping, Sequence

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.carrier_errors import proofs
from domain.carrier_settings import BadSetting
from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from sender.carriers.answers import proved
from sender.carriers.bodies import code, fields, json_of, member, members, number, required, text, word
from sender.carriers.protocol import BadSignature, BadWebhook, Inbound, Outgoing, Receipt, Webhook
from sender.carriers.signatures import check_moment, unpacked
from sender.wire import JSON, Address

_CODES = proofs("telnyx")
_STATES = {
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "delivery_unconfirmed": State.SENT,  # the network never said
    "delivery_failed": State.UNDELIVERED,
    "sending_failed": State.FAILED,
}
_STILL_UNDER_WAY = 409


class TelnyxCarrier:
    """An account, and the key that its webhooks are signed with."""

    kind = "telnyx"
    repeatable = True
    finder = None
    thanks = ""

    def __init__(self, settings: Mapping[str, str]) -> None:
        base, signed_in = settings["base_url"].rstrip("/"), {"Authorization": f"Bearer {settings['api_key']}"}
        self._address = Address(f"{base}/v2/messages", signed_in)
        self._profiles = Address(f"{base}/v2/messaging_profiles", signed_in)
        self._profile = settings.get("messaging_profile_id")
        try:
            self._key = Ed25519PublicKey.from_public_bytes(unpacked(settings["public_key"]))
        except (BadSignature, ValueError):
            raise BadSetting(
                "The setting “Public key” (public_key) is not a public key.", "public_key"
            ) from None

    def request(self, message: Outgoing) -> httpx.Request:
        """POST the message as JSON. Repeated for the same attempt it is the same to the byte, as it must be.

        Telnyx has no setting for how long a message is valid.
        """
        content: dict[str, object] = {
            "from": message.sender,
            "to": message.recipient,
            "webhook_url": message.callback_url,
            "use_profile_webhooks": False,
        }
        if message.text or not message.media:
            content["text"] = message.text
        if message.media:
            content |= {"type": "MMS", "media_urls": list(message.media)}
        if self._profile:
            content["messaging_profile_id"] = self._profile
        return self._address.post(json_of(content), JSON, ("Idempotency-Key", message.attempt_id))

    def check_request(self) -> httpx.Request:
        """List one messaging profile."""
        return self._profiles.get({"page[size]": "1"})

    def checked(self, status: int, body: bytes) -> bool:
        """It is listed, or that there is none."""
        return status == 200 and isinstance(fields(body).get("data"), list)

    def outcome(self, status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
        """200 with an id, or a list of errors with codes."""
        found = fields(body)
        errors = members(found.get("errors"))
        error = errors[0] if errors else {}
        why, told = code(error, "code"), text(error, "detail") or text(error, "title") or ""
        if status == _STILL_UNDER_WAY:
            return Outcome(Proof.AMBIGUOUS, code=why, detail=told[:200])
        message_id = word(member(found, "data"), "id")
        return proved(status, headers, message_id=message_id, code=why, detail=told, codes=_CODES)

    def receipts(self, webhook: Webhook) -> Sequence[Receipt]:
        """One receipt a call; words before the message left Telnyx say nothing."""
        event = self._event(webhook)
        payload = member(event, "payload")
        told = members(payload.get("to"))
        if not told:
            raise BadWebhook("The receipt names nobody.")
        state = _STATES.get(required(told[0], "status"))
        if state is None:
            return []
        errors = members(payload.get("errors"))
        return [
            Receipt(
                attempt_id=webhook.query.get("a"),
                carrier_message_id=required(payload, "id"),
                state=state,
                code=code(errors[0], "code") if errors else "",
                dedupe_key=required(event, "id"),
            )
        ]

    def inbound(self, webhook: Webhook) -> Inbound | None:
        """A text that was received; other events hold none."""
        event = self._event(webhook)
        if required(event, "event_type") != "message.received":
            return None
        payload = member(event, "payload")
        told = members(payload.get("to"))
        return Inbound(
            sender=number(member(payload, "from"), "phone_number"),
            recipient=number(told[0] if told else {}, "phone_number"),
            text=text(payload, "text") or "",
            dedupe_key=required(payload, "id"),
        )

    def _event(self, webhook: Webhook) -> Mapping[str, object]:
        """The event of a call that Telnyx signed within the last minutes."""
        moment = webhook.headers.get("telnyx-timestamp", "")
        given = unpacked(webhook.headers.get("telnyx-signature-ed25519", ""))
        try:
            self._key.verify(given, moment.encode() + b"|" + webhook.body)
        except InvalidSignature:
            raise BadSignature from None
        check_moment(moment, webhook.at)
        return member(fields(webhook.body), "data")
