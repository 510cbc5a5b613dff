"""Why a person was, or wasn't, sent to: one line for every state and reason (product.md D13)."""

from domain.audience import Waits, in_words
from domain.carrier_errors import explain
from domain.deliveries import State

TOLD_BY_CARRIER = frozenset({State.FAILED, State.UNDELIVERED, State.UNKNOWN})
"""The states in which the carrier's code says why."""


def why(state: State, reason: str, carrier: str = "", code: str = "", attempts: int = 0) -> str:
    """The answer for one delivery; `reason` as it is stored or in words, `carrier` is the account's kind."""
    said = BEGINNINGS[state] + _because(state, reason, carrier, code)
    return f"{said} ({attempts} attempts)" if attempts > 1 else said


def why_left_out(reason: str) -> str:
    """The answer for somebody of the list who was left out when the audience was fixed."""
    return f"Not sent: {_lower(in_words(reason))}"


def _because(state: State, reason: str, carrier: str, code: str) -> str:
    if state in TOLD_BY_CARRIER and code:
        return _joined(state, explain(carrier, code).title)
    if state in OWN_WORDS:
        return ""
    if reason in (Waits.QUIET_HOURS.value, Waits.QUIET_HOURS.words):
        return _joined(state, AT_NIGHT if state is State.EXPIRED else Waits.QUIET_HOURS.words)
    return _joined(state, in_words(reason) or USUAL.get(state, ""))


def _joined(state: State, words: str) -> str:
    text = words.rstrip(".")
    return f": {_lower(text)}" if text and BEGINNINGS[state] else text


def _lower(words: str) -> str:
    """The words within a sentence; names and abbreviations keep their capitals."""
    first = words.split(" ", 1)[0]
    return words if first[1:] != first[1:].lower() or first in _NAMES else words[:1].lower() + words[1:]


_NAMES = frozenset({"Twilio", "Telnyx", "Vonage", "Plivo", "Bandwidth", "Sinch", "Kannel", "Error"})
AT_NIGHT = "it came up in quiet hours, in which your workspace lets texts expire"
BEGINNINGS = {
    State.QUEUED: "Not sent yet",
    State.SENDING: "Being sent this very moment",
    State.UNKNOWN: "Perhaps sent",
    State.SENT: "Sent: accepted by the carrier, no receipt yet",
    State.NO_RECEIPT: "Sent: the carrier never said what became of it",
    State.DELIVERED: "Sent: confirmed by the carrier",
    State.UNDELIVERED: "Sent, but not delivered",
    State.FAILED: "Not sent",
    State.SKIPPED: "Not sent",
    State.CANCELED: "Not sent",
    State.EXPIRED: "Not sent",
}
OWN_WORDS = frozenset({State.SENDING, State.SENT, State.NO_RECEIPT, State.DELIVERED})
"""States that say all there is to say."""

USUAL = {
    State.QUEUED: "waiting for its turn",
    State.UNKNOWN: "the connection broke while sending",
    State.UNDELIVERED: "the carrier gave no reason",
    State.FAILED: "the carrier gave no reason",
    State.SKIPPED: "left out when its turn came",
    State.CANCELED: "the campaign was stopped",
    State.EXPIRED: "its time passed before it could be sent",
}
"""What is said where neither the carrier nor we noted a reason."""
