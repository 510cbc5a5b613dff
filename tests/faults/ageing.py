"""A database as an earlier version of the program left it: the same rows, without what came later."""

from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Integer, MetaData, delete, insert, select, text

from storage.database import Database
from storage.schema import configuration


def revisions(db: Database) -> list[str]:
    """All there are, oldest first."""
    with db.engine.connect() as connection:
        scripts = ScriptDirectory.from_config(configuration(connection)).walk_revisions()
        return [script.revision for script in scripts][::-1]


def age(source: Database, target: Database, revision: str) -> None:
    """Bring `target`, which is empty, to `revision`, and copy what that version knew."""
    with target.engine.begin() as connection:
        command.upgrade(configuration(connection), revision)
    now, then = MetaData(), MetaData()
    now.reflect(source.engine)
    then.reflect(target.engine)
    with source.engine.connect() as read, target.engine.begin() as write:
        for table in then.sorted_tables:
            if table.name == "alembic_version":
                continue
            kept = now.tables[table.name]
            columns = [kept.c[column.name] for column in table.columns if column.name in kept.c]
            rows: list[dict[str, Any]] = [dict(row._mapping) for row in read.execute(select(*columns))]
            write.execute(delete(table))  # what the migrations put there is among the rows
            if rows:
                write.execute(insert(table), rows)
            if not target.is_sqlite and "id" in table.c and isinstance(table.c.id.type, Integer):
                newest = f'(SELECT coalesce(max(id), 1) FROM "{table.name}")'
                serial = f"pg_get_serial_sequence('\"{table.name}\"', 'id')"
                write.execute(text(f"SELECT setval({serial}, {newest}) WHERE {serial} IS NOT NULL"))
