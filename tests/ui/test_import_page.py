"""The page of an import that was canceled: what was taken in, and the way to go on."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.access import Actor
from domain.imports import Layout, guess
from storage import contacts, erasure, imports
from storage.contacts import Entry
from storage.database import Database
from storage.imports import JobState
from storage.sheets import Form
from storage.tables import ImportJob
from tests import arrange
from tests.ui.pages import NOW, visitor, world_of
from tests.wait import until_async


@pytest.fixture
def actor(sqlite_db: Database) -> Actor:
    return arrange.person(sqlite_db, NOW)


def canceled(db: Database, actor: Actor, position: int) -> int:
    job_id = imports.create(db, actor, "people.csv", "people.upload", Form("csv"), NOW)
    with db.write() as session:
        job = session.get_one(ImportJob, job_id)
        job.state, job.position, job.total = JobState.CANCELED, position, 9_000
        job.finished_at = NOW + timedelta(minutes=1)
    return job_id


async def test_a_canceled_import_can_be_resumed(sqlite_db: Database, actor: Actor, tmp_path: Path) -> None:
    job_id = canceled(sqlite_db, actor, 4_000)
    async with visitor(world_of(sqlite_db, actor, tmp_path)) as user:
        await user.open(f"/contacts/import?job={job_id}")
        await user.should_see("4,000 of 9,000 rows had been read.")
        user.find("Resume import").click()
        await until_async(lambda: imports.job(sqlite_db, job_id).state is JobState.RUNNING)
        await user.should_see("Cancel import")


async def test_one_that_was_canceled_at_its_end_is_over(
    sqlite_db: Database, actor: Actor, tmp_path: Path
) -> None:
    job_id = canceled(sqlite_db, actor, 9_000)
    async with visitor(world_of(sqlite_db, actor, tmp_path)) as user:
        await user.open(f"/contacts/import?job={job_id}")
        await user.should_see("Import another file")
        await user.should_not_see("Resume import")


async def test_from_the_check_the_columns_can_be_changed_and_what_was_chosen_is_kept(
    sqlite_db: Database, actor: Actor, tmp_path: Path
) -> None:
    world = world_of(sqlite_db, actor, tmp_path)
    world.imports.mkdir(parents=True, exist_ok=True)
    (world.imports / "people.upload").write_text("phone\n4155550101\n")
    job_id = imports.create(sqlite_db, actor, "people.csv", "people.upload", Form("csv"), NOW)
    layout = Layout(("phone",), guess(["phone"]))
    imports.start_check(sqlite_db, actor, job_id, Form("csv"), layout, None, "Visitors of the fair")
    with sqlite_db.write() as session:
        session.get_one(ImportJob, job_id).state = JobState.CHECKED
    async with visitor(world) as user:
        await user.open(f"/contacts/import?job={job_id}")
        await user.should_see("Change the columns")
        user.find("Change the columns").click()
        await user.should_see("Check the file")
        await user.should_see(content="Visitors of the fair")
        assert imports.job(sqlite_db, job_id).state is JobState.UPLOADED


async def test_the_result_says_who_was_not_let_in_again(
    sqlite_db: Database, actor: Actor, tmp_path: Path
) -> None:
    """Such as somebody who was erased on request."""
    numbers = arrange.numbers(2)
    list_id = arrange.contact_list(sqlite_db, actor, NOW, numbers)
    erasure.erase(sqlite_db, actor, 1, NOW)
    contacts.add(sqlite_db, actor, list_id, [Entry(numbers[0])], NOW)
    job_id = imports.create(sqlite_db, actor, "people.csv", "people.upload", Form("csv"), NOW)
    with sqlite_db.write() as session:
        job = session.get_one(ImportJob, job_id)
        job.state, job.list_id, job.position, job.total = JobState.DONE, list_id, 2, 2
    async with visitor(world_of(sqlite_db, actor, tmp_path)) as user:
        await user.open(f"/contacts/import?job={job_id}")
        await user.should_see("1 of this list has opted out, and an import lets nobody in again.")
        (link,) = user.find("See who").elements
        assert link.props["href"] == f"/lists/{list_id}?status=suppressed"
