"""Databases for tests: a fresh copy of a migrated template each, on SQLite and on PostgreSQL."""

import gc
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from sqlalchemy import Engine

from storage import passwords
from storage.database import Database
from storage.schema import upgrade
from storage.vault import Vault
from tests import arrange, postgres, scratch

SECRET = "a secret key of tests, long enough"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOBODYS = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("nobody's")
_numbers = count(1)
_first_engines: dict[str, Engine] = {}

# No deadline: how long an example takes says how busy the machine is. The suite tries the same examples each
# time, so that it fails for a change and never by chance; `make explore` looks for others.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("suite")


def pytest_configure() -> None:
    if found := scratch.folder():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(found))


def pytest_collection_finish() -> None:
    _keep()


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if nextitem is None or nextitem.path != item.path:
        _keep()


def _keep() -> None:
    """What is left stays: no collection needs to look through it again; NiceGUI asks for two a simulation."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def real_passwords() -> None:
    """For a test of how passwords are kept."""


@pytest.fixture(autouse=True)
def _cheap_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everywhere else a hash need not take a tenth of a second and 64 MiB."""
    if "real_passwords" not in request.fixturenames:
        monkeypatch.setattr(passwords, "MEMORY_KIB", 64)
        monkeypatch.setattr(passwords, "PASSES", 1)
        monkeypatch.setattr(passwords, "NOBODYS", NOBODYS)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "sms.db"
    db = Database(f"sqlite:///{path}")
    upgrade(db)
    arrange.any_hour(db)
    db.close()
    return path


@pytest.fixture(scope="session")
def postgres_template() -> str:
    db = Database(postgres.database("template_sms"))
    upgrade(db)
    arrange.any_hour(db)
    db.close()
    return "template_sms"


@pytest.fixture
def sqlite_db(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "sms.db"
    shutil.copy(sqlite_template, path)
    db = _knowing_statements(Database(f"sqlite:///{path}", Vault(SECRET)))
    yield db
    db.close()


@pytest.fixture
def postgres_db(postgres_template: str) -> Iterator[Database]:
    name = f"test_{next(_numbers)}"
    db = _knowing_statements(Database(postgres.database(name, postgres_template), Vault(SECRET)))
    yield db
    db.close()
    postgres.drop(name)


def _knowing_statements(db: Database) -> Database:
    """With the statements that tests before it compiled: compiling is a good part of what a test costs."""
    for engine in (db.engine, db._readers):
        first = _first_engines.setdefault(engine.dialect.name, engine)
        if first is engine:
            engine.connect().close()  # which tells its dialect about the server
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    return db


@pytest.fixture(params=["sqlite", "postgres"])
def db(request: pytest.FixtureRequest) -> Database:
    """The same test on both databases."""
    found: Database = request.getfixturevalue(f"{request.param}_db")
    return found
