"""The review warns where a campaign needs the program to be reached from outside, and it isn't."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from domain.access import Actor
from storage import attachments, messages, review, short_links
from storage.attachments import Files
from storage.database import Database
from storage.messages import Change
from tests import arrange, ledger
from tests.conftest import NOW

LOCAL, PUBLIC = "http://127.0.0.1:8080", "https://sms.example.org"
KANNEL = {"username": "u", "password": "p", "base_url": "http://127.0.0.1:13013"}
TWILIO = {"account_sid": "AC7f3a", "auth_token": "t"}


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def warned(db: Database, actor: Actor, kind: str, credentials: dict[str, str]) -> str:
    """What the review says of it, for a campaign with a link that is shortened."""
    line = arrange.line(db, NOW, kind=kind, credentials=credentials)
    people = arrange.contact_list(db, actor, NOW, arrange.numbers(2), name=kind)
    made = arrange.draft(
        db, actor, NOW, line, people, name=kind, texts=("https://shop.example/x Reply STOP to end.",)
    )
    (message,) = ledger.message_ids(db, made)
    messages.save(db, actor, message, Change(shorten_links=True), NOW)
    found = [words for words in review.review(db, made, NOW).warnings if words.startswith("From outside")]
    return found[0] if found else ""


def test_a_real_carrier_needs_a_public_address(db: Database, actor: Actor) -> None:
    short_links.keep_base(db, LOCAL)
    assert "receipts and replies don't come in and links lead nowhere" in warned(db, actor, "twilio", TWILIO)
    assert "so links lead nowhere" in warned(db, actor, "kannel", KANNEL)
    assert warned(db, actor, "sandbox", {}) == ""


def test_with_a_public_address_there_is_nothing_to_say(db: Database, actor: Actor) -> None:
    short_links.keep_base(db, PUBLIC)
    assert warned(db, actor, "twilio", TWILIO) == ""


def test_pictures_are_fetched_from_here(db: Database, actor: Actor, tmp_path: Path) -> None:
    short_links.keep_base(db, LOCAL)
    line = arrange.line(db, NOW, kind="twilio", credentials=TWILIO)
    made = arrange.draft(db, actor, NOW, line, arrange.contact_list(db, actor, NOW, arrange.numbers(2)))
    (message,) = ledger.message_ids(db, made)
    picture = BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    (tmp_path / "a.png").write_bytes(picture.getvalue())
    attachments.attach(db, actor, message, Files(tmp_path / "files"), "a.png", tmp_path / "a.png", NOW)
    assert any("pictures can't be fetched" in words for words in review.review(db, made, NOW).warnings)
