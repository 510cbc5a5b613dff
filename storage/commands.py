"""What an operator may ask of the database from the command line; each answers with what to tell them."""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from domain.access import Actor, Role
from domain.settings import Settings
from storage import api_keys, backups, copying, credentials, demo, holds, joining, schema
from storage.data_dir import DataDir
from storage.database import Database
from storage.opening import data_dir, database, unlocked

log = logging.getLogger(__name__)

_OPERATOR = Actor(0, "Command line", Role.ADMIN)


def migrate(settings: Settings) -> str:
    """Bring the database to the newest schema."""
    with database(settings, upgraded=False) as db:
        return f"The database is at revision {schema.upgrade(db)}."


def create_api_key(settings: Settings, name: str, role: Role, now: datetime) -> str:
    """Make a key for a program; the answer is the key, which can't be read again."""
    with database(settings) as db:
        return api_keys.create(db, name, role, now)


def create_admin(settings: Settings, email: str, now: datetime) -> str:
    """Make an administrator; the answer is a one-time link with which they choose their password."""
    with database(settings) as db:
        purpose, token = joining.administrator_link(db, email, now)
    return f"{settings.public_url}/{purpose}/{token}"


def copy_database(
    settings: Settings, target_url: str, now: datetime, tell: Callable[[str], None], *, dry_run: bool
) -> str:
    """Copy the database into an empty one and hold sending there; `dry_run` only checks and counts."""
    data_dir(settings, exclusive=True)
    source, target = Database(settings.database_url), Database(target_url)
    lock = DataDir(target.folder) if target.folder and target.folder != source.folder else None
    if lock:
        lock.lock()
    try:
        if dry_run:
            copying.check(source, target)
            for name, rows in copying.counts(source).items():
                tell(f"{name}: {rows:,} rows")
            return "Nothing keeps the database from being copied. Nothing was copied now."
        copied = copying.copy(source, target, now, tell)
    finally:
        source.close()
        target.close()
    return (
        f"Copied {copied.rows:,} rows of {copied.tables} tables; all counts and checksums agree. Sending is "
        "held in the copy: start on it with the same secret key and attachments, then release sending on "
        "any page, or run: python main.py release-sending"
    )


def backup(settings: Settings, file: str, now: datetime) -> str:
    """Write everything but the secret key into one new file, whether the program runs or not."""
    if not settings.data_dir.is_dir():
        raise backups.NoDataDirectory(
            f"There is no data directory {settings.data_dir}. "
            "Set SMS_DATA_DIR to the one that the program uses."
        )
    with database(settings, upgraded=False) as db:
        made = backups.backup(db, settings.data_dir, Path(file), now, log.debug)
    missing = f" {made.missing:,} attachments had lost their files." if made.missing else ""
    return (
        f"Backed up {made.rows:,} rows and {made.files:,} files to {file}; the copy passed its checks."
        f"{missing} The secret key is not in it: keep that elsewhere."
    )


def restore(settings: Settings, file: str, now: datetime) -> str:
    """Bring a backup back into an empty database and hold sending there."""
    with database(settings, exclusive=True, upgraded=False) as db:
        moved = backups.restore(db, settings.data_dir, Path(file), _OPERATOR, now, log.debug)
    return (
        f"Restored {moved.rows:,} rows and {moved.files:,} files; all counts and checksums agree. Sending is "
        "held: start with the same secret key, decide about each message that had begun, then release "
        "sending on any page, or run: python main.py release-sending"
    )


def release_sending(settings: Settings, now: datetime) -> str:
    """After a copy or a restore: let everything that is due be sent again."""
    with database(settings) as db:
        released = holds.release(db, _OPERATOR, now)
    return "Sending is released." if released else "Sending was not held."


def forget_credentials(settings: Settings) -> str:
    """After the secret key was lost: drop the carrier credentials that nothing can open any more."""
    with unlocked(settings, data_dir(settings, exclusive=True)) as (db, _secret):
        names = credentials.forget_unreadable(db)
    if not names:
        return "The secret key opens all carrier credentials, so nothing was dropped."
    return f"Dropped the credentials of {', '.join(names)}. Their lines are blocked until you enter new ones."


def seed_demo(settings: Settings, now: datetime) -> str:
    """Fill an empty database with demo data."""
    with database(settings) as db:
        filled = demo.seed(db, now)
    return "Demo data added." if filled else "There is data already, so nothing was added."
