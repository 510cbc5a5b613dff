"""Uploaded files: they go when nobody needs them any more, and not before."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.access import Actor
from domain.imports import Layout, guess
from storage import exports, import_files, imports
from storage.database import Database
from storage.import_files import FileGone, drop_unneeded
from storage.importer import Importer
from storage.sheets import Form
from storage.tables import ImportPart
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


def test_another_replica_imports_a_file_that_it_never_saw(
    postgres_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db, here, there = postgres_db, tmp_path / "here", tmp_path / "there"
    here.mkdir()
    monkeypatch.setattr(import_files, "PART", 16)
    actor = arrange.person(db, NOW)
    numbers = arrange.numbers(20)
    job_id = uploaded(db, actor, here, "far.upload", *numbers, "12")
    import_files.share(db, here / "far.upload", NOW)
    taken_in(db, actor, Importer(db, there, lambda: NOW), job_id)
    assert imports.job(db, job_id).added == 20
    assert (there / "far.upload").read_bytes() == (here / "far.upload").read_bytes()
    third = tmp_path / "third"
    rows = [row for part in exports.import_problems(db, actor, job_id, third) for row in part]
    assert [row[0] for row in rows] == ["Row", 22]
    drop_unneeded(db, here, WEEK_LATER)
    with pytest.raises(FileGone):
        import_files.fetch(db, tmp_path / "fourth", "far.upload")


def test_what_is_being_uploaded_stays_in_the_database(postgres_db: Database, folder: Path) -> None:
    path = written(folder, "young.upload", NOW, *arrange.numbers(2))
    import_files.share(postgres_db, path, NOW)
    path.unlink()
    drop_unneeded(postgres_db, folder, NOW + timedelta(minutes=59))
    assert import_files.fetch(postgres_db, folder, "young.upload") == path
    path.unlink()
    drop_unneeded(postgres_db, folder, NOW + timedelta(minutes=61))
    with pytest.raises(FileGone):
        import_files.fetch(postgres_db, folder, "young.upload")


def test_one_process_keeps_its_files_out_of_the_database(sqlite_db: Database, folder: Path) -> None:
    import_files.share(sqlite_db, written(folder, "mine.upload", NOW, "12"), NOW)
    with sqlite_db.read() as session:
        assert session.scalars(select(ImportPart)).all() == []
