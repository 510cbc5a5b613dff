"""A number or a time zone is put right while a campaign goes on: what still waits follows."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from domain.access import Actor, Role
from domain.bulk import Action, Task
from domain.imports import Layout, guess
from storage import bulk, contact_cards, contacts, imports, places
from storage.contacts import Entry
from storage.database import Database
from storage.importer import Importer
from storage.sheets import Form
from storage.tables import Campaign
from tests import arrange, ledger
from tests.conftest import NOW
from tests.storage import test_quiet_hours as quiet

START = ledger.start_of(NOW)
OLD, OTHER = arrange.numbers(2)
NEW = "+14155550199"


def test_what_waits_goes_to_the_new_number_and_so_do_later_messages(db: Database) -> None:
    actor = arrange.person(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, [OLD, OTHER], texts=("One", "Two"))
    first, second = ledger.message_ids(db, campaign_id)
    contact_cards.save(db, actor, 1, Entry(NEW, "Maya"), NOW)
    assert {one.phone for one in ledger.send(db, first, START)} == {NEW, OTHER}
    later = START + timedelta(hours=1)
    ledger.beat(db, later)
    assert {one.phone for one in ledger.claim(db, second, later)} == {NEW, OTHER}


def test_what_was_sent_stays_with_the_number_it_went_to(db: Database) -> None:
    actor = arrange.person(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, [OLD])
    [message_id] = ledger.message_ids(db, campaign_id)
    ledger.send(db, message_id, START)
    contact_cards.save(db, actor, 1, Entry(NEW), NOW)
    assert set(ledger.rows(db, message_id)) == {OLD}


def test_a_new_number_that_opted_out_is_not_sent_to(db: Database) -> None:
    actor = arrange.person(db, NOW)
    contacts.suppress(db, actor, NEW, "Asked", "team", NOW)
    campaign_id = ledger.started(db, actor, NOW, [OLD])
    contact_cards.save(db, actor, 1, Entry(NEW), NOW)
    assert ledger.claim(db, ledger.message_ids(db, campaign_id)[0], START) == []


def in_new_york(db: Database) -> tuple[Actor, int]:
    """A message at eight in New York, to two people there."""
    message_id = quiet.begun(db, quiet.at(8, "America/New_York"), quiet.NEW_YORK[:2])
    with db.read() as session:
        owner = session.get_one(Campaign, 1).owner_id
    return Actor(owner, "Ada Park", Role.ADMIN), message_id


def test_whoever_turns_out_to_be_elsewhere_has_the_hours_of_there(db: Database) -> None:
    now = quiet.at(8, "America/New_York")
    actor, message_id = in_new_york(db)
    entry = Entry(quiet.NEW_YORK[0], timezone="America/Los_Angeles")
    contact_cards.save(db, actor, 1, entry, now)
    places.refresh(db, now)
    assert quiet.claim(db, message_id, now) == [quiet.NEW_YORK[1]]
    assert quiet.claim(db, message_id, quiet.at(8, "America/Los_Angeles")) == [quiet.NEW_YORK[0]]


@pytest.mark.parametrize("way", ["added to a list", "imported"])
def test_so_has_whose_zone_comes_with_a_file_or_by_the_api(db: Database, tmp_path: Path, way: str) -> None:
    now = quiet.at(8, "America/New_York")
    actor, message_id = in_new_york(db)
    if way == "imported":
        imported(db, actor, tmp_path, f"{quiet.NEW_YORK[0]},America/Los_Angeles\n{quiet.NEW_YORK[1]},\n", now)
    else:
        entries = [Entry(quiet.NEW_YORK[0], timezone="America/Los_Angeles"), Entry(quiet.NEW_YORK[1])]
        contacts.add(db, actor, 1, entries, now)
    assert quiet.claim(db, message_id, now) == [quiet.NEW_YORK[1]]
    assert quiet.claim(db, message_id, quiet.at(8, "America/Los_Angeles")) == [quiet.NEW_YORK[0]]


def imported(db: Database, actor: Actor, folder: Path, rows: str, now: datetime) -> None:
    """A file of phones and time zones, checked and taken in."""
    (folder / "people.upload").write_text(f"phone,time zone\n{rows}")
    job_id = imports.create(db, actor, "people.csv", "people.upload", Form("csv"), now)
    layout = Layout(("phone", "time zone"), guess(["phone", "time zone"]))
    importer = Importer(db, folder, lambda: now)
    imports.start_check(db, actor, job_id, Form("csv"), layout)
    assert importer.work()
    imports.start(db, actor, job_id, now)
    assert importer.work()
    assert imports.job(db, job_id).updated == 2


def test_the_zone_of_many_is_set_and_taken_back_in_the_same_way(db: Database) -> None:
    now = quiet.at(8, "America/New_York")
    actor, message_id = in_new_york(db)
    job = bulk.start(db, actor, Task(Action.ZONE, value="America/Los_Angeles"), [1, 2], now)
    bulk.advance(db, job, now)
    assert quiet.claim(db, message_id, now) == []
    bulk.undo(db, actor, job, now)
    bulk.advance(db, job, now)
    waited = now + timedelta(hours=3)  # whoever was held comes up again when the other zone opens
    assert len(quiet.claim(db, message_id, waited)) == 2
