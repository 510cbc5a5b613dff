from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import JSON, Text, cast, insert, select, text
from sqlmodel import Session, col

from domain.holds import Cause, Hold
from storage import copying, holds
from storage.checksums import Checksum
from storage.database import Database
from storage.schema import upgrade
from storage.tables import AuditEntry, Contact, User, metadata
from tests import arrange, postgres
from tests.conftest import NOW
from tests.storage import full

Rows = dict[str, list[tuple[object, ...]]]


def nothing(_line: str) -> None:
    pass


def rows(db: Database) -> Rows:
    """All there is, apart from the hold that the copy adds."""
    with db.read() as session:
        found = {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }
    found["setting"] = [row for row in found["setting"] if row[0] != holds.NAME]
    return found


@pytest.fixture
def empty(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'copy' / 'sms.db'}")


@pytest.fixture(params=["sqlite to postgres", "postgres to sqlite"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """A database with rows in every table, and an empty one of the other kind."""
    here = Database(f"sqlite:///{tmp_path / 'here.db'}")
    there = Database(postgres.database("copy"))
    source, target = (here, there) if request.param.startswith("sqlite") else (there, here)
    upgrade(source)
    full.fill(source)
    source.engine.dispose()  # a connection that stays open would count as a running program
    yield source, target
    here.close()
    there.close()


def test_every_row_of_every_table_arrives_as_it_was(pair: tuple[Database, Database]) -> None:
    source, target = pair
    told: list[str] = []
    copied = copying.copy(source, target, NOW, told.append)
    kept = rows(target)
    assert kept == rows(source)
    assert all(len(found) == full.ROWS for found in kept.values())
    assert copied == copying.Copied(len(metadata.sorted_tables), full.ROWS * len(metadata.sorted_tables))
    assert [line.partition(":")[0] for line in told] == [table.name for table in metadata.sorted_tables]
    assert all("3 rows, checksum " in line for line in told)


def test_sending_is_held_in_the_copy_alone(pair: tuple[Database, Database]) -> None:
    source, target = pair
    copying.copy(source, target, NOW, nothing)
    assert holds.current(target) == Hold(Cause.COPIED, NOW)
    assert holds.current(source) is None


def test_the_copy_goes_on_counting_behind_its_keys(pair: tuple[Database, Database]) -> None:
    source, target = pair
    copying.copy(source, target, NOW, nothing)
    with target.read() as session:
        last = max(session.scalars(select(col(User.id))).all(), key=lambda number: number or 0)
    assert arrange.person(target, NOW).user_id == (last or 0) + 1


def test_json_stays_what_it_was_to_the_letter(pair: tuple[Database, Database]) -> None:
    """Nothing, a written null and odd spacing are three different things."""
    source, target = pair
    entry = {"user_id": 1, "user_name": "Ada", "address": "", "action": "x", "kind": "y", "object_id": 1}
    with source.write() as session:
        session.connection().execute(insert(AuditEntry).values(id=90, at=NOW, **entry))
        session.connection().execute(insert(AuditEntry).values(id=91, at=NOW, before=None, **entry))
        odd = cast(text("""'{"a": 1,  "b" : 2e0}'"""), Text if source.is_sqlite else JSON)
        session.connection().execute(insert(AuditEntry).values(id=92, at=NOW, before=odd, **entry))
    source.engine.dispose()
    copying.copy(source, target, NOW, nothing)
    assert as_text(source) == as_text(target)
    assert as_text(target)[90] is None
    assert as_text(target)[91] == "null"
    assert as_text(target)[92] == '{"a": 1,  "b" : 2e0}'


def as_text(db: Database) -> dict[int, str | None]:
    with db.read() as session:
        return {
            row.id: row.before
            for row in session.execute(text("SELECT id, CAST(before AS TEXT) AS before FROM audit_entry"))
        }


def test_more_than_a_batch_is_copied_too(
    sqlite_db: Database, empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "BATCH", 7)
    monkeypatch.setattr(copying, "TELL_EVERY", 20)
    arrange.contact_list(sqlite_db, arrange.person(sqlite_db, NOW), NOW, arrange.numbers(50))
    told: list[str] = []
    copying.copy(sqlite_db, empty, NOW, told.append)
    assert [line for line in told if line.startswith("contact: ")][:-1] == [
        "contact: 21 of 50 rows",
        "contact: 42 of 50 rows",
    ]
    assert rows(empty) == rows(sqlite_db)
    empty.close()


def test_a_target_that_is_ready_and_empty_is_fine(sqlite_db: Database, empty: Database) -> None:
    upgrade(empty)
    arrange.person(sqlite_db, NOW)
    copying.copy(sqlite_db, empty, NOW, nothing)
    assert rows(empty) == rows(sqlite_db)
    empty.close()


def test_a_target_with_anything_in_it_is_refused(sqlite_db: Database, empty: Database) -> None:
    upgrade(empty)
    arrange.person(empty, NOW)
    with pytest.raises(copying.TargetNotEmpty):
        copying.copy(sqlite_db, empty, NOW, nothing)
    empty.close()


def test_a_database_is_not_copied_into_itself(sqlite_db: Database) -> None:
    with pytest.raises(copying.SameDatabase):
        copying.copy(sqlite_db, Database(sqlite_db.url), NOW, nothing)


@pytest.mark.parametrize("which", ["source", "target"])
def test_another_schema_is_refused(sqlite_db: Database, empty: Database, which: str) -> None:
    upgrade(empty)
    with (sqlite_db if which == "source" else empty).write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(copying.OtherRevision):
        copying.copy(sqlite_db, empty, NOW, nothing)
    empty.close()


def test_a_database_without_a_schema_is_refused_as_source(sqlite_db: Database, empty: Database) -> None:
    with pytest.raises(copying.OtherRevision):
        copying.copy(empty, sqlite_db, NOW, nothing)
    empty.close()


@pytest.mark.parametrize("which", ["source", "target"])
def test_a_postgresql_on_which_a_program_runs_is_refused(
    sqlite_db: Database, postgres_db: Database, which: str
) -> None:
    running = Database(postgres_db.url)
    with running.read() as session:
        session.execute(text("SELECT 1"))
    pair_ = (postgres_db, sqlite_db) if which == "source" else (sqlite_db, postgres_db)
    with pytest.raises(copying.StillInUse):
        copying.copy(*pair_, NOW, nothing)
    running.close()


def is_new(db: Database) -> bool:
    """Whether it holds nothing but what the migrations put there."""
    return {name for name, found in rows(db).items() if found} == {"place"}


def test_a_row_that_the_other_database_refuses_leaves_nothing_behind(sqlite_db: Database) -> None:
    target = Database(postgres.database("refusing"))
    arrange.person(sqlite_db, NOW)
    with sqlite_db.write() as session:
        session.add(Contact(phone="+12125550100", first_name="nul \x00", created_at=NOW))
    with pytest.raises(copying.CopyFailed, match="The table contact can't be kept as it is: "):
        copying.copy(sqlite_db, target, NOW, nothing)
    assert is_new(target)
    assert holds.current(target) is None
    target.close()


def test_rows_that_come_back_different_leave_nothing_behind(sqlite_db: Database, empty: Database) -> None:
    arrange.person(sqlite_db, NOW)
    upgrade(empty)
    with empty.write() as session:
        spoil(session)
    with pytest.raises(copying.CopyFailed, match="The table user came back different"):
        copying.copy(sqlite_db, empty, NOW, nothing)
    assert is_new(empty)
    empty.close()


def spoil(session: Session) -> None:
    """Whoever is written here comes back under another name."""
    session.execute(text("CREATE TRIGGER spoil AFTER INSERT ON user BEGIN UPDATE user SET name = 'Eve'; END"))


def test_counting_names_every_table(sqlite_db: Database) -> None:
    arrange.person(sqlite_db, NOW)
    found = copying.counts(sqlite_db)
    some = {"user", "setting", "place"}  # the last two are in every database of a test
    assert found == {table.name: int(table.name in some) for table in metadata.sorted_tables}


def test_a_checksum_knows_every_value_and_no_order() -> None:
    def of(*given: tuple[object, ...]) -> str:
        made = Checksum()
        made.add(given)
        return str(made)

    assert of((1, "a"), (2, None), (3, NOW)) == of((3, NOW), (1, "a"), (2, None))
    different = [of((1, "a")), of((1, "a"), (1, "a")), of(("1", "a")), of((1, "a", None)), of((True, "a"))]
    assert len({*different, of((1, "A")), of((1, None)), of((1, ""))}) == 8
