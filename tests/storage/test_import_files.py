"""Uploaded files: they go when nobody needs them any more, and not before."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from domain.access import Actor
from domain.imports import Layout, guess
from storage import import_files, imports
from storage.database import Database
from storage.import_files import drop_unneeded
from storage.importer import Importer
from storage.sheets import Form
from tests import arrange
from tests.conftest import NOW

WEEK_LATER = NOW + import_files.KEPT + timedelta(hours=2)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "imports"
    made.mkdir()
    return made


def uploaded(db: Database, actor: Actor, folder: Path, name: str, *phones: str) -> int:
    path = written(folder, name, NOW, *phones)
    return imports.create(db, actor, name, path.name, Form("csv"), NOW)


def written(folder: Path, name: str, at: datetime, *phones: str) -> Path:
    path = folder / name
    path.write_text("\n".join(("phone", *phones)))
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def taken_in(db: Database, actor: Actor, importer: Importer, job_id: int) -> None:
    imports.start_check(db, actor, job_id, Form("csv"), Layout(("phone",), guess(["phone"])), None)
    assert importer.work()
    assert (importer.folder / imports.job(db, job_id).stored_name).exists()
    imports.start(db, actor, job_id, NOW)
    assert importer.work()


def test_a_file_goes_as_soon_as_it_is_imported(db: Database, actor: Actor, folder: Path) -> None:
    job_id = uploaded(db, actor, folder, "good.upload", *arrange.numbers(3))
    taken_in(db, actor, Importer(db, folder, lambda: NOW), job_id)
    assert not (folder / "good.upload").exists()


def test_one_with_bad_rows_stays_a_week_for_their_download(db: Database, actor: Actor, folder: Path) -> None:
    job_id = uploaded(db, actor, folder, "bad.upload", *arrange.numbers(3), "12")
    taken_in(db, actor, Importer(db, folder, lambda: NOW), job_id)
    assert (folder / "bad.upload").exists()
    assert drop_unneeded(db, folder, WEEK_LATER) == 1
    assert not (folder / "bad.upload").exists()


def test_one_that_nobody_imported_goes_after_a_week(db: Database, actor: Actor, folder: Path) -> None:
    uploaded(db, actor, folder, "waiting.upload", *arrange.numbers(3))
    canceled = uploaded(db, actor, folder, "canceled.upload", *arrange.numbers(3))
    imports.cancel(db, actor, canceled, NOW)
    assert drop_unneeded(db, folder, NOW) == 1
    assert [path.name for path in folder.iterdir()] == ["waiting.upload"]
    assert drop_unneeded(db, folder, WEEK_LATER) == 1


def test_a_file_that_is_just_being_uploaded_stays(db: Database, folder: Path) -> None:
    written(folder, "young.upload", NOW)
    written(folder, "lost.upload", NOW - timedelta(hours=2))
    assert drop_unneeded(db, folder, NOW) == 1
    assert (folder / "young.upload").exists()
    assert drop_unneeded(db, folder / "nowhere", NOW) == 0
