"""Send times to the second, and uploads that wait for a message."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.access import Actor
from domain.messages import MessageLocked
from domain.schedules import TooEarly
from storage import attachments, campaigns, messages
from storage.attachments import AttachmentNotFound, Files
from storage.database import Database
from storage.messages import Change
from tests import arrange
from tests.conftest import NOW
from tests.ui.api.conftest import GIF


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


@pytest.fixture
def draft(db: Database, actor: Actor) -> int:
    line_id = arrange.line(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, arrange.numbers(3))
    return arrange.draft(db, actor, NOW, line_id, list_id)


def only(db: Database, campaign_id: int) -> int:
    (message,) = messages.of_campaign(db, campaign_id)
    return message.id or 0


def test_an_exact_instant_survives_scheduling_and_typing_its_minute(
    db: Database, actor: Actor, draft: int
) -> None:
    exact = NOW + timedelta(seconds=2, microseconds=500)
    moved = messages.save(db, actor, only(db, draft), Change(at=exact), NOW)
    assert (moved.send_at, moved.local_date, moved.local_time) == (exact, "2026-11-23", "12:00")
    campaigns.schedule(db, actor, draft, NOW)
    (message,) = messages.of_campaign(db, draft)
    assert message.send_at == message.begins_at == exact
    retyped = messages.save(db, actor, only(db, draft), Change(local_time="12:00"), NOW)
    assert retyped.send_at == exact
    other = messages.save(db, actor, only(db, draft), Change(local_time="12:07"), NOW)
    assert other.send_at == NOW + timedelta(minutes=7)


def test_another_zone_moves_the_wall_clock_and_forgets_the_seconds(
    db: Database, actor: Actor, draft: int
) -> None:
    messages.save(db, actor, only(db, draft), Change(at=NOW + timedelta(seconds=30)), NOW)
    campaigns.set_zone(db, actor, draft, "America/New_York", NOW)
    (message,) = messages.of_campaign(db, draft)
    assert message.send_at == NOW + timedelta(hours=5)


def test_the_second_of_two_equal_wall_clock_times_can_be_meant(
    db: Database, actor: Actor, draft: int
) -> None:
    campaigns.set_zone(db, actor, draft, "America/New_York", NOW)
    second = datetime(2027, 11, 7, 6, 30, tzinfo=UTC)  # 01:30 EST; an hour before it was 01:30 EDT
    moved = messages.save(db, actor, only(db, draft), Change(at=second), NOW)
    assert (moved.send_at, moved.local_time) == (second, "01:30")


def test_an_instant_that_has_passed_is_too_early(db: Database, actor: Actor, draft: int) -> None:
    messages.save(db, actor, only(db, draft), Change(at=NOW), NOW)
    with pytest.raises(TooEarly, match="already passed"):
        campaigns.schedule(db, actor, draft, NOW)


def test_an_upload_waits_for_a_message_for_a_day(
    db: Database, actor: Actor, draft: int, tmp_path: Path
) -> None:
    files, path = Files(tmp_path / "kept"), tmp_path / "a.gif"
    path.write_bytes(GIF)
    taken = attachments.upload(db, actor, files, "a.gif", path, NOW)
    unused = attachments.upload(db, actor, files, "b.gif", path, NOW)
    change = Change(attachment_ids=[taken.id or 0])
    messages.save(db, actor, only(db, draft), change, NOW)
    assert attachments.drop_unused(db, files, NOW + timedelta(hours=23)) == 0
    assert attachments.drop_unused(db, files, NOW + timedelta(hours=24)) == 1
    assert files.path(taken.stored_name).exists()
    assert not files.path(unused.stored_name).exists()
    with pytest.raises(AttachmentNotFound):
        messages.save(db, actor, only(db, draft), Change(attachment_ids=[unused.id or 0]), NOW)


def test_files_are_locked_with_the_text(db: Database, actor: Actor, draft: int) -> None:
    campaigns.schedule(db, actor, draft, NOW)
    with pytest.raises(MessageLocked):
        messages.save(db, actor, only(db, draft), Change(attachment_ids=[]), NOW)
