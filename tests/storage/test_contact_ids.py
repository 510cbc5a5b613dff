"""A contact's id is one person's for ever: the ledger, audiences and the audit go on naming them by it."""

from pathlib import Path

from alembic import command
from sqlalchemy import text

from domain.bulk import Action, Task
from storage import bulk, contact_cards, contact_ids, copying
from storage.contacts import Entry
from storage.database import Database
from storage.schema import configuration, newest, upgrade
from tests import arrange, ledger
from tests.conftest import NOW

BEFORE = "0022"


def test_whoever_comes_after_a_deleted_contact_has_nothing_of_theirs(db: Database) -> None:
    actor = arrange.person(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(2))
    ledger.send(db, ledger.message_ids(db, campaign_id)[0], ledger.start_of(NOW))
    contact_cards.delete(db, actor, 2, NOW)
    newcomer = contact_cards.create(db, actor, Entry("+14155550123", "Noa"), [], NOW)
    assert newcomer > 2
    assert contact_cards.card(db, newcomer).sent == ()


def test_the_same_holds_where_everybody_was_deleted(db: Database) -> None:
    actor = arrange.person(db, NOW)
    arrange.contact_list(db, actor, NOW, arrange.numbers(3))
    bulk.advance(db, bulk.start(db, actor, Task(Action.DELETE), [1, 2, 3], NOW), NOW)
    assert contact_cards.create(db, actor, Entry("+14155550123"), [], NOW) == 4


def test_a_copy_knows_the_ids_of_those_who_are_gone(db: Database, tmp_path: Path) -> None:
    actor = arrange.person(db, NOW)
    arrange.contact_list(db, actor, NOW, arrange.numbers(3))
    for contact_id in (2, 3):
        contact_cards.delete(db, actor, contact_id, NOW)
    copy = Database(f"sqlite:///{tmp_path / 'copy.db'}", db.vault)
    copying.transfer(db, copy, lambda _line: None, lambda _writing: None)
    with copy.read() as session:
        assert contact_ids.last(session) == 3
    assert contact_cards.create(copy, actor, Entry("+14155550123"), [], NOW) == 4
    copy.close()


def test_an_empty_database_begins_with_one(db: Database) -> None:
    with db.write() as session:
        assert contact_ids.last(session) == 0
        contact_ids.count_on(session, 0)
    assert contact_cards.create(db, arrange.person(db, NOW), Entry("+14155550123"), [], NOW) == 1


def test_an_older_database_keeps_every_row_and_counts_on_behind_its_ledger(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'old.db'}")
    with db.engine.begin() as connection:
        command.upgrade(configuration(connection), BEFORE)
        indexes = (
            "SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'contact' AND type = 'index' ORDER BY 1"
        )
        known = connection.execute(text(indexes)).all()
        for statement in OLD_ROWS:
            connection.execute(text(statement))
        rows = connection.execute(text("SELECT * FROM contact ORDER BY id")).all()
    assert upgrade(db) == newest()
    with db.engine.begin() as connection:
        assert connection.execute(text("SELECT * FROM contact ORDER BY id")).all() == rows
        assert connection.execute(text(indexes)).all() == known
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        assert connection.execute(text("SELECT count(*) FROM membership")).scalar() == 2
    actor = arrange.person(db, NOW)
    assert contact_cards.create(db, actor, Entry("+14155550123"), [1], NOW) == 10
    db.close()


OLD_ROWS = (
    "INSERT INTO contact_list (id, name, size, created_at) VALUES (1, 'Leads', 2, '2026-01-01 00:00:00')",
    "INSERT INTO contact (id, phone, first_name, last_name, email, fields, created_at) VALUES "
    "(1, '+14155550100', 'Ada', 'Park', '', '{\"plan\": \"gold\"}', '2026-01-01 00:00:00.000000'), "
    "(3, '+14155550101', '', '', '', '{}', '2026-01-01 00:00:00.000000')",
    "INSERT INTO membership (list_id, contact_id) VALUES (1, 1), (1, 3)",
    "INSERT INTO user (id, name, email, role, active, created_at) VALUES "
    "(1, 'Bo', 'bo@example.com', 'admin', 1, '2026-01-01 00:00:00')",
    "INSERT INTO carrier_account (id, name, kind, token, settings, created_at) VALUES "
    "(1, 'S', 'sandbox', 't', '{}', '2026-01-01 00:00:00')",
    "INSERT INTO line (id, label, number, account_id, price_micros, created_at) VALUES "
    "(1, 'Main', '+14155550199', 1, 0, '2026-01-01 00:00:00')",
    "INSERT INTO campaign (id, name, name_key, channel, message_type, line_id, list_id, owner_id, "
    "created_by_id, timezone, status, archived, restarting, acknowledged_by_id, acknowledged_at, "
    "acknowledgment, message_count, left_out, audience_cursor, status_since, version, created_at) VALUES "
    "(1, 'C', 'c', 'sms', 'Standard Messages', 1, 1, 1, 1, 'UTC', 'draft', 0, 0, 1, "
    "'2026-01-01 00:00:00', '', 0, 0, 0, '2026-01-01 00:00:00', 1, '2026-01-01 00:00:00')",
    "INSERT INTO audience_member (campaign_id, contact_id, phone) VALUES (1, 9, '+14155550109')",
)
"""Contact 9 was in an audience, and is gone."""
