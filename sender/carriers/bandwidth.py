"""The adapter for Bandwidth: Messaging v2, text and pictures."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import httpx

from domain.carrier_errors import proofs
from domain.deliveries import State
from domain.outcomes import Outcome
from sender.carriers.answers import proved
from sender.carriers.bodies import (
    code,
    fields,
    json_of,
    key,
    member,
    members,
    number,
    objects,
    required,
    text,
    word,
)
from sender.carriers.protocol import (
    BadWebhook,
    Certainty,
    Inbound,
    InDoubt,
    Outgoing,
    Receipt,
    Sighting,
    Webhook,
)
from sender.carriers.signatures import basic, check, same
from sender.wire import JSON, Address

LISTED = 100

_CODES = proofs("bandwidth")
_STATES = {
    "message-sent": State.SENT,
    "message-delivered": State.DELIVERED,
    "message-failed": State.UNDELIVERED,
}
_LISTED_STATES = {
    "DELIVERED": State.DELIVERED,
    "UNDELIVERED": State.UNDELIVERED,
    "FAILED": State.FAILED,
}


class BandwidthCarrier:
    """An account, and the name and password that its callbacks come with."""

    kind = "bandwidth"
    repeatable = False
    thanks = ""

    def __init__(self, settings: Mapping[str, str]) -> None:
        account = settings["account_id"]
        self._application = settings["application_id"]
        self._address = Address(
            f"{settings['base_url'].rstrip('/')}/api/v2/users/{account}/messages",
            {"Authorization": basic(settings["username"], settings["password"])},
        )
        self._caller = basic(settings["callback_username"], settings["callback_password"])
        self.finder = BandwidthFinder(self._address)

    def request(self, message: Outgoing) -> httpx.Request:
        """POST the message as JSON. Receipts go to the application's address; our id rides in the tag."""
        content: dict[str, object] = {
            "applicationId": self._application,
            "from": message.sender,
            "to": [message.recipient],
            "tag": message.attempt_id,
        }
        if message.text or not message.media:
            content["text"] = message.text
        if message.media:
            content["media"] = list(message.media)
        if message.expires_at is not None:
            content["expiration"] = _written(message.expires_at)
        return self._address.post(json_of(content), JSON)

    def check_request(self) -> httpx.Request:
        """List one message that went out."""
        query = {"messageDirection": "OUTBOUND", "limit": "1"}
        return self._address.get(query)

    def checked(self, status: int, body: bytes) -> bool:
        """It is listed, or that more must be named; a stranger gets neither."""
        return status in (200, 400)

    def outcome(self, status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
        """202 with an id, or an error with a type."""
        found = fields(body)
        return proved(
            status,
            headers,
            message_id=word(found, "id"),
            code=word(found, "type") or "",
            detail=text(found, "description") or "",
            codes=_CODES,
        )

    def receipts(self, webhook: Webhook) -> Sequence[Receipt]:
        """Any number in a call; “sending” says nothing new."""
        return [_receipt(event) for event in self._events(webhook) if event.get("type") in _STATES]

    def inbound(self, webhook: Webhook) -> Inbound | None:
        """One text a call; other events hold none."""
        [event] = self._events(webhook)[:1]
        if event.get("type") != "message-received":
            return None
        message = member(event, "message")
        return Inbound(
            sender=number(message, "from"),
            recipient=number(event, "to"),
            text=text(message, "text") or "",
            dedupe_key=required(message, "id"),
        )

    def _events(self, webhook: Webhook) -> Sequence[Mapping[str, object]]:
        check(signed=same(self._caller, webhook.headers.get("authorization", "")))
        found = objects(webhook.body)
        if not found:
            raise BadWebhook("A list of events is missing.")
        return found


def _receipt(event: Mapping[str, object]) -> Receipt:
    message, why = member(event, "message"), code(event, "errorCode")
    message_id, kind = required(message, "id"), required(event, "type")
    return Receipt(
        attempt_id=word(message, "tag"),
        carrier_message_id=message_id,
        state=_STATES[kind],
        code=why,
        dedupe_key=key(message_id, kind, why, text(event, "to") or ""),
    )


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class BandwidthFinder:
    """Looks through what was sent to the person. The list has neither our tag nor the text."""

    certainty = Certainty.WEAK

    def __init__(self, address: Address) -> None:
        self._address = address

    def request(self, doubt: InDoubt) -> httpx.Request:
        """List the messages between the two numbers in the time."""
        query = {
            "sourceTn": doubt.sender,
            "destinationTn": doubt.recipient,
            "messageDirection": "OUTBOUND",
            "fromDateTime": f"{doubt.since.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}",
            "toDateTime": f"{doubt.until.astimezone(UTC) + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S.000Z}",
            "limit": str(LISTED),
        }
        return self._address.get(query)

    def sightings(
        self, doubt: InDoubt, status: int, headers: Mapping[str, str], body: bytes
    ) -> Sequence[Sighting] | None:
        """All that are listed; None when there are more than fit a page."""
        found = fields(body)
        listed = members(found.get("messages"))
        if status != 200 or not isinstance(found.get("messages"), list) or len(listed) >= LISTED:
            return None
        if any(word(one, "messageId") is None for one in listed):
            return None
        return [
            Sighting(
                required(one, "messageId"),
                _LISTED_STATES.get(str(one.get("messageStatus")), State.SENT),
                code(one, "errorCode"),
            )
            for one in listed
        ]
