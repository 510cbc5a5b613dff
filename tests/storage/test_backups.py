import json
import sqlite3
import stat
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select, text

from domain.access import Actor, Role
from domain.deliveries import State
from domain.holds import Cause, Hold
from domain.messages import Choice
from storage import answers, backups, campaigns, copying, holds, inbound, missed
from storage.archive import BackupDamaged, BackupExists, BackupUnwritable, FolderMissing, NotABackup
from storage.database import Database
from storage.inbound import Reply
from storage.schema import NewerSchema, configuration
from storage.tables import Answer, Attachment, Message
from tests import arrange, ledger, postgres
from tests.conftest import NOW
from tests.storage import full
from tests.storage.test_copying import nothing, rows

OPERATOR = Actor(0, "Command line", Role.ADMIN)
LATER = NOW + timedelta(hours=3)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "made.backup"


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Where it is restored to."""
    fresh = f"sqlite:///{tmp_path / 'fresh' / 'sms.db'}"
    made = Database(fresh if request.param == "sqlite" else postgres.database("restored"))
    yield made
    made.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'fresh' / 'sms.db'}")
    yield made
    made.close()


def test_everything_comes_back_on_either_database(
    db: Database, empty: Database, data: Path, file: Path, tmp_path: Path
) -> None:
    full.fill(db)
    made = backups.backup(db, data, file, NOW, nothing)
    moved = backups.restore(empty, tmp_path / "fresh", file, OPERATOR, LATER, nothing)
    here, there = rows(db), rows(empty)
    assert made.rows == sum(len(found) for found in here.values()) + 1  # and the schema's own row
    signed_in = {"browser_session", "one_time_link"}  # nobody is, any more
    changed = {"message", "answer", "audit_entry", *signed_in}  # held, forgotten and noted
    assert {name: found for name, found in there.items() if name not in changed} == {
        name: found for name, found in here.items() if name not in changed
    }
    assert len(there["audit_entry"]) == len(here["audit_entry"]) + 1
    assert all(here[name] and not there[name] for name in signed_in)
    assert moved.rows == sum(len(found) for found in here.values())
    assert holds.current(empty) == Hold(Cause.RESTORED, LATER)
    assert holds.current(db) is None


def attachment(stored_name: str) -> Attachment:
    return Attachment(
        filename="picture.png",
        stored_name=stored_name,
        content_type="image/png",
        bytes=3,
        width=1,
        height=1,
        created_at=NOW,
    )


def test_the_files_come_back_and_the_key_stays_away(
    sqlite_db: Database, fresh: Database, data: Path, file: Path, tmp_path: Path
) -> None:
    with sqlite_db.write() as session:
        session.add_all([attachment("a1.png"), attachment("gone.png")])
    for place, content in (("attachments/a1.png", b"png"), ("attachments/stray.png", b"x")):
        (data / place).parent.mkdir(parents=True, exist_ok=True)
        (data / place).write_bytes(content)
    (data / "secret.key").write_text("never copied")
    made = backups.backup(sqlite_db, data, file, NOW, nothing)
    assert (made.files, made.missing) == (1, 1)
    with zipfile.ZipFile(file) as archive:
        assert sorted(archive.namelist()) == ["attachments/a1.png", "manifest.json", "sms.db"]
    target = tmp_path / "fresh"
    assert backups.restore(fresh, target, file, OPERATOR, NOW, nothing).files == 1
    assert (target / "attachments/a1.png").read_bytes() == b"png"


def test_a_restored_campaign_goes_on_with_nothing_by_itself(
    db: Database, empty: Database, data: Path, file: Path
) -> None:
    """Sent to, about to be sent to, and due since: each waits for somebody who decides."""
    actor = arrange.person(db, NOW)
    people = arrange.numbers(5)
    begun = ledger.started(db, actor, NOW, people, name="Begun")
    list_id = arrange.contact_list(db, actor, NOW, people, "Others")
    line_id = arrange.line(db, NOW)
    due = arrange.draft(
        db, actor, NOW, line_id, list_id, name="Due since", first=NOW + timedelta(hours=1), apart=2 * LATER_BY
    )
    ahead = arrange.draft(
        db, actor, NOW, line_id, list_id, name="Still ahead", first=LATER + timedelta(hours=1)
    )
    for campaign_id in (due, ahead):
        campaigns.schedule(db, actor, campaign_id, NOW)
    first = ledger.message_ids(db, begun)[0]
    ledger.send(db, first, ledger.start_of(NOW), limit=2)
    backups.backup(db, data, file, NOW, nothing)
    backups.restore(empty, data, file, OPERATOR, LATER, nothing)
    assert [state(empty, number) for number in (begun, due, ahead)] == ["missed", "missed", "scheduled"]

    holds.release(empty, actor, LATER)
    ledger.beat(empty, LATER)
    assert ledger.claim(empty, first, LATER) == []
    missed.decide(empty, actor, begun, first, Choice.SEND_NOW, LATER)
    ledger.beat(empty, LATER)
    assert {claimed.phone for claimed in ledger.claim(empty, first, LATER)} == set(people[2:])
    ledger.check_tallies(empty)


LATER_BY = LATER - NOW


def state(db: Database, campaign_id: int) -> str:
    with db.read() as session:
        return session.get_one(Message, ledger.message_ids(db, campaign_id)[0]).state.value


def test_an_answer_that_was_queued_is_not_sent_after_a_restore(
    sqlite_db: Database, fresh: Database, data: Path, file: Path
) -> None:
    arrange.line(sqlite_db, NOW)
    inbound.take(sqlite_db, Reply(1, "help", arrange.numbers(1)[0], "+14155550100", "HELP"), NOW)
    backups.backup(sqlite_db, data, file, NOW, nothing)
    backups.restore(fresh, data, file, OPERATOR, NOW, nothing)
    holds.release(fresh, OPERATOR, NOW)
    assert len(answers.claim(sqlite_db, 16, NOW, "here")) == 1
    assert answers.claim(fresh, 16, NOW, "there") == []
    with fresh.read() as session:
        (answer,) = session.scalars(select(Answer))
    assert (answer.state, answer.reason) == (State.UNKNOWN, "The backup was made while this was being sent.")


def test_only_its_owner_can_read_it_and_it_replaces_nothing(
    sqlite_db: Database, data: Path, file: Path
) -> None:
    backups.backup(sqlite_db, data, file, NOW, nothing)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    with pytest.raises(BackupExists, match=r"There is a file .*made.backup already\. Name a new one\."):
        backups.backup(sqlite_db, data, file, NOW, nothing)
    assert file.read_bytes() == before
    assert sorted(path.name for path in file.parent.glob("*backup*")) == ["made.backup"]


def test_a_damaged_database_is_not_backed_up(sqlite_db: Database, data: Path, file: Path) -> None:
    with sqlite3.connect(sqlite_db.url.removeprefix("sqlite:///")) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("INSERT INTO line_access (line_id, user_id) VALUES (4711, 4711)")
    with pytest.raises(backups.DatabaseDamaged):
        backups.backup(sqlite_db, data, file, NOW, nothing)
    assert not file.exists()


def test_without_a_database_there_is_nothing_to_back_up(fresh: Database, data: Path, file: Path) -> None:
    with pytest.raises(backups.NothingToBackUp):
        backups.backup(fresh, data, file, NOW, nothing)
    assert not file.exists()


def test_nothing_is_overwritten_by_a_restore(db: Database, data: Path, file: Path) -> None:
    arrange.person(db, NOW)
    backups.backup(db, data, file, NOW, nothing)
    before = rows(db)
    with pytest.raises(backups.NotEmpty):
        backups.restore(db, data, file, OPERATOR, NOW, nothing)
    assert rows(db) == before
    assert holds.current(db) is None


def test_a_file_in_the_way_stays_and_nothing_is_restored(
    sqlite_db: Database, fresh: Database, data: Path, file: Path, tmp_path: Path
) -> None:
    with sqlite_db.write() as session:
        session.add_all([attachment("a"), attachment("b")])
    target = tmp_path / "fresh"
    for folder in (data, target):
        (folder / "attachments").mkdir(parents=True)
    (data / "attachments/a").write_bytes(b"one")
    (data / "attachments/b").write_bytes(b"two")
    (target / "attachments/b").write_bytes(b"another")
    backups.backup(sqlite_db, data, file, NOW, nothing)
    with pytest.raises(backups.FileInTheWay):
        backups.restore(fresh, target, file, OPERATOR, NOW, nothing)
    assert (target / "attachments/b").read_bytes() == b"another"
    assert not (target / "attachments/a").exists()
    copying.check_target(fresh)


@pytest.mark.parametrize("content", [b"", b"not a backup at all", None])
def test_what_is_no_backup_is_refused(fresh: Database, data: Path, file: Path, content: bytes | None) -> None:
    data.mkdir()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(NotABackup):
        backups.restore(fresh, data, file, OPERATOR, NOW, nothing)
    copying.check_target(fresh)


def test_every_spoilt_byte_and_every_cut_is_found(
    sqlite_db: Database, fresh: Database, data: Path, file: Path
) -> None:
    arrange.contact_list(sqlite_db, arrange.person(sqlite_db, NOW), NOW, arrange.numbers(50))
    backups.backup(sqlite_db, data, file, NOW, nothing)
    whole = file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        length = archive.getinfo("sms.db").compress_size
    for place in range(100, length, length // 20):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        with pytest.raises(BackupDamaged):
            backups.restore(fresh, data, file, OPERATOR, NOW, nothing)
        file.write_bytes(whole[:place])
        with pytest.raises(NotABackup):
            backups.restore(fresh, data, file, OPERATOR, NOW, nothing)
    copying.check_target(fresh)
    file.write_bytes(whole)
    assert backups.restore(fresh, data, file, OPERATOR, NOW, nothing).rows > 50


def test_a_member_that_would_leave_the_folder_is_refused(
    sqlite_db: Database, fresh: Database, data: Path, file: Path
) -> None:
    backups.backup(sqlite_db, data, file, NOW, nothing)
    for name in ("../evil", "/etc/evil", "a/b/c", "attachments/../../evil"):
        made = file.with_name("changed")
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
            manifest = json.loads(old.read("manifest.json"))
            manifest["members"][name] = ""
            new.writestr("manifest.json", json.dumps(manifest))
            new.writestr("sms.db", old.read("sms.db"))
            new.writestr(name, b"")
        with pytest.raises(NotABackup):
            backups.restore(fresh, data, made, OPERATOR, NOW, nothing)


def test_a_backup_of_an_older_schema_is_brought_up_to_date(
    fresh: Database, data: Path, file: Path, tmp_path: Path
) -> None:
    old = Database(f"sqlite:///{tmp_path / 'old' / 'sms.db'}")
    with old.engine.begin() as connection:
        command.upgrade(configuration(connection), "0008")
    backups.backup(old, data, file, NOW, nothing)
    old.close()
    backups.restore(fresh, data, file, OPERATOR, NOW, nothing)
    copying.check_source(fresh)


def test_a_backup_of_a_newer_schema_is_refused(
    sqlite_db: Database, fresh: Database, data: Path, file: Path
) -> None:
    with sqlite_db.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    backups.backup(sqlite_db, data, file, NOW, nothing)
    with pytest.raises(NewerSchema):
        backups.restore(fresh, data, file, OPERATOR, NOW, nothing)
    copying.check_target(fresh)


def test_a_place_that_can_not_be_written_is_said_in_one_sentence(
    sqlite_db: Database, data: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way of a folder")
    with pytest.raises(BackupUnwritable, match="could not be written: "):
        backups.backup(sqlite_db, data, tmp_path / "file" / "made.backup", NOW, nothing)


def test_no_folder_is_made_for_a_backup(sqlite_db: Database, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "not" / "mounted"
    with pytest.raises(FolderMissing, match=f"There is no folder {folder}. Make it, or see whether its disk"):
        backups.backup(sqlite_db, data, folder / "made.backup", NOW, nothing)
    assert not folder.parent.exists()
