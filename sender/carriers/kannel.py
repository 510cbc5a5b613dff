"""The adapter for Kannel: one's own gateway, with an SMSC, a bank of SIM cards or SMPP behind it."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, quote_from_bytes, urlsplit

import httpx

from domain import segments
from domain.carrier_errors import proofs
from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from domain.texts import storable
from sender.carriers.answers import proved
from sender.carriers.bodies import key, number, required
from sender.carriers.protocol import BadWebhook, Inbound, Outgoing, Receipt, Webhook

DLR_MASK = 27
"""Receipts that we want: delivered 1, not delivered 2, taken by the SMSC 8, rejected by it 16."""

_CODES = {**proofs("kannel"), "not_routable": Proof.NOT_SENT, "try_later": Proof.NOT_SENT}
_STATES = {
    "1": State.DELIVERED,
    "2": State.UNDELIVERED,
    "4": State.SENT,
    "8": State.SENT,
    "16": State.FAILED,
}
_SAID = {
    "Not routable": "not_routable",
    "Authorization failed": "not_authorized",
    "Temporal failure": "try_later",
}
_UNICODE = "2"


class KannelCarrier:
    """A user of a Kannel's sendsms. It gives no message id, so ours rides in the receipt's address.

    It signs nothing either: what protects its calls is the secret part of the webhooks' path.
    """

    kind = "kannel"
    repeatable = False
    finder = None
    thanks = ""

    def __init__(self, settings: Mapping[str, str]) -> None:
        base = settings["base_url"].rstrip("/")
        self._url = base if base.endswith("/sendsms") else f"{base}/cgi-bin/sendsms"
        self._account = {"username": settings["username"], "password": settings["password"]}
        if "smsc" in settings:
            self._account["smsc"] = settings["smsc"]

    def request(self, message: Outgoing) -> httpx.Request:
        """GET with all in the query."""
        query: dict[str, str | bytes] = {
            **self._account,
            "from": message.sender,
            "to": message.recipient,
            "dlr-mask": str(DLR_MASK),
            "dlr-url": message.callback_url + "&d=%d&f=%F&r=%A",
        }
        query |= _written(message.text)
        if message.valid_for is not None:
            query["validity"] = str(max(1, message.valid_for // 60))
        pairs = "&".join(f"{name}={_quoted(value)}" for name, value in query.items())
        return httpx.Request("GET", f"{self._url}?{pairs}")

    def check_request(self) -> httpx.Request:
        """Ask to send to nobody."""
        pairs = "&".join(f"{name}={_quoted(value)}" for name, value in self._account.items())
        return httpx.Request("GET", f"{self._url}?{pairs}")

    def checked(self, status: int, body: bytes) -> bool:
        """Kannel knows the user, and misses the receiver."""
        return status == 400

    def outcome(self, status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Any 2xx is an acceptance; Kannel gives no id."""
        said = storable(body[:200].decode("utf-8", "replace")).strip()
        if 200 <= status < 300:
            return Outcome(Proof.ACCEPTED)
        found = next((known for words, known in _SAID.items() if said.startswith(words)), "")
        return proved(status, headers, code=found, detail=said, codes=_CODES)

    def receipts(self, webhook: Webhook) -> Sequence[Receipt]:
        """One receipt a call. That there was no way out we know from the answer, and it is tried again."""
        attempt, kind = required(webhook.query, "a"), required(webhook.query, "d")
        if kind not in _STATES:
            raise BadWebhook("The kind of receipt is not one of Kannel's.")
        said = webhook.query.get("r", "")
        if kind == "16" and "no SMSC" in said:
            return []
        foreign = storable(webhook.query.get("f", ""))[:64]
        return [
            Receipt(
                attempt_id=attempt,
                carrier_message_id=foreign or None,
                state=_STATES[kind],
                code=_code(kind, said),
                dedupe_key=key(attempt, kind, foreign, said),
            )
        ]

    def inbound(self, webhook: Webhook) -> Inbound | None:
        """One text a call; its bytes are UTF-16 for coding 2."""
        return Inbound(
            sender=number(webhook.query, "from"),
            recipient=required(webhook.query, "to"),
            text=_text(webhook),
            dedupe_key=required(webhook.query, "id"),
        )


def _written(text: str) -> dict[str, str | bytes]:
    """GSM-7 as UTF-8 with its charset; all else as UTF-16 without: some builds can't convert to it."""
    if segments.count(text).encoding is segments.Encoding.GSM7:
        return {"charset": "UTF-8", "coding": "0", "text": text}
    return {"coding": _UNICODE, "text": text.encode("utf-16-be", "surrogatepass")}


def _quoted(value: str | bytes) -> str:
    return quote_from_bytes(value.encode() if isinstance(value, str) else value, safe="")


def _text(webhook: Webhook) -> str:
    """The text, from the query's own bytes."""
    query = dict(parse_qsl(urlsplit(webhook.url).query, keep_blank_values=True, encoding="latin-1"))
    raw = query.get("text", "").encode("latin-1")
    charset = "utf-16-be" if query.get("coding") == _UNICODE else "utf-8"
    return storable(raw.decode(charset, "replace"))


def _code(kind: str, said: str) -> str:
    """Why not: an SMPP status, the state of an SMPP receipt, or just that it was not."""
    if kind not in ("2", "16"):
        return ""
    status = re.search("0x[0-9a-f]{8}", said.lower())
    state = re.search("stat:[A-Z]{5,7}", said)
    found = status or state
    return found[0] if found else {"2": "undelivered", "16": "rejected"}[kind]
