"""What a carrier's error code means: in words for people, and for what happens next.

A code that is in no table still gets shown, with general advice.
"""

from functools import cache

from domain.carrier_codes import bandwidth, kannel, plivo, sandbox, sinch, statuses, telnyx, twilio, vonage
from domain.carrier_codes.words import UNKNOWN_ADVICE, ErrorWords, Kind
from domain.outcomes import Proof

__all__ = ["TABLES", "ErrorWords", "Kind", "explain", "proofs", "why_blocked"]

TABLES = {
    "sandbox": sandbox.CODES,
    "twilio": twilio.CODES,
    "telnyx": telnyx.CODES,
    "vonage": vonage.CODES,
    "plivo": plivo.CODES,
    "bandwidth": bandwidth.CODES,
    "sinch": sinch.CODES,
    "kannel": kannel.CODES,
}
"""The words by kind of carrier and by code."""


def explain(kind_of_carrier: str, code: str) -> ErrorWords:
    """Give the words for a carrier's error code; a code that is not in the table is named as it is."""
    if words := TABLES.get(kind_of_carrier, {}).get(code) or statuses.CODES.get(code):
        return words
    return ErrorWords(f"Error {code}" if code else "Unknown error", UNKNOWN_ADVICE, Kind.UNKNOWN)


@cache
def proofs(kind_of_carrier: str) -> dict[str, Proof]:
    """What each known code proves when an answer has it, where it says more than the answer's status.

    Trouble on the carrier's side says no more: the message may have been taken all the same.
    """
    found = {code: _proof(words) for code, words in TABLES[kind_of_carrier].items()}
    return {code: proof for code, proof in found.items() if proof}


def why_blocked(kind_of_carrier: str, code: str, detail: str = "") -> str:
    """What people read about a line that the carrier refuses to send for: what happened, what to do."""
    words = explain(kind_of_carrier, code)
    if words.kind is not Kind.UNKNOWN:
        return f"{words.title}. {words.advice}"
    return f"The carrier refused everything from this line: {detail or code}."


def _proof(words: ErrorWords) -> Proof | None:
    if words.blocks:
        return Proof.LINE_BLOCKED
    if words.kind is Kind.TOO_FAST:
        return Proof.TOO_FAST
    return None if words.kind in (Kind.CARRIER, Kind.UNKNOWN) else Proof.REFUSED
