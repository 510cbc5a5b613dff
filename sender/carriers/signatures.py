"""What proving a caller has in common, whatever a carrier signs and how; compared in constant time."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sender.carriers.protocol import BadSignature

TOLERANCE = timedelta(minutes=5)
"""How old a signed moment may be, and how far ahead of our clock."""


def same(ours: str | bytes, theirs: str | bytes) -> bool:
    """Whether two secrets are equal."""
    return hmac.compare_digest(_bytes(ours), _bytes(theirs))


def digest(secret: str, signed: str | bytes, method: Callable[..., Any]) -> str:
    """The HMAC of what was signed, in base 64."""
    return b64encode(hmac.new(secret.encode(), _bytes(signed), method).digest()).decode()


def check(*, signed: bool) -> None:
    """Raise BadSignature unless it was."""
    if not signed:
        raise BadSignature


def check_moment(seconds: str | int | float, at: datetime) -> None:
    """Refuse what was signed long ago: somebody may be repeating it. Raises BadSignature."""
    try:
        apart = abs(float(seconds) - at.timestamp())
    except ValueError:
        raise BadSignature from None
    check(signed=apart <= TOLERANCE.total_seconds())


def basic(name: str, password: str) -> str:
    """The value of an Authorization header."""
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


def unpacked(text: str, *, urlsafe: bool = False) -> bytes:
    """The bytes of a text in base 64. Raises BadSignature for anything else."""
    try:
        plain = text.encode("ascii")
        padded = plain + b"=" * (-len(plain) % 4)
        return b64decode(padded, altchars=b"-_" if urlsafe else None, validate=True)
    except ValueError:
        raise BadSignature from None


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
