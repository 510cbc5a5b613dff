"""Media links: signed and expiring, so that a carrier can fetch an attachment without a session."""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256

from domain.problems import NotFound

KEPT_AFTER_EXPIRY = timedelta(hours=48)
"""How long a link outlives the message's own expiry (facts.md D 14)."""


class LinkInvalid(NotFound):
    """This link is not valid, or not any more."""


def token(secret: str, attachment_id: int, until: datetime) -> str:
    """The path part that opens one attachment until that instant."""
    claim = f"{attachment_id}.{int(until.timestamp())}"
    return f"{claim}.{_signature(secret, claim)}"


def read(secret: str, given: str, now: datetime) -> int:
    """The attachment's id; raises `LinkInvalid` for a forged, broken or expired token."""
    claim, _, signature = given.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(secret, claim).encode()):
        raise LinkInvalid
    attachment_id, _, until = claim.partition(".")
    if now.timestamp() > int(until):
        raise LinkInvalid
    return int(attachment_id)


def _signature(secret: str, claim: str) -> str:
    return hmac.new(secret.encode(), b"media:" + claim.encode(), sha256).hexdigest()
