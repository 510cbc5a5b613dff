"""Quiet hours in the claim: whoever is outside their hours waits for them, and nobody else does."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlmodel import col

from domain.access import Role
from domain.audience import Waits, in_words
from domain.deliveries import State
from domain.places import of
from domain.problems import NotAllowed
from domain.quiet_hours import Hours, Rule
from domain.quiet_hours_table import DEFAULT_RULES
from storage import audiences, campaigns, contact_cards, contacts, deliveries, places, quiet_hours
from storage.contacts import Entry
from storage.database import Database
from storage.tables import Contact, Delivery, Message, Place, Setting
from tests import arrange

DAWN = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)  # Monday, 07:30 in New York, 04:30 in Los Angeles
NEW_YORK = [f"+1212555{number:04}" for number in range(1000, 1010)]
LOS_ANGELES = [f"+1213555{number:04}" for number in range(1000, 1010)]


def begun(db: Database, now: datetime, phones: list[str], *, expire: int = 1440) -> int:
    """A message to these people that has just begun, in a workspace with the usual quiet hours."""
    with db.write() as session:
        session.delete(session.get_one(Setting, quiet_hours.NAME))
    actor = arrange.person(db, now)
    list_id = arrange.contact_list(db, actor, now, phones)
    campaign_id = arrange.draft(db, actor, now, arrange.line(db, now), list_id)
    campaigns.schedule(db, actor, campaign_id, now)
    with db.write() as session:
        message = session.scalars(select(Message)).one()
        message.send_at = message.begins_at = now
        message.expire_after_minutes = expire
        message_id = message.id or 0
    places.refresh(db, now)
    assert audiences.begin_due(db, now) == [message_id]
    while audiences.plan_chunk(db, message_id, now):
        pass
    return message_id


def claim(db: Database, message_id: int, now: datetime, limit: int = 5) -> list[str]:
    places.refresh(db, now)
    return [one.phone for one in deliveries.claim(db, message_id, limit, 1, now, f"{now:%H%M%S}")]


def rows(db: Database) -> list[Delivery]:
    with db.read() as session:
        return list(session.scalars(select(Delivery).order_by(col(Delivery.phone))))


def at(hour: int, zone: str, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_nobody_is_claimed_before_their_hours_begin(db: Database) -> None:
    message_id = begun(db, DAWN, NEW_YORK + LOS_ANGELES)
    assert claim(db, message_id, DAWN) == []
    opens = {"+1212": at(8, "America/New_York"), "+1213": at(8, "America/Los_Angeles")}
    assert [row.due_at for row in rows(db)] == [opens[row.phone[:5]] for row in rows(db)]
    assert {row.reason for row in rows(db)} == {Waits.QUIET_HOURS}
    assert {row.state for row in rows(db)} == {State.QUEUED}


def test_each_is_claimed_once_their_own_hours_begin(db: Database) -> None:
    message_id = begun(db, DAWN, NEW_YORK + LOS_ANGELES)
    assert claim(db, message_id, DAWN) == []
    first = claim(db, message_id, at(8, "America/New_York"), limit=50)
    assert sorted(first) == NEW_YORK
    assert claim(db, message_id, at(9, "America/New_York"), limit=50) == []
    assert sorted(claim(db, message_id, at(8, "America/Los_Angeles"), limit=50)) == LOS_ANGELES
    assert {row.reason for row in rows(db)} == {None}


def test_those_who_wait_never_hide_those_who_may_be_sent_to(db: Database) -> None:
    now = at(8, "America/New_York")
    message_id = begun(db, now, LOS_ANGELES + NEW_YORK)  # those who wait were added first
    assert sorted(claim(db, message_id, now) + claim(db, message_id, now)) == NEW_YORK


def test_a_window_that_closes_in_the_middle_holds_the_rest_until_morning(db: Database) -> None:
    evening = at(20, "America/New_York") + timedelta(minutes=58)
    message_id = begun(db, evening, NEW_YORK)
    assert len(claim(db, message_id, evening)) == 5
    assert claim(db, message_id, evening + timedelta(minutes=1)) == []
    waiting = [row for row in rows(db) if row.state is State.QUEUED]
    assert len(waiting) == 5
    assert {row.due_at for row in waiting} == {at(8, "America/New_York", day=24)}


def test_who_can_wait_no_longer_expires(db: Database) -> None:
    message_id = begun(db, DAWN, LOS_ANGELES, expire=60)
    assert claim(db, message_id, DAWN) == []
    assert claim(db, message_id, DAWN + timedelta(minutes=61)) == []
    assert Counter(row.state for row in rows(db)) == {State.EXPIRED: len(LOS_ANGELES)}


def test_hours_that_have_run_out_send_to_nobody_until_they_are_looked_up(db: Database) -> None:
    now = at(12, "America/New_York")
    message_id = begun(db, now, NEW_YORK)
    late = at(22, "America/New_York")
    assert deliveries.claim(db, message_id, 5, 1, late, "stale") == []
    assert {row.state for row in rows(db)} == {State.QUEUED}
    assert places.refresh(db, late) > 0
    assert places.refresh(db, late) == 0


def test_a_change_of_the_rules_holds_from_the_next_claim_on(db: Database) -> None:
    message_id = begun(db, DAWN, NEW_YORK)
    actor = arrange.person(db, DAWN, name="Admin")
    assert claim(db, message_id, DAWN) == []
    quiet_hours.keep(db, actor, [Rule("", (1, 2, 3, 4, 5, 6, 7), 7 * 60, 20 * 60)], "UTC", DAWN)
    assert len(claim(db, message_id, DAWN)) == 5
    quiet_hours.keep(db, actor, DEFAULT_RULES, "UTC", DAWN)
    assert claim(db, message_id, DAWN) == []
    quiet_hours.keep_none(db, actor, DAWN)
    assert len(claim(db, message_id, DAWN)) == 5


def test_rules_are_kept_as_they_were_given(db: Database) -> None:
    actor = arrange.person(db, DAWN)
    quiet_hours.keep(db, actor, DEFAULT_RULES, "Europe/Paris", DAWN)
    with db.read() as session:
        kept = quiet_hours.of(session)
    assert kept is not None
    assert (kept.rules, kept.zone) == (DEFAULT_RULES, "Europe/Paris")


def test_only_administrators_decide_on_them(db: Database) -> None:
    manager = arrange.person(db, DAWN, role=Role.MANAGER)
    with pytest.raises(NotAllowed):
        quiet_hours.keep_none(db, manager, DAWN)


def test_a_contacts_new_zone_counts_for_the_next_audience(db: Database) -> None:
    begun(db, DAWN, NEW_YORK)
    actor = arrange.person(db, DAWN, name="Bo Lind")
    list_id = contacts.create_list(db, actor, "Moved", DAWN)
    contacts.add(db, actor, list_id, [Entry(NEW_YORK[0], timezone="Europe/Paris")], DAWN)
    campaign_id = arrange.draft(db, actor, DAWN, arrange.line(db, DAWN), list_id, name="Second")
    campaigns.schedule(db, actor, campaign_id, DAWN)
    later = DAWN + timedelta(minutes=5)
    (message_id,) = audiences.begin_due(db, later)
    while audiences.plan_chunk(db, message_id, later):
        pass
    assert claim(db, message_id, later) == [NEW_YORK[0]]  # 13:35 in Paris


def test_a_contact_whose_zone_is_edited_is_looked_up_anew(db: Database) -> None:
    begun(db, DAWN, NEW_YORK)
    actor = arrange.person(db, DAWN, name="Bo Lind")
    with db.read() as session:
        known = session.scalars(select(Contact).where(col(Contact.phone) == NEW_YORK[0])).one()
    assert known.place_id is not None
    contact_cards.save(db, actor, known.id or 0, Entry(NEW_YORK[0], timezone="Europe/Paris"), DAWN)
    with db.write() as session:
        places.locate_listed(session, select(col(Contact.id)), DAWN)
        place_id = session.get_one(Contact, known.id).place_id
        assert session.get_one(Place, place_id).key == "US-NY|Europe/Paris"


def test_through_a_turned_day_nobody_is_claimed_outside_their_hours(db: Database) -> None:
    phones = [*NEW_YORK[:3], *LOS_ANGELES[:3], "+18005550100", "+13055551000", "+12085551000", "+12145551000"]
    phones += ["+33612345678", "+61412345678", "+12055551000"]
    message_id = begun(db, DAWN, phones, expire=3 * 1440)
    hours = Hours(DEFAULT_RULES, quiet_hours.DEFAULT_ZONE)
    claimed = []
    for step in range(0, 3 * 1440, 20):
        now = DAWN + timedelta(minutes=step)
        for phone in claim(db, message_id, now, limit=2):
            assert hours.allows(now, of(None, phone)), (now, phone)
            claimed.append(phone)
    assert sorted(claimed) == sorted(phones)


def test_the_wait_is_said_in_words() -> None:
    assert in_words(Waits.QUIET_HOURS) == "Waits for the hours in which this person may be texted"
