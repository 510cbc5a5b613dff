"""An attempt as the carrier is to get it: the same values always make the same request, byte for byte."""

from datetime import datetime
from urllib.parse import quote

from domain import media
from sender.carriers.protocol import Outgoing


def outgoing(
    public_url: str,
    secret: str,
    *,
    kind: str,
    token: str,
    sender: str,
    recipient: str,
    text: str,
    attachment_ids: tuple[int, ...],
    attempt_id: str,
    claimed_at: datetime,
    expires_at: datetime,
) -> Outgoing:
    """Write one attempt. Nothing in it depends on the clock, so that it can be repeated under its own key."""
    pictures: list[str] = []
    if attachment_ids:
        until = expires_at + media.KEPT_AFTER_EXPIRY
        pictures = [media.token(secret, number, until) for number in attachment_ids]
    return Outgoing(
        attempt_id=attempt_id,
        sender=sender,
        recipient=recipient,
        text=text,
        media=tuple(f"{public_url}/media/{picture}" for picture in pictures),
        callback_url=f"{public_url}/webhooks/{kind}/{token}/status?a={quote(attempt_id)}",
        valid_for=max(1, int((expires_at - claimed_at).total_seconds())),
    )
