from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, text

from storage.database import Database
from storage.schema import NewerSchema, newest, upgrade
from storage.tables import metadata
from tests.wait import until


def test_the_migrations_make_exactly_the_tables_of_the_code(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_upgrading_twice_changes_nothing(db: Database) -> None:
    assert upgrade(db) == upgrade(db)


def test_a_newer_schema_is_refused(db: Database) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))
    with pytest.raises(NewerSchema):
        upgrade(db)


def test_whoever_comes_second_waits_for_a_long_upgrade(postgres_db: Database) -> None:
    """However little patience its connections have for other locks."""
    hurried = Database(postgres_db.url)

    @event.listens_for(hurried.engine, "connect")
    def _hurry(connection: Any, _record: Any) -> None:
        connection.execute("SET lock_timeout = 50")
        connection.commit()

    with ThreadPoolExecutor(1) as threads, postgres_db.engine.begin() as upgrading:
        upgrading.execute(text("SELECT pg_advisory_xact_lock(7365541)"))
        second = threads.submit(upgrade, hurried)
        began = monotonic()
        until(lambda: second.done() or monotonic() > began + 0.5)
        assert not second.done()
        upgrading.rollback()
        assert second.result(20) == newest()
    hurried.close()
