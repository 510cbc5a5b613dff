"""What a carrier gets of one attempt."""

from datetime import UTC, datetime, timedelta

import pytest

from domain import media
from sender.writing import outgoing

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EXPIRES = NOW + timedelta(hours=24)
SECRET = "s" * 32


def test_a_media_link_outlives_its_message_by_two_days() -> None:
    (link,) = outgoing(
        "https://sms.example",
        SECRET,
        kind="sandbox",
        token="account",
        sender="+14155550100",
        recipient="+12126001000",
        text="Hello",
        attachment_ids=(7,),
        attempt_id="a-1",
        claimed_at=NOW,
        expires_at=EXPIRES,
    ).media
    token = link.removeprefix("https://sms.example/media/")
    ends = EXPIRES + timedelta(hours=48)
    assert media.read(SECRET, token, ends) == 7
    with pytest.raises(media.LinkInvalid):
        media.read(SECRET, token, ends + timedelta(seconds=1))
