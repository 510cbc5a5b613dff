"""Somebody else who holds the database while we want to write."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text

from storage.database import Database


def impatient(db: Database) -> None:
    """Let it wait for nobody's lock."""
    db.engine.dispose()
    setting = "PRAGMA busy_timeout=0" if db.is_sqlite else "SET lock_timeout = '50ms'"

    @event.listens_for(db.engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.cursor().execute(setting)
        if not db.is_sqlite:
            connection.commit()


@contextmanager
def held(db: Database, table: str) -> Iterator[None]:
    """Somebody else is changing the table's rows, and does not come to an end."""
    other = Database(db.url)
    try:
        with other.write() as session:
            lock = f'LOCK TABLE "{table}" IN EXCLUSIVE MODE'
            session.execute(text("SELECT 1" if db.is_sqlite else lock))
            yield
    finally:
        other.close()
