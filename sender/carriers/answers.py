"""What an HTTP answer proves, where a carrier's own codes do not say more."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from domain.outcomes import Outcome, Proof

LONGEST_WAIT = 3600.0
"""Seconds; a carrier that asks for more is asked again after this."""

_BY_STATUS = {
    301: Proof.LINE_BLOCKED,  # the account's address is wrong, and nothing was processed there
    307: Proof.LINE_BLOCKED,
    308: Proof.LINE_BLOCKED,
    401: Proof.LINE_BLOCKED,
    402: Proof.LINE_BLOCKED,  # no balance
    403: Proof.LINE_BLOCKED,
    408: Proof.AMBIGUOUS,  # proxies send it for a carrier that was too slow
    429: Proof.TOO_FAST,
}

_NO_CODES: Mapping[str, Proof] = {}


def proved(
    status: int,
    headers: Mapping[str, str],
    *,
    message_id: str | None = None,
    code: str = "",
    detail: str = "",
    codes: Mapping[str, Proof] = _NO_CODES,
) -> Outcome:
    """The outcome of an answer with `status`.

    `message_id`, `code` and `detail` are what the adapter found in the body; `codes` are the carrier's own
    codes that prove something other than the status does. An answer that accepts without naming the message
    is not understood, so ambiguous.
    """
    if 200 <= status < 300 and message_id and code not in codes:
        return Outcome(Proof.ACCEPTED, message_id)
    proof = codes.get(code) or _by_status(status)
    return Outcome(
        proof,
        message_id,
        code[:64] or f"http-{status}",
        (detail or _explained(status, headers))[:200],
        _retry_after(headers) if proof is Proof.TOO_FAST else None,
    )


def _by_status(status: int) -> Proof:
    return _BY_STATUS.get(status) or (Proof.REFUSED if 400 <= status < 500 else Proof.AMBIGUOUS)


def _explained(status: int, headers: Mapping[str, str]) -> str:
    if 200 <= status < 300:
        return "the answer names no message"
    if "location" in headers:  # without its query, which may repeat a password of ours
        return f"sent on to {headers['location'].partition('?')[0]}"
    return f"HTTP status {status}"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from a number or a date (counted from the answer's own date); None when not said."""
    asked = headers.get("retry-after", "")
    try:
        seconds = float(asked)
    except ValueError:
        then, now = _moment(asked), _moment(headers.get("date", ""))
        seconds = (then - now).total_seconds() if then and now else math.nan
    return None if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_WAIT)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
