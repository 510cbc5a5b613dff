"""When a message's time comes: the audience is fixed once, everyone is planned once."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import col

from domain.access import Actor
from domain.campaigns import Status
from domain.deliveries import State
from domain.messages import MessageState
from storage import audiences, campaigns, contacts, messages, results
from storage.contacts import Entry
from storage.database import Database
from storage.messages import Change
from storage.tables import AudienceMember, Campaign, Contact, Membership
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
PHONES = arrange.numbers(10)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def status(db: Database, campaign_id: int = 1) -> Status:
    return results.overview(db, campaign_id, START).standing.status


def leave(db: Database, phone: str) -> None:
    """Take somebody off every list."""
    with db.write() as session:
        who = select(col(Contact.id)).where(col(Contact.phone) == phone).scalar_subquery()
        session.execute(delete(Membership).where(col(Membership.contact_id) == who))


def scheduled(db: Database, actor: Actor, texts: tuple[str, ...] = ("Hello", "Again")) -> int:
    line_id = arrange.line(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, PHONES)
    campaign_id = arrange.draft(db, actor, NOW, line_id, list_id, texts=texts)
    campaigns.schedule(db, actor, campaign_id, NOW)
    return campaign_id


def test_a_message_begins_at_its_time_and_only_once(db: Database, actor: Actor) -> None:
    campaign_id = scheduled(db, actor)
    first = ledger.message_ids(db, campaign_id)[0]
    assert audiences.begin_due(db, START - timedelta(seconds=1)) == []
    assert status(db) is Status.SCHEDULED
    assert audiences.begin_due(db, START) == [first]
    assert audiences.begin_due(db, START) == []
    assert status(db) is Status.RUNNING


def test_many_ticks_at_once_begin_a_message_once(db: Database, actor: Actor) -> None:
    scheduled(db, actor)
    begun: list[int] = []
    gate = threading.Barrier(5)

    def tick() -> None:
        gate.wait()
        begun.extend(audiences.begin_due(db, START))

    threads = [threading.Thread(target=tick) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(begun) == 1


@pytest.mark.parametrize("size", [1, 3, 10, 5_000])
def test_everybody_is_planned_once_in_chunks_of_any_size(db: Database, actor: Actor, size: int) -> None:
    campaign_id = scheduled(db, actor)
    ledger.beat(db, START, size)
    first = ledger.message_ids(db, campaign_id)[0]
    assert ledger.states(db, first) == dict.fromkeys(PHONES, State.QUEUED)
    assert all(row.due_at == START for row in ledger.rows(db, first).values())
    assert all(row.expires_at == START + timedelta(days=1) for row in ledger.rows(db, first).values())
    assert results.overview(db, campaign_id, START).audience == 10
    ledger.check_tallies(db)


def test_planning_goes_on_where_it_was_interrupted(db: Database, actor: Actor) -> None:
    campaign_id = scheduled(db, actor)
    [first] = audiences.begin_due(db, START)
    sizes = iter([1, 4, 2, 7, 3, 1, 5, 1, 10, 10, 10, 10, 10, 10])
    while audiences.unplanned(db):
        assert audiences.unplanned(db) == [first]
        audiences.plan_chunk(db, first, START, next(sizes))
        ledger.check_tallies(db)
        assert audiences.finish(db, START) == []
    assert not audiences.plan_chunk(db, first, START)
    assert ledger.states(db, first) == dict.fromkeys(PHONES, State.QUEUED)
    assert status(db, campaign_id) is Status.RUNNING


def test_two_planners_at_once_plan_everybody_once(db: Database, actor: Actor) -> None:
    scheduled(db, actor)
    [first] = audiences.begin_due(db, START)

    def plan() -> None:
        while audiences.plan_chunk(db, first, START, 2):
            pass

    threads = [threading.Thread(target=plan) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.states(db, first) == dict.fromkeys(PHONES, State.QUEUED)
    ledger.check_tallies(db)


def test_everyone_who_is_left_out_has_a_reason(db: Database, actor: Actor) -> None:
    campaign_id = scheduled(db, actor)
    contacts.suppress(db, actor, PHONES[0], "Replied STOP", "keyword", NOW)
    contacts.suppress(db, actor, PHONES[1], "Replied STOP", "keyword", NOW)
    with db.write() as session:
        bad = update(Contact).where(col(Contact.phone).in_(PHONES[1:3]))
        session.execute(bad.values(invalid_reason="It is a landline"))
    ledger.beat(db, START, 3)
    overview = results.overview(db, campaign_id, START)
    assert (overview.audience, overview.left_out) == (
        7,
        {"opted_out": 1, "invalid_number": 2},
    )
    assert set(ledger.states(db, overview.messages[0].id)) == set(PHONES[3:])


def test_a_list_without_anybody_to_send_to_ends_the_message_at_once(db: Database, actor: Actor) -> None:
    line_id = arrange.line(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, [])
    campaign_id = arrange.draft(db, actor, NOW, line_id, list_id)
    campaigns.schedule(db, actor, campaign_id, NOW)
    ledger.beat(db, START)
    overview = results.overview(db, campaign_id, START)
    assert (overview.standing.status, overview.audience, overview.completed_at) == (
        Status.COMPLETED,
        0,
        START,
    )


def test_the_audience_stays_as_it_was_and_shrinks_only(db: Database, actor: Actor) -> None:
    campaign_id = scheduled(db, actor)
    ledger.beat(db, START)
    first, second = ledger.message_ids(db, campaign_id)
    ledger.send(db, first, START)
    contacts.add(db, actor, 1, [Entry("+12127770000")], NOW)
    contacts.suppress(db, actor, PHONES[1], "Asked by phone", "team", NOW)
    leave(db, PHONES[0])
    later = START + timedelta(hours=1)
    ledger.beat(db, later)
    ledger.claim(db, second, later)
    rows = ledger.rows(db, second)
    assert set(rows) == set(PHONES)
    assert (rows[PHONES[0]].state, rows[PHONES[0]].reason) == (State.SKIPPED, "removed")
    assert rows[PHONES[0]].finished_at == later
    assert (rows[PHONES[1]].state, rows[PHONES[1]].reason) == (State.SKIPPED, "opted_out")
    assert Counter(row.state for row in rows.values()) == {State.SKIPPED: 2, State.SENDING: 8}
    ledger.check_tallies(db)


def test_a_campaign_is_completed_with_its_last_message_and_not_before(db: Database, actor: Actor) -> None:
    campaign_id = scheduled(db, actor)
    ledger.beat(db, START)
    first, second = ledger.message_ids(db, campaign_id)
    claimed = ledger.claim(db, first, START)
    ledger.beat(db, START)
    assert results.overview(db, campaign_id, START).messages[0].state is MessageState.SENDING
    ledger.settle(db, claimed, START)
    ledger.beat(db, START)
    assert results.overview(db, campaign_id, START).messages[0].state is MessageState.DONE
    assert status(db) is Status.RUNNING
    later = START + timedelta(hours=1)
    ledger.beat(db, later)
    ledger.send(db, second, later)
    ledger.beat(db, later)
    assert status(db) is Status.COMPLETED
    assert audiences.begin_due(db, later + timedelta(days=9)) == []


def test_recipients_local_time_is_the_wall_clock_where_they_are(db: Database, actor: Actor) -> None:
    line_id = arrange.line(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, [])
    entries = [
        Entry("+12125550101"),  # New York by its number
        Entry("+13105550101"),  # Los Angeles by its number
        Entry("+12125550102", timezone="Europe/Paris"),  # as the contact says
        Entry("+18005550103"),  # no zone of its own: the campaign's
    ]
    contacts.add(db, actor, list_id, entries, NOW)
    campaign_id = arrange.draft(db, actor, NOW, line_id, list_id)
    message_id = ledger.message_ids(db, campaign_id)[0]
    when = Change(local_date="2026-11-30", local_time="09:30", recipient_local=True)
    messages.save(db, actor, message_id, when, NOW)
    campaigns.set_zone(db, actor, campaign_id, "Asia/Tokyo", NOW)
    campaigns.schedule(db, actor, campaign_id, NOW)
    message = messages.of_campaign(db, campaign_id)[0]
    assert message.begins_at == message.send_at == datetime(2026, 11, 30, 0, 30, tzinfo=UTC)  # Tokyo
    ledger.beat(db, datetime(2026, 11, 30, 0, 30, tzinfo=UTC), 2)
    due = {phone: row.due_at for phone, row in ledger.rows(db, message_id).items()}
    assert due == {
        "+12125550101": datetime(2026, 11, 30, 14, 30, tzinfo=UTC),
        "+13105550101": datetime(2026, 11, 30, 17, 30, tzinfo=UTC),
        "+12125550102": datetime(2026, 11, 30, 8, 30, tzinfo=UTC),
        "+18005550103": datetime(2026, 11, 30, 0, 30, tzinfo=UTC),
    }
    claimed = ledger.claim(db, message_id, datetime(2026, 11, 30, 9, 0, tzinfo=UTC))
    assert {one.phone for one in claimed} == {"+18005550103", "+12125550102"}


def test_a_campaign_that_is_stopped_while_it_is_planned_plans_no_further(db: Database, actor: Actor) -> None:
    campaign_id = scheduled(db, actor)
    [first] = audiences.begin_due(db, START)
    for _ in range(5):
        audiences.plan_chunk(db, first, START, 4)
    assert 0 < len(ledger.states(db, first)) < 10
    campaigns.stop(db, actor, campaign_id, START)
    assert audiences.unplanned(db) == []
    assert not audiences.plan_chunk(db, first, START, 4)
    assert set(ledger.states(db, first).values()) == {State.CANCELED}
    ledger.check_tallies(db)


def test_the_audience_of_a_large_list_is_fixed_person_by_person_once(db: Database, actor: Actor) -> None:
    campaign_id = scheduled(db, actor)
    ledger.beat(db, START, 3)
    with db.read() as session:
        members = session.scalars(select(AudienceMember)).all()
        assert sorted(member.phone for member in members) == sorted(PHONES)
        assert session.get_one(Campaign, campaign_id).audience_fixed_at == START
