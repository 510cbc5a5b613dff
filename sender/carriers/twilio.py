"""The adapter for Twilio: Programmable Messaging, from a number or a Messaging Service, text and pictures."""

from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from hashlib import sha1, sha256
from urllib.parse import urlencode, urlsplit

import httpx

from domain.carrier_errors import proofs
from domain.deliveries import State
from domain.keywords import Kind as Keyword
from domain.outcomes import Outcome, Proof
from sender.carriers.answers import proved
from sender.carriers.bodies import code, fields, form, key, members, pairs, required, text, word
from sender.carriers.protocol import Certainty, Inbound, InDoubt, Outgoing, Receipt, Sighting, Webhook
from sender.carriers.signatures import basic, check, digest, same
from sender.wire import FORM, Address

OVERRIDES = "#rc=5&rp=ct,rt,5xx"
"""How often, and after what, Twilio repeats a receipt that we could not take."""

LONGEST_VALIDITY = 36_000
LISTED = 100

_CODES = {**proofs("twilio"), "20503": Proof.NOT_SENT}  # "not available" is documented as safe to repeat
_STATES = {
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "partially_delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "undelivered": State.UNDELIVERED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}
_TOLD = {"STOP": Keyword.STOP, "START": Keyword.START, "HELP": Keyword.HELP}


class TwilioCarrier:
    """An account; with a Messaging Service that chooses the number, or without."""

    kind = "twilio"
    repeatable = False
    thanks = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._token = settings["auth_token"]
        self._service = settings.get("messaging_service_sid")
        account = settings["account_sid"]
        self._address = Address(
            f"{settings['base_url'].rstrip('/')}/2010-04-01/Accounts/{account}/Messages.json",
            {"Authorization": basic(account, self._token)},
        )
        self.finder = TwilioFinder(self._address, asks_for_sender=not self._service)

    def request(self, message: Outgoing) -> httpx.Request:
        """POST the message as a form."""
        content = [("To", message.recipient)]
        content.append(("MessagingServiceSid", self._service) if self._service else ("From", message.sender))
        if message.text or not message.media:
            content.append(("Body", message.text))
        content += [("MediaUrl", url) for url in message.media]
        content.append(("StatusCallback", message.callback_url + OVERRIDES))
        if message.valid_for is not None:
            content.append(("ValidityPeriod", str(min(message.valid_for, LONGEST_VALIDITY))))
        return self._address.post(urlencode(content).encode(), FORM)

    def check_request(self) -> httpx.Request:
        """List one message."""
        return self._address.get({"PageSize": "1"})

    def checked(self, status: int, body: bytes) -> bool:
        """It is listed, or that there is none."""
        return status == 200 and isinstance(fields(body).get("messages"), list)

    def outcome(self, status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
        """201 with a SID, or an error with a code."""
        found = fields(body)
        return proved(
            status,
            headers,
            message_id=word(found, "sid"),
            code=code(found, "code"),
            detail=text(found, "message") or "",
            codes=_CODES,
        )

    def receipts(self, webhook: Webhook) -> Sequence[Receipt]:
        """One receipt a call; words before the message left Twilio say nothing."""
        self._check(webhook)
        found = form(webhook.body)
        sid, status = required(found, "MessageSid"), required(found, "MessageStatus")
        if status not in _STATES:
            return []
        why = code(found, "ErrorCode")
        return [Receipt(webhook.query.get("a"), sid, _STATES[status], why, dedupe_key=key(sid, status, why))]

    def inbound(self, webhook: Webhook) -> Inbound | None:
        """One text a call."""
        self._check(webhook)
        found = form(webhook.body)
        return Inbound(
            sender=required(found, "From"),
            recipient=required(found, "To"),
            text=text(found, "Body") or "",
            dedupe_key=required(found, "MessageSid"),
            told=_TOLD.get(found.get("OptOutType", "")),
        )

    def _check(self, webhook: Webhook) -> None:
        """X-Twilio-Signature: over the address and the form, or a form's stead, the body's hash in it."""
        given = webhook.headers.get("x-twilio-signature", "")
        hashed = webhook.query.get("bodySHA256")
        if hashed is not None:
            check(signed=same(sha256(webhook.body).hexdigest(), hashed.lower()))
        fields_ = [] if hashed is not None else pairs(webhook.body)
        told = "".join(name + value for name, value in sorted(set(fields_)))
        urls = [url + overrides for url in _ports(webhook.url) for overrides in ("", OVERRIDES)]
        check(signed=any(same(digest(self._token, url + told, sha1), given) for url in urls))


def _ports(url: str) -> tuple[str, str]:
    """The address without and with its port: Twilio signs either, and is not clear about the overrides."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].partition(":")[0]
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 443)
    return parts._replace(netloc=host).geturl(), parts._replace(netloc=f"{host}:{port}").geturl()


class TwilioFinder:
    """Looks through what was sent to the person: Twilio knows nothing of our attempt ids."""

    certainty = Certainty.WEAK

    def __init__(self, address: Address, *, asks_for_sender: bool) -> None:
        self._address, self._asks_for_sender = address, asks_for_sender

    def request(self, doubt: InDoubt) -> httpx.Request:
        """List the newest messages to the person.

        Not by DateSent: what still waits at Twilio has none, would be missed, and sent again.
        """
        query = {"To": doubt.recipient, "PageSize": str(LISTED)}
        if self._asks_for_sender:
            query["From"] = doubt.sender
        return self._address.get(query)

    def sightings(
        self, doubt: InDoubt, status: int, headers: Mapping[str, str], body: bytes
    ) -> Sequence[Sighting] | None:
        """Those with the same text that were made in the time; None when the page may not reach back."""
        found = fields(body)
        if status != 200 or not isinstance(found.get("messages"), list):
            return None
        listed = [(_made(one), one) for one in members(found["messages"])]
        if any(word(one, "sid") is None for _made_at, one in listed):
            return None
        if found.get("next_page_uri") and all(made >= doubt.since.timestamp() for made, _one in listed):
            return None
        return [
            Sighting(
                required(one, "sid"), _STATES.get(str(one.get("status")), State.SENT), code(one, "error_code")
            )
            for made, one in listed
            if doubt.since.timestamp() <= made <= doubt.until.timestamp()
            and one.get("direction") != "inbound"
            and (text(one, "body") or "").endswith(doubt.text)  # a trial account puts words in front
        ]


def _made(found: Mapping[str, object]) -> float:
    try:
        return parsedate_to_datetime(str(found.get("date_created"))).timestamp()
    except (ValueError, TypeError, OverflowError):
        return 0.0
