from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from domain.access import Actor
from domain.line_settings import LineSettings
from storage import carriers, credentials, line_settings, lines
from storage.credentials import FORGOTTEN, VaultMissing, WrongKey
from storage.database import Database
from storage.tables import AuditEntry, CarrierAccount, Line
from storage.vault import CredentialsUnreadable, Vault
from tests import arrange, ledger
from tests.conftest import NOW, SECRET

GIVEN = {"account_sid": "AC-seeded-7f3a", "auth_token": "tok-seeded-91bc", "port": 2775}
NEW_SECRET = "another secret key of tests, also long enough"


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def account(db: Database, actor: Actor, settings: dict[str, object] | None = None) -> CarrierAccount:
    return carriers.create_account(db, actor, "Main", "twilio", settings or GIVEN, NOW)


def kept(db: Database) -> str:
    """What the database itself holds of the accounts' settings."""
    with db.engine.connect() as connection:
        return "\n".join(str(row) for row in connection.execute(text("SELECT settings FROM carrier_account")))


def clear_account(db: Database) -> None:
    """As a first version kept it."""
    with db.write() as session:
        session.add(
            CarrierAccount(name="Old", kind="twilio", token="t" * 32, settings=dict(GIVEN), created_at=NOW)
        )


def with_keys(db: Database, *keys: str) -> Database:
    db.vault = Vault(*keys)
    return db


def test_credentials_are_sealed_in_the_database_and_opened_for_the_sender(db: Database, actor: Actor) -> None:
    made = account(db, actor)
    assert "seeded" not in kept(db)
    found = credentials.of_token(db, "twilio", made.token)
    assert found is not None
    assert found.settings == GIVEN


def test_the_sender_gets_a_lines_work_with_its_credentials_and_neither_shows_them(
    db: Database, actor: Actor
) -> None:
    made = account(db, actor)
    line = line_settings.create(db, actor, LineSettings("Main", "+14155550100", made.id), NOW)
    ledger.started(db, actor, NOW, arrange.numbers(2), line_id=line.id)
    work = lines.work(db, line.id or 0, NOW)
    assert work is not None
    assert work.carrier_settings == GIVEN
    found = credentials.of_token(db, "twilio", made.token)
    for shown in (repr(work), repr(found), str(found), repr(made)):
        assert "seeded" not in shown


def test_no_account_has_no_settings_to_seal(db: Database, actor: Actor) -> None:
    carriers.create_account(db, actor, "Sandbox", "sandbox", {}, NOW)
    assert credentials.seal_all(db) == 0
    assert "sealed" not in kept(db)


def test_what_a_first_version_kept_in_clear_is_sealed_at_start_once(db: Database) -> None:
    clear_account(db)
    assert "seeded" in kept(db)
    assert credentials.seal_all(db) == 1
    assert "seeded" not in kept(db)
    assert credentials.seal_all(db) == 0
    found = credentials.of_token(db, "twilio", "t" * 32)
    assert found is not None
    assert found.settings == GIVEN


def test_sealing_leaves_no_clear_byte_in_the_database_file(sqlite_db: Database, tmp_path: Path) -> None:
    clear_account(sqlite_db)
    credentials.seal_all(sqlite_db)
    files = list(tmp_path.glob("sms.db*"))
    assert files
    assert not [file for file in files if b"seeded" in file.read_bytes()]


def test_an_older_key_still_opens_and_is_needed_no_more_after_a_start(db: Database, actor: Actor) -> None:
    made = account(db, actor)
    assert credentials.seal_all(with_keys(db, NEW_SECRET, SECRET)) == 1
    found = credentials.of_token(with_keys(db, NEW_SECRET), "twilio", made.token)
    assert found is not None
    assert found.settings == GIVEN
    with pytest.raises(CredentialsUnreadable):
        credentials.of_token(with_keys(db, SECRET), "twilio", made.token)


def test_a_wrong_key_is_refused_at_start_and_changes_nothing(db: Database, actor: Actor) -> None:
    account(db, actor)
    clear_account(db)
    before = kept(db)
    with pytest.raises(WrongKey) as caught:
        credentials.seal_all(with_keys(db, NEW_SECRET))
    assert "“Main”" in caught.value.text
    assert "SMS_SECRET_KEY_OLD" in caught.value.text
    assert kept(db) == before


def test_credentials_of_a_lost_key_can_be_forgotten_and_block_their_lines(db: Database, actor: Actor) -> None:
    made = account(db, actor)
    lost = line_settings.create(db, actor, LineSettings("Main", "+14155550100", made.id), NOW).id
    clear_account(db)
    with_keys(db, NEW_SECRET)
    assert credentials.forget_unreadable(db) == ["Main"]
    assert credentials.seal_all(db) == 1  # the other one
    with db.read() as session:
        assert session.get_one(Line, lost).blocked_reason == FORGOTTEN
        assert session.get_one(CarrierAccount, made.id).settings == {}
    assert credentials.forget_unreadable(db) == []


def test_nothing_is_kept_without_a_key(db: Database, actor: Actor) -> None:
    db.vault = None
    with pytest.raises(VaultMissing):
        account(db, actor)
    assert kept(db) == ""


def test_the_audit_names_the_account_and_none_of_its_settings(db: Database, actor: Actor) -> None:
    account(db, actor)
    with db.read() as session:
        entry = session.scalars(select(AuditEntry).where(col(AuditEntry.kind) == "carrier")).one()
    assert entry.after == {"name": "Main", "kind": "twilio"}


def test_an_error_of_the_database_repeats_no_values(db: Database) -> None:
    with pytest.raises(Exception, match="no_such_table") as caught, db.write() as session:
        session.execute(text("INSERT INTO no_such_table VALUES (:secret)"), {"secret": "tok-seeded-91bc"})
    assert "seeded" not in str(caught.value)
