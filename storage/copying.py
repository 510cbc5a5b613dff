"""The copy of a whole database into an empty one, such as from SQLite to PostgreSQL, proved row by row.

All of it is one transaction of the new database: it has everything, with sending held, or nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    JSON,
    Column,
    Integer,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    inspect,
    literal,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from domain.holds import Cause
from domain.problems import Problem
from storage import contact_ids, holds
from storage.checksums import Checksum
from storage.database import APPLICATION, Database, DatabaseUnusable
from storage.schema import newest, upgrade
from storage.tables import NOWHERE, Place, metadata

BATCH = 2_000
"""Rows read and written at once."""

TELL_EVERY = 100_000
"""Rows of a table between two lines about it."""


class SameDatabase(Problem):
    """This is the database that is in use now. Name the one to copy it to."""


class OtherRevision(Problem):
    """The two databases have different schemas. Run “python main.py migrate” on both with this version."""


class TargetNotEmpty(Problem):
    """The database to copy to is not empty. Name an empty one."""


class StillInUse(Problem):
    """A program is still running on one of the two databases. Stop every web and worker process first."""


class CopyFailed(Problem):
    """The copy failed, and nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How much was copied."""

    tables: int
    rows: int


Say = Callable[[str], None]


def check(source: Database, target: Database) -> None:
    """Raise the reason why the one can't be copied into the other."""
    if source.url == target.url:
        raise SameDatabase
    _check_unused(source)
    _check_unused(target)
    check_source(source)
    check_target(target)


def check_source(source: Database) -> None:
    """Raise `OtherRevision` unless this version made the source's schema."""
    if _revision(source) != newest():
        raise OtherRevision


def counts(db: Database) -> dict[str, int]:
    """The rows of each table, in the order in which they are copied."""
    with db.read() as session:
        return {table.name: _count(session, table) for table in metadata.sorted_tables}


def copy(source: Database, target: Database, now: datetime, say: Say) -> Copied:
    """Copy everything and hold sending in the copy; what is said on the way goes line by line to `say`.

    Raises the reasons of `check`, and `CopyFailed` when a row can't be kept or comes back different.
    """
    check(source, target)
    return transfer(source, target, say, lambda writing: holds.place(writing, Cause.COPIED, now))


def transfer(source: Database, target: Database, say: Say, finish: Callable[[Session], None]) -> Copied:
    """Copy everything as it is at one instant, while programs may go on writing to the source.

    `finish` is the last part of the new database's one transaction. Raises `CopyFailed`.
    """
    upgrade(target)
    rows = 0
    with _at_one_instant(source) as reading, target.write() as writing:
        for table in metadata.sorted_tables:
            rows += _copy_table(reading, writing, table, say)
        if not target.is_sqlite:
            _set_sequences(writing)
        contact_ids.count_on(writing, contact_ids.last(reading))
        finish(writing)
    return Copied(len(metadata.sorted_tables), rows)


def check_target(target: Database) -> None:
    """Raise the reason why nothing can be copied into it: `StillInUse`, `OtherRevision`, `TargetNotEmpty`."""
    _check_unused(target)
    if _revision(target) not in (None, newest()):
        raise OtherRevision
    if _has_rows(target):
        raise TargetNotEmpty


@contextmanager
def _at_one_instant(db: Database) -> Iterator[Session]:
    """Every query sees what the first one saw, however long the whole takes."""
    with db.read() as session:
        if not db.is_sqlite:  # there each statement else sees a state of its own
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            # and by this name no worker takes it for one that its process has forsaken
            session.execute(text(f"SET LOCAL application_name = '{APPLICATION} copy'"))
        yield session


def _copy_table(reading: Session, writing: Session, table: Table, say: Say) -> int:
    """Copy one table, then read it back; returns its rows."""
    given, kept = Checksum(), Checksum()
    writing.execute(delete(table))  # what the migrations put there is in the source too
    statement = insert(table).values({c.name: _value(c, writing) for c in table.columns})
    total = _count(reading, table)
    for batch in _batches(reading, table):
        given.add(batch)
        try:
            writing.connection().execute(statement, [_values(row) for row in batch])
        except DBAPIError as error:
            why = str(error.orig).strip().partition("\n")[0]
            raise CopyFailed(f"The table {table.name} can't be kept as it is: {why}") from error
        if given.rows % TELL_EVERY < len(batch) and given.rows < total:
            say(f"{table.name}: {given.rows:,} of {total:,} rows")
    for batch in _batches(writing, table):
        kept.add(batch)
    if not kept.rows == given.rows == total or kept.sum != given.sum:
        raise CopyFailed(
            f"The table {table.name} came back different ({given.rows:,} rows and {given}, then "
            f"{kept.rows:,} rows and {kept}), so nothing of the copy was kept."
        )
    say(f"{table.name}: {total:,} rows, checksum {given}")
    return total


def _batches(session: Session, table: Table) -> Iterator[list[Row[Any]]]:
    columns = [_plain(column) for column in table.columns]
    rows = session.connection().execute(
        select(*columns), execution_options={"yield_per": BATCH, "stream_results": True}
    )
    for partition in rows.partitions():
        yield list(partition)


def _plain(column: Column[Any]) -> Any:
    """The column as it is read: JSON as its text, so that nothing is written anew and NULL stays NULL."""
    return cast(column, Text).label(column.name) if isinstance(column.type, JSON) else column


def _value(column: Column[Any], writing: Session) -> Any:
    """The column's parameter as it is written."""
    if not isinstance(column.type, JSON):
        return bindparam(f"new_{column.name}", type_=column.type)
    value = bindparam(f"new_{column.name}", type_=Text())
    return cast(value, JSON) if writing.get_bind().dialect.name == "postgresql" else value


def _values(row: Row[Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in row._mapping.items()}


def _set_sequences(writing: Session) -> None:
    """Let PostgreSQL go on counting behind the copied keys, which it did not give out itself."""
    quote = writing.get_bind().dialect.identifier_preparer.quote
    for table in metadata.sorted_tables:
        keys = list(table.primary_key.columns)
        if len(keys) == 1 and isinstance(keys[0].type, Integer):
            last = select(func.max(keys[0])).scalar_subquery()
            sequence = func.pg_get_serial_sequence(quote(table.name), keys[0].name)
            writing.execute(select(func.setval(sequence, last)))


def _revision(db: Database) -> str | None:
    with db.read() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def _has_rows(db: Database) -> bool:
    with db.read() as session:
        there = set(inspect(session.connection()).get_table_names())
        tables = [table for table in metadata.sorted_tables if table.name in there]
        return any(session.scalar(_anything(table)) for table in tables)


def _anything(table: Table) -> Select[Any]:
    """A row of the table that no migration put there."""
    query = select(literal(1)).select_from(table).limit(1)
    return query.where(table.c.id != NOWHERE) if table.name == Place.__tablename__ else query


def _check_unused(db: Database) -> None:
    try:
        in_use = _is_in_use(db)
    except OperationalError as error:
        named = make_url(db.url).render_as_string(hide_password=True)
        why = str(error.orig).strip().partition("\n")[0]
        raise DatabaseUnusable(f"The database {named} can't be used: {why}.") from error
    if in_use:
        raise StillInUse


def _is_in_use(db: Database) -> bool:
    """Whether another program of ours is connected; on SQLite the data directory's lock tells."""
    if db.is_sqlite:
        return False
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = :name AND pid <> pg_backend_pid()"
    )
    with db.read() as session:
        return bool(session.execute(query, {"name": APPLICATION}).scalar_one())


def _count(session: Session, table: Table) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0
