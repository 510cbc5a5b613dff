"""The schema's version: upgraded at start under a lock, and never run against a newer one."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from domain.problems import Problem
from storage.database import Database, DatabaseUnusable

_LOCK = 7_365_541  # any number that is ours
_SCRIPTS = str(Path(__file__).parent / "migrations")


class NewerSchema(Problem):
    """The database was made by a newer version of this program. Install that version, or a newer one."""


def upgrade(db: Database) -> str:
    """Bring the database to the newest schema, one process at a time; returns its revision.

    Raises `NewerSchema` when the database is ahead of this program, `DatabaseUnusable` when there is none.
    """
    try:
        return _upgrade(db)
    except OperationalError as error:
        why = str(error.orig).strip().partition("\n")[0]
        raise DatabaseUnusable(f"The database of SMS_DATABASE_URL can't be used: {why}.") from error


def _upgrade(db: Database) -> str:
    with db.engine.begin() as connection:
        if not db.is_sqlite:
            _take_turn(connection)
        config = configuration(connection)
        scripts = ScriptDirectory.from_config(config)
        known = {script.revision for script in scripts.walk_revisions()}
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in known:
            raise NewerSchema
        command.upgrade(config, "head")
        return scripts.get_current_head() or ""


def _take_turn(connection: Connection) -> None:
    """Wait for whoever upgrades right now, however long that takes; then no lock is waited for that long."""
    patience = connection.execute(text("SHOW lock_timeout")).scalar_one()
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    connection.execute(text("SELECT set_config('lock_timeout', :patience, true)"), {"patience": patience})


def newest() -> str:
    """The revision that this program works with."""
    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    return ScriptDirectory.from_config(config).get_current_head() or ""


def configuration(connection: Connection) -> Config:
    """Alembic's configuration on an open connection."""
    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    config.attributes["connection"] = connection
    return config
