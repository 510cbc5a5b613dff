"""The program is killed in the middle of an import: after the next start every row is in, and none twice."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.imports import Layout, guess
from storage import contact_grid, imports, lists, sheets
from storage.contact_grid import Query
from storage.database import Database
from storage.imports import JobState
from storage.schema import upgrade
from tests import arrange, wait
from tests.faults.program import Program

ROWS = 20_000
REPEATED = 500
BAD = 300
PATIENCE = 150


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made = Program(tmp_path / "data")
    yield made
    made.end()


def prepared(program: Program) -> tuple[Database, int, int]:
    """A data directory with a file that is about to be imported."""
    now = datetime.now(UTC)
    db = Database(f"sqlite:///{program.folder / 'sms.db'}")
    upgrade(db)
    actor = arrange.person(db, now)
    list_id = lists.create(db, actor, "Imported", now)
    folder = program.folder / "imports"
    folder.mkdir(parents=True)
    numbers = arrange.numbers(ROWS)
    rows = [*numbers, *numbers[:REPEATED], *("12" for _ in range(BAD))]
    (folder / "people.csv").write_text("phone\n" + "\n".join(rows) + "\n")
    form = sheets.detect(folder / "people.csv")
    job_id = imports.create(db, actor, "people.csv", "people.csv", form, now)
    imports.start_check(db, actor, job_id, form, Layout(("phone",), guess(["phone"])), list_id)
    return db, job_id, list_id


def test_a_kill_in_the_middle_of_an_import_loses_no_row_and_doubles_none(program: Program) -> None:
    db, job_id, list_id = prepared(program)
    actor = arrange.person(db, datetime.now(UTC), "Bo Lind")
    program.start()
    wait.until(lambda: imports.job(db, job_id).state is JobState.CHECKED, PATIENCE, "the check")
    imports.start(db, actor, job_id, datetime.now(UTC))
    wait.until(lambda: imports.job(db, job_id).position > 0, PATIENCE, "the first chunk")
    program.kill()
    halfway = imports.job(db, job_id)
    program.start()
    wait.until(lambda: imports.job(db, job_id).state is JobState.DONE, PATIENCE, "the end")
    done = imports.job(db, job_id)
    assert halfway.position <= done.position == ROWS + REPEATED + BAD
    assert (done.added, done.updated, done.duplicates, done.bad) == (ROWS, 0, REPEATED, BAD)
    assert contact_grid.page(db, Query()).total == lists.one(db, list_id).size == ROWS
    db.close()
