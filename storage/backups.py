"""Backup and restore of everything but the secret key, while programs go on or into an empty database.

A restored database sends nothing until a person releases it, and even then goes on with nothing that had
begun: whom it was sent to after the backup was made, it can't know.
"""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from domain.access import Actor
from domain.holds import Cause
from domain.problems import Problem
from storage import answers, archive, audit, copying, holds, missed, sessions
from storage.archive import DATABASE, BackupDamaged, Manifest
from storage.copying import Say
from storage.database import Database
from storage.schema import upgrade

FOLDERS = {"attachments": "attachment", "imports": "import_job"}
"""The folders of the data directory, and the tables whose rows name their files."""


class NothingToBackUp(Problem):
    """There is no database yet, so there is nothing to back up."""


class NoDataDirectory(Problem):
    """There is no such data directory. Set SMS_DATA_DIR to the one that the program uses."""


class DatabaseDamaged(Problem):
    """The database did not pass its own check, so no backup was made. Bring it back from an older one."""


class NotEmpty(Problem):
    """The database has data already, and a restore overwrites nothing. Name an empty one."""


class FileInTheWay(Problem):
    """The data directory has a file that the backup holds too, with another content. Take an empty one."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How much a backup or a restore moved."""

    rows: int
    files: int
    missing: int = 0  # attachments that rows name and nobody has


def backup(db: Database, data: Path, file: Path, now: datetime, say: Say) -> Moved:
    """Write everything into one new file, as it is at one instant; whoever uses the database goes on.

    The copy passed the database's own check, and every part was read back. No folder is made for it. Raises
    `BackupExists`, `FolderMissing`, `NothingToBackUp`, `DatabaseDamaged` or `BackupUnwritable`.
    """
    with archive.written(file) as draft, _workshop(draft.parent) as folder:
        copy = folder / DATABASE
        if db.is_sqlite:
            _copy_pages(db, copy)
        else:
            _copy_rows(db, copy, say)
        rows = _checked(copy, DatabaseDamaged)
        named = _named_files(copy, rows)
        there = {name: data / name for name in named if (data / name).is_file()}
        archive.pack(draft, Manifest(now, rows), {DATABASE: copy, **there})
        archive.unpack(draft, None)
        missing = sum(1 for name in named if name not in there and name.startswith("attachments/"))
        return Moved(sum(rows.values()), len(there), missing)


def restore(db: Database, data: Path, file: Path, actor: Actor, now: datetime, say: Say) -> Moved:
    """Bring everything back into an empty database and hold sending there.

    All of it or nothing. Raises `NotABackup`, `BackupDamaged`, `NotEmpty`, `FileInTheWay`, `NewerSchema` or
    what `copying.transfer` raises.
    """
    try:
        copying.check_target(db)
    except (copying.TargetNotEmpty, copying.OtherRevision) as problem:
        raise NotEmpty from problem
    with _workshop(data) as folder:
        manifest = archive.unpack(file, folder)
        if _checked(folder / DATABASE, BackupDamaged) != manifest.rows:
            raise BackupDamaged
        source = Database(f"sqlite:///{folder / DATABASE}")
        try:
            upgrade(source)
            with _put(folder, data, [name for name in manifest.members if name != DATABASE]) as files:
                made = manifest.made_at
                copied = copying.transfer(source, db, say, lambda writing: _hold(writing, actor, made, now))
                return Moved(copied.rows, files)
        finally:
            source.close()


def _hold(session: Session, actor: Actor, made_at: datetime, now: datetime) -> None:
    holds.place(session, Cause.RESTORED, now)
    held = missed.hold_restored(session, now)
    answers.forget_queued(session)
    sessions.forget_all(session)
    after = {"backup of": made_at.isoformat(), "messages that wait for a decision": held}
    audit.record(session, actor, now, "restore backup", "setting", 0, after=after)


def _copy_pages(db: Database, copy: Path) -> None:
    """SQLite's own online backup: a snapshot, however fast others write."""
    path = Path(db.url.removeprefix("sqlite:///"))
    if not path.is_file():
        raise NothingToBackUp
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


def _copy_rows(db: Database, copy: Path, say: Say) -> None:
    """Every row of a PostgreSQL, as one transaction sees them."""
    copying.check_source(db)
    target = Database(f"sqlite:///{copy}")
    try:
        copying.transfer(db, target, say, lambda _writing: None)
    finally:
        target.close()


def _checked(copy: Path, damaged: type[Problem]) -> dict[str, int]:
    """Let the database check itself; returns the rows of each table."""
    try:
        with closing(sqlite3.connect(copy)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchall()
            if found != [("ok",)] or connection.execute("PRAGMA foreign_key_check").fetchone():
                raise damaged
            names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            tables = [name for (name,) in names.fetchall() if not name.startswith("sqlite_")]
            return {name: _count(connection, name) for name in tables}
    except sqlite3.DatabaseError as error:
        raise damaged from error


def _count(connection: sqlite3.Connection, table: str) -> int:
    rows: int = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
    return rows


def _named_files(copy: Path, tables: Iterable[str]) -> Sequence[str]:
    """The files that the copy's rows name, as members of the archive; the schema may be an older one."""
    found = []
    with closing(sqlite3.connect(copy)) as connection:
        for folder, table in FOLDERS.items():
            if table in tables:
                names = connection.execute(f"SELECT DISTINCT stored_name FROM {table} ORDER BY 1")
                found += [f"{folder}/{Path(name).name}" for (name,) in names.fetchall()]
    return found


@contextmanager
def _put(folder: Path, data: Path, names: Iterable[str]) -> Iterator[int]:
    """Move unpacked files into the data directory; out again when what follows fails."""
    put: list[Path] = []
    try:
        for name in names:
            target = data / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                (folder / name).rename(target)
                put.append(target)
            elif target.read_bytes() != (folder / name).read_bytes():
                raise FileInTheWay
        yield len(put)
    except BaseException:
        for path in put:
            path.unlink(missing_ok=True)
        raise


@contextmanager
def _workshop(beside: Path) -> Iterator[Path]:
    """A folder for drafts that only we can read, on the disk where they are to end."""
    beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=beside) as made:
        yield Path(made)
