"""The move to PostgreSQL by command: everything arrives, and nothing is sent before it is released."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from domain.campaigns import Status
from domain.deliveries import State
from storage import campaigns, results
from storage.database import Database
from storage.schema import upgrade
from storage.tables import Message
from tests import arrange, ledger, postgres, wait
from tests.faults.carrier import Sink
from tests.faults.program import Program, run

PEOPLE = 50


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def campaign_id(folder: Path, carrier: Sink) -> int:
    """A campaign on SQLite whose message is due."""
    now = datetime.now(UTC)
    db = Database(f"sqlite:///{folder / 'sms.db'}")
    upgrade(db)
    arrange.any_hour(db)
    actor = arrange.person(db, now)
    line_id = arrange.line(db, now, base_url=carrier.url)
    list_id = arrange.contact_list(db, actor, now, arrange.numbers(PEOPLE))
    made = arrange.draft(db, actor, now, line_id, list_id)
    campaigns.schedule(db, actor, made, now)
    with db.write() as session:
        session.execute(update(Message).values(send_at=now, begins_at=now))
    db.close()
    return made


def test_a_copy_sends_nothing_until_it_is_released(folder: Path, campaign_id: int, carrier: Sink) -> None:
    url = postgres.database("moved")
    copied = run(folder, "copy-database", url)
    assert copied.returncode == 0, copied.stderr
    assert f"delivery: 0 rows, checksum {0:032x}" in copied.stderr
    assert f"contact: {PEOPLE} rows, checksum " in copied.stderr
    assert copied.stdout.startswith("Copied ")
    assert "all counts and checksums agree. Sending is held in the copy" in copied.stdout

    worker = Program(folder, {"SMS_DATABASE_URL": url}, ("worker",))
    db = Database(url)
    try:
        worker.start()
        beats = ticks(db)
        wait.until(lambda: ticks(db) > beats + 3, 20, "the worker's looking around")
        assert carrier.requests == []
        released = run(folder, "release-sending", SMS_DATABASE_URL=url)
        assert (released.returncode, released.stdout) == (0, "Sending is released.\n")
        wait.until(lambda: status(db, campaign_id) is Status.COMPLETED, 40, "the campaign's end")
        assert worker.terminate() == 0
        states = ledger.states(db, ledger.message_ids(db, campaign_id)[0])
        assert set(states.values()) == {State.SENT}
        assert len(carrier.sent) == PEOPLE
        assert carrier.twice == []
    finally:
        worker.end()
        db.close()
    again = run(folder, "release-sending", SMS_DATABASE_URL=url)
    assert (again.returncode, again.stdout) == (0, "Sending was not held.\n")


def ticks(db: Database) -> int:
    """Transactions of the whole database so far: whoever looks around makes more of them."""
    with db.read() as session:
        query = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        return int(session.connection().exec_driver_sql(query).scalar_one())


def status(db: Database, campaign_id: int) -> Status:
    return results.overview(db, campaign_id, datetime.now(UTC)).standing.status


@pytest.mark.usefixtures("campaign_id")
def test_a_dry_run_counts_and_copies_nothing(folder: Path) -> None:
    url = postgres.database("moved")
    tried = run(folder, "copy-database", url, "--dry-run")
    assert (tried.returncode, tried.stdout) == (
        0,
        "Nothing keeps the database from being copied. Nothing was copied now.\n",
    )
    assert f"contact: {PEOPLE} rows\n" in tried.stderr
    copied = run(folder, "copy-database", url)
    assert copied.returncode == 0, copied.stderr
    refused = run(folder, "copy-database", url, "--dry-run")
    assert refused.returncode == 2
    assert refused.stderr == "The database to copy to is not empty. Name an empty one.\n"


def test_a_database_in_use_is_not_copied(tmp_path: Path) -> None:
    program = Program(tmp_path / "data")
    try:
        program.start()
        refused = run(program.folder, "copy-database", postgres.database("moved"))
    finally:
        program.end()
    assert refused.returncode == 2
    assert refused.stderr.startswith("Another process already uses the data directory")


@pytest.mark.usefixtures("campaign_id")
def test_a_sqlite_in_use_is_not_copied_to(folder: Path, tmp_path: Path) -> None:
    program = Program(tmp_path / "other")
    try:
        program.start()
        refused = run(folder, "copy-database", f"sqlite:///{program.folder / 'sms.db'}")
    finally:
        program.end()
    assert refused.returncode == 2
    assert refused.stderr.startswith("Another process already uses the data directory")


@pytest.mark.parametrize("url", ["mysql://root@localhost/sms", "postgresql://127.0.0.1:1/sms"])
@pytest.mark.usefixtures("campaign_id")
def test_a_target_that_can_not_be_used_is_named_in_one_line(folder: Path, url: str) -> None:
    refused = run(folder, "copy-database", url)
    assert refused.returncode == 2
    assert len(refused.stderr.strip().splitlines()) == 1, refused.stderr
    assert refused.stderr.startswith(
        ("SMS_DATABASE_URL must", f"The database {url.replace(':', '+psycopg:', 1)} can't")
    )
