"""What a write says when the database itself can't take it; and that nothing was changed then."""

import sqlite3

import pytest
from sqlalchemy import text

from storage.database import Database, DatabaseBusy, DiskFull
from tests import arrange
from tests.conftest import NOW
from tests.locks import held, impatient


def test_a_lock_of_somebody_else_is_said_in_words(db: Database) -> None:
    arrange.person(db, NOW)
    impatient(db)
    with held(db, "user"), pytest.raises(DatabaseBusy, match="nothing was changed"), db.write() as session:
        session.execute(text("UPDATE \"user\" SET name = 'Ben'"))
    with db.read() as session:
        assert session.scalar(text('SELECT name FROM "user"')) == "Ada Park"


def test_a_full_disk_is_said_in_words(sqlite_db: Database) -> None:
    with sqlite_db.write() as session:
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
        session.connection().exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(DiskFull, match="make room"):
        for number in range(2_000):
            arrange.person(sqlite_db, NOW, name=f"Person {number}")


def test_a_mistake_of_our_own_stays_what_it_is(sqlite_db: Database) -> None:
    with pytest.raises(Exception, match="no such table") as caught, sqlite_db.write() as session:
        session.execute(text("UPDATE strangers SET name = 'Ben'"))
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
