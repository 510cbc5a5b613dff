from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.access import Actor
from domain.campaigns import ActionRefused, Status
from domain.messages import MessageState
from domain.schedules import TooEarly
from domain.zones import UnknownZone
from storage import board, campaigns, found, messages
from storage.database import Database
from storage.messages import Change
from storage.tables import Campaign, Message
from tests import arrange

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def draft(db: Database, people: int = 3, rate: float | None = None, **rest: Any) -> tuple[Actor, int]:
    actor = arrange.person(db, NOW)
    line = arrange.line(db, NOW, rate=rate)
    listed = arrange.contact_list(db, actor, NOW, arrange.numbers(people))
    return actor, arrange.draft(db, actor, NOW, line, listed, **rest)


def test_a_complete_draft_is_ready(db: Database) -> None:
    _, campaign_id = draft(db)
    shown = board.read(db, campaign_id, NOW)
    assert shown.ready
    assert (shown.people, shown.list_name, shown.line) == (3, "Spring leads", "+14155550100")
    assert [(r.position, r.missing, r.edits_content, r.edits_time) for r in shown.rows] == [
        (1, "", True, True)
    ]


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (Change(text=""), "Write a text or add an attachment."),
        (Change(local_date=""), "Choose a send date and a send time."),
        (Change(local_time="25:99"), "25:99 is not a time of day. Write the time as 09:30, or as 9:30 am."),
        (
            Change(local_date="2020-01-01"),
            "This time has already passed. The earliest possible time is Mon, Nov 23, 2026, 12:01 PM UTC.",
        ),
    ],
)
def test_what_is_missing_is_said_at_its_message(db: Database, change: Change, missing: str) -> None:
    actor, campaign_id = draft(db, texts=("One", "Two"))
    second = messages.of_campaign(db, campaign_id)[1]
    messages.save(db, actor, second.id or 0, change, NOW)
    shown = board.read(db, campaign_id, NOW)
    assert not shown.ready
    assert [row.missing for row in shown.rows] == ["", missing]


def test_a_draft_without_messages_says_so(db: Database) -> None:
    _, campaign_id = draft(db, texts=())
    assert board.read(db, campaign_id, NOW).nothing_to_send == "Add a message first."


def test_a_time_before_the_message_ahead_has_ended_is_too_early(db: Database) -> None:
    _, campaign_id = draft(db, people=120, rate=1.0, texts=("One", "Two"), apart=timedelta(minutes=1))
    shown = board.read(db, campaign_id, NOW)
    assert shown.ready, "the order of times is checked when scheduling"
    assert "Message 1 is expected to be sent until" in shown.rows[1].too_early
    early = board.earliest(db, shown.rows[1].id, NOW, recipient_local=False)
    assert early == datetime(2026, 11, 23, 12, 3)  # noqa: DTZ001 - a wall-clock time


def test_the_earliest_local_time_has_not_passed_anywhere(db: Database) -> None:
    actor, campaign_id = draft(db)
    campaigns.set_zone(db, actor, campaign_id, "America/Los_Angeles", NOW)
    message = messages.of_campaign(db, campaign_id)[0]
    chosen = board.earliest(db, message.id or 0, NOW, recipient_local=True)
    assert chosen == datetime(2026, 11, 23, 7, 1)  # noqa: DTZ001 - the list lives in New York


def test_the_fingerprint_tells_every_change(db: Database) -> None:
    actor, campaign_id = draft(db)
    message = messages.of_campaign(db, campaign_id)[0]
    seen = {board.fingerprint(db, campaign_id)}
    messages.save(db, actor, message.id or 0, Change(text="New"), NOW)
    seen.add(board.fingerprint(db, campaign_id))
    campaigns.set_zone(db, actor, campaign_id, "Europe/Paris", NOW)
    seen.add(board.fingerprint(db, campaign_id))
    campaigns.schedule(db, actor, campaign_id, NOW - timedelta(hours=2))
    seen.add(board.fingerprint(db, campaign_id))
    assert len(seen) == 4


def test_a_removed_message_can_be_put_back(db: Database) -> None:
    actor, campaign_id = draft(db, texts=("One", "Two", "Three"))
    before = [(m.position, m.text, m.send_at) for m in messages.of_campaign(db, campaign_id)]
    second = messages.of_campaign(db, campaign_id)[1]
    removed = messages.remove(db, actor, second.id or 0, NOW)
    assert [m.text for m in messages.of_campaign(db, campaign_id)] == ["One", "Three"]
    messages.put_back(db, actor, removed, NOW)
    assert [(m.position, m.text, m.send_at) for m in messages.of_campaign(db, campaign_id)] == before


def test_an_archived_draft_is_locked(db: Database) -> None:
    actor, campaign_id = draft(db)
    message = messages.of_campaign(db, campaign_id)[0]
    campaigns.archive(db, actor, campaign_id, NOW)
    with pytest.raises(ActionRefused):
        messages.save(db, actor, message.id or 0, Change(text="New"), NOW)
    with pytest.raises(ActionRefused):
        messages.remove(db, actor, message.id or 0, NOW)
    assert not board.read(db, campaign_id, NOW).rows[0].edits_content


def test_an_unknown_zone_is_refused(db: Database) -> None:
    actor, campaign_id = draft(db, texts=())
    with pytest.raises(UnknownZone):
        campaigns.set_zone(db, actor, campaign_id, "Mars/Olympus", NOW)


def paused(db: Database) -> tuple[Actor, int]:
    actor, campaign_id = draft(db, texts=("One", "Two"))
    campaigns.schedule(db, actor, campaign_id, NOW)
    with db.write() as session:
        session.get_one(Campaign, campaign_id).status = Status.PAUSED
    return actor, campaign_id


def test_a_paused_text_can_be_corrected_though_its_time_has_passed(db: Database) -> None:
    actor, campaign_id = paused(db)
    later = NOW + timedelta(minutes=30)
    first = messages.of_campaign(db, campaign_id)[0]
    messages.save(db, actor, first.id or 0, Change(text="Corrected"), later)
    with pytest.raises(TooEarly):
        messages.save(db, actor, first.id or 0, Change(local_time="12:05"), later)
    assert messages.of_campaign(db, campaign_id)[0].text == "Corrected"


def test_after_a_restart_only_times_can_change(db: Database) -> None:
    actor, campaign_id = draft(db, texts=("One", "Two"))
    campaigns.schedule(db, actor, campaign_id, NOW)
    campaigns.stop(db, actor, campaign_id, NOW)
    campaigns.restart(db, actor, campaign_id, NOW)
    shown = board.read(db, campaign_id, NOW)
    assert shown.nothing_to_send == "Set a send date and a send time for at least one message."
    assert [(r.edits_content, r.edits_time, r.state) for r in shown.rows] == [
        (False, True, MessageState.CANCELED)
    ] * 2
    assert shown.rows[0].send_at is not None, "what it was planned for is still known"
    messages.save(db, actor, shown.rows[1].id, Change(local_date="2026-11-24"), NOW)
    shown = board.read(db, campaign_id, NOW)
    assert [(r.to_send, r.missing) for r in shown.rows] == [
        (False, ""),
        (True, "Choose a send date and a send time."),
    ]


def test_a_message_is_found_with_what_may_change(db: Database) -> None:
    _, campaign_id = draft(db)
    message = messages.of_campaign(db, campaign_id)[0]
    assert board.row(db, message.id or 0, NOW).text == "Hello. Reply STOP to opt out."
    with pytest.raises(found.MessageNotFound):
        board.row(db, 999_999, NOW)
    assert isinstance(message, Message)
