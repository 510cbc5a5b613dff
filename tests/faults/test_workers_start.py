"""Workers start beside each other on an empty PostgreSQL, and refuse in one line where they can't."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import Database
from storage.schema import newest
from tests import postgres, wait
from tests.faults.program import Program, run, start

Make = Callable[..., Program]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Programs on one PostgreSQL, ended with the test."""
    made: list[Program] = []
    shared = {"SMS_DATABASE_URL": postgres.database("started"), "SMS_SECRET_KEY": "k" * 32}

    def make(*arguments: str, **settings: str) -> Program:
        made.append(Program(tmp_path / f"data-{len(made)}", shared | settings, arguments))
        return made[-1]

    yield make
    for program in made:
        program.end()


def test_three_that_start_at_once_on_an_empty_database_make_one_schema(make: Make) -> None:
    programs = [make("worker"), make("worker"), make("serve", SMS_SENDER="off")]
    start(programs)
    db = Database(programs[0].settings["SMS_DATABASE_URL"])
    with db.read() as session:
        assert session.execute(text("SELECT version_num FROM alembic_version")).all() == [(newest(),)]
        assert session.execute(text("SELECT count(*) FROM procrastinate_workers")).scalar_one() == 2
    db.close()
    assert [program.terminate() for program in programs] == [0, 0, 0]
    assert [program.log for program in programs if "Traceback" in program.log] == []


def test_a_worker_needs_postgresql(tmp_path: Path) -> None:
    ended = run(tmp_path / "data", "worker")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "SMS_DATABASE_URL must be a postgresql:// address: a worker shares its database.\n"
    )


def test_a_worker_whose_sender_can_not_start_ends_so_that_it_is_started_again(make: Make) -> None:
    worker = make("worker")
    db = Database(worker.settings["SMS_DATABASE_URL"])
    with db.write() as session:  # half of somebody else's queue: ours can't be installed beside it
        session.execute(text("CREATE TYPE procrastinate_job_status AS ENUM ('other')"))
    db.close()
    worker.start(wait_until_ready=False)
    wait.until(lambda: not worker.alive, 60, "the worker's end")
    assert worker.running.returncode == 2
    assert worker.path("out").read_bytes() == b""
    assert worker.log.splitlines()[-1].startswith("The worker can't send: ")
