"""The way into the database: short transactions, one writer at a time on SQLite, a small thread pool."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlmodel import Session

from domain.access import Actor
from domain.problems import Problem, Unavailable
from storage import living_sessions
from storage.vault import Vault

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 6
"""Threads for storage verbs; more would only queue behind SQLite's one writer."""


APPLICATION = "sms-campaigns"
"""By this name PostgreSQL knows our connections."""

FORSAKEN_SECONDS = 60
"""A transaction on PostgreSQL in which nothing happens for so long is ended: its process hangs, and locks."""


class DatabaseUnusable(Problem):
    """SMS_DATABASE_URL does not name a database that can be opened."""


class DatabaseBusy(Unavailable):
    """The database is busy, so nothing was changed. Try again in a moment."""


class DiskFull(Unavailable):
    """The disk is full, so nothing was changed. Ask an administrator to make room, then try again."""


class DatabaseGone(Unavailable):
    """The database does not answer. Try again in a moment, and look whether it was done."""


class Database:
    """A SQLite file or a PostgreSQL, and the threads in which its verbs run."""

    def __init__(self, url: str, vault: Vault | None = None) -> None:
        self.url = url
        self.vault = vault  # seals carrier credentials; what never touches them goes without
        self.is_sqlite = url.startswith("sqlite")
        self._turn = Lock() if self.is_sqlite else None
        try:
            if self.is_sqlite:
                path = make_url(url).database or ""
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                self.engine = _sqlite(url, "BEGIN IMMEDIATE")
                self._readers = _sqlite(url, "BEGIN")
            else:
                self.engine = _postgresql(url)
                self._readers = self.engine
        except (ArgumentError, ValueError, OSError) as error:
            raise DatabaseUnusable from error
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="storage")

    @property
    def folder(self) -> Path | None:
        """Where the file of a SQLite lies; None for PostgreSQL."""
        return Path(make_url(self.url).database or "").absolute().parent if self.is_sqlite else None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads; it never waits for writers."""
        with Session(self._readers, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that writes: committed at the end, rolled back on any exception.

        Raises a kind of `Unavailable` where the database itself can't take it just now.
        """
        try:
            with self.turn(), Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
        except OperationalError as error:
            trouble = _trouble(error)
            if trouble is None:
                raise
            log.warning("the database could not be written: %s", str(error.orig).strip())
            raise trouble from error

    def turn(self) -> AbstractContextManager[object]:
        """While it is held no other thread of this process writes, where SQLite has one writer at a time."""
        return nullcontext() if self._turn is None else self._turn

    def put_off_checkpoints(self) -> None:
        """Let this process's commits leave SQLite's log to `checkpoint`; for a process with one thread."""
        self._pragma(self.engine, "wal_autocheckpoint=0")

    def checkpoint(self) -> None:
        """Write SQLite's log back into its file, while others read and write."""
        self._pragma(self._readers, "wal_checkpoint(PASSIVE)")

    def _pragma(self, engine: Engine, what: str) -> None:
        if self.is_sqlite:
            with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
                cursor.execute(f"PRAGMA {what}")

    async def run(self, verb: Callable[Concatenate["Database", P], T], *args: P.args, **kw: P.kwargs) -> T:
        """Run a storage verb in a thread of the pool, with this database as its first argument.

        Where somebody acts who signed in, their session must live: raises `SignedOut` otherwise.
        """
        call = partial(_while_signed_in, self, verb, *args, **kw)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def close(self) -> None:
        """Wait for running verbs, then close every connection."""
        self._threads.shutdown(wait=True)
        self.engine.dispose()
        self._readers.dispose()


def _while_signed_in(db: Database, verb: Callable[..., T], *args: Any, **kw: Any) -> T:
    if args and isinstance(args[0], Actor) and args[0].session_id is not None:
        with db.read() as session:
            living_sessions.require(session, args[0])
    return verb(db, *args, **kw)


def _trouble(error: OperationalError) -> Unavailable | None:
    """What a failed write means for people; None for a mistake of the program's own."""
    if not isinstance(error.orig, sqlite3.OperationalError):
        return _POSTGRES.get(getattr(error.orig, "sqlstate", None) or "", DatabaseGone)()
    kind = _SQLITE.get(error.orig.sqlite_errorcode & 0xFF)
    return kind() if kind else None


_SQLITE: dict[int, type[Unavailable]] = {
    sqlite3.SQLITE_BUSY: DatabaseBusy,
    sqlite3.SQLITE_LOCKED: DatabaseBusy,
    sqlite3.SQLITE_FULL: DiskFull,
    sqlite3.SQLITE_IOERR: DatabaseGone,
    sqlite3.SQLITE_CANTOPEN: DatabaseGone,
}
_POSTGRES: dict[str, type[Unavailable]] = {
    "40001": DatabaseBusy,  # could not serialize
    "40P01": DatabaseBusy,  # deadlock
    "53100": DiskFull,
    "53300": DatabaseBusy,  # too many connections
    "55P03": DatabaseBusy,  # a lock was not given in time
    "57014": DatabaseBusy,  # a statement took too long
}


def _sqlite(url: str, begin: str) -> Engine:
    engine = create_engine(
        url, hide_parameters=True, connect_args={"check_same_thread": False, "timeout": 10.0}
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A deferred BEGIN that turns into a writer fails at once when somebody else writes.
        connection.exec_driver_sql(begin)

    return engine


_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # a claim lost to a power cut would be sent twice
    "busy_timeout=10000",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "cache_size=-65536",
)


def _postgresql(url: str) -> Engine:
    # A plan for any values can't use the partial indexes: a claim would read the whole ledger.
    plans = "-c plan_cache_mode=force_custom_plan"
    forsaken = f"-c idle_in_transaction_session_timeout={FORSAKEN_SECONDS}s"
    options = f"{forsaken} -c lock_timeout=15000 -c timezone=UTC {plans}"
    return create_engine(
        url,
        hide_parameters=True,  # an error's text would repeat people's numbers
        pool_pre_ping=True,
        pool_size=THREADS + 2,
        max_overflow=4,
        connect_args={"options": options, "application_name": APPLICATION, "connect_timeout": 10},
    )
