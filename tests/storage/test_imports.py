"""Imports: a file is checked, taken in chunk by chunk, gone on with after a kill, canceled."""

from datetime import timedelta
from multiprocessing import Pipe
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from sqlalchemy import select, text
from sqlmodel import col

import storage.importer
from domain.access import Actor
from domain.contacts import ListNameMissing
from domain.imports import FileEmpty, FileUnreadable, Layout, PhoneColumnMissing, guess
from domain.opt_ins import ConsentInFuture
from storage import (
    consents,
    contact_cards,
    contact_grid,
    contacts,
    import_files,
    import_reader,
    imports,
    lists,
    sheets,
)
from storage.contacts import Entry, ListNameTaken
from storage.database import Database
from storage.import_reader import Chunk, read
from storage.importer import Importer, _unpacked
from storage.imports import ImportUnderWay, JobState
from storage.sheets import Form
from storage.tables import ContactList
from tests import arrange
from tests.conftest import NOW

HEADER = "Mobile,First name,Surname,E-mail,City,Opt-in time,Opt-in source\n"
ROWS = (
    "(415) 555-0101,Maya,Okafor,maya@example.com,Oslo,2026-01-02,Web form\n"
    "+1 415 555 0102,Zoë,Larsen,,,,\n"
    "12,Bad,Number,,,,\n"
    "415-555-0103,No,Mail,nope,,,\n"
    "4155550101,,,,Bergen,,\n"
    "=1+1,Formula,,,,,\n"
)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


@pytest.fixture
def importer(db: Database, tmp_path: Path) -> Importer:
    return Importer(db, tmp_path, lambda: NOW)


def uploaded(db: Database, actor: Actor, folder: Path, content: str = HEADER + ROWS) -> int:
    path = folder / "people.upload"
    path.write_text(content)
    return imports.create(db, actor, "people.csv", path.name, sheets.detect(path), NOW)


def checked(
    db: Database,
    actor: Actor,
    importer: Importer,
    job_id: int,
    list_id: int | None = None,
    new_list: str | None = None,
) -> None:
    job = imports.job(db, job_id)
    header, _ = sheets.preview(importer.folder / job.stored_name, job.form)
    imports.start_check(db, actor, job_id, job.form, Layout(tuple(header), guess(header)), list_id, new_list)
    assert importer.work()


def counts(db: Database, job_id: int) -> tuple[int, ...]:
    job = imports.job(db, job_id)
    return job.position, job.added, job.updated, job.duplicates, job.bad


def test_an_opt_in_of_today_is_kept_though_its_noon_is_still_to_come_and_a_later_one_told(
    db: Database, actor: Actor, tmp_path: Path
) -> None:
    early = NOW.replace(hour=3)
    importer = Importer(db, tmp_path, lambda: early)
    days = {"4155550101": f"{early:%Y-%m-%d}", "4155550102": f"{early + timedelta(days=2):%Y-%m-%d}"}
    content = "phone,opt-in date\n" + "".join(f"{phone},{day}\n" for phone, day in days.items())
    job_id = uploaded(db, actor, tmp_path, content)
    checked(db, actor, importer, job_id)
    imports.start(db, actor, job_id, NOW)
    assert importer.work()
    assert [one.given_at for one in consents.of_number(db, "+14155550101")] == [early]
    assert consents.of_number(db, "+14155550102") == []
    assert imports.problems(db, job_id) == [(3, ConsentInFuture().text)]


@pytest.mark.parametrize("largest", [0, storage.importer.SMALL], ids=["beside", "here"])
def test_a_check_counts_and_writes_nothing_and_the_import_does_what_it_said(
    db: Database,
    actor: Actor,
    importer: Importer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    largest: int,
) -> None:
    """A large file is read and taken in by other processes."""
    monkeypatch.setattr(storage.importer, "SMALL", largest)
    list_id = lists.create(db, actor, "Imported", NOW)
    contacts.add(db, actor, list_id, [Entry("+14155550102", "Zoe", fields={"plan": "gold"})], NOW)
    job_id = uploaded(db, actor, tmp_path)
    checked(db, actor, importer, job_id, list_id)
    assert imports.job(db, job_id).state is JobState.CHECKED
    assert counts(db, job_id) == (6, 1, 1, 1, 3)
    assert contact_grid.page(db, contact_grid.Query()).total == 1
    assert [row for row, _ in imports.problems(db, job_id)] == [4, 5, 7]
    assert "too short" in imports.problems(db, job_id)[0][1]
    assert imports.problems(db, job_id, after=5)[0][1].startswith("“=1+1” ")

    imports.start(db, actor, job_id, NOW)
    assert importer.work()
    assert not importer.work()
    job = imports.job(db, job_id)
    assert (job.state, job.total, job.consents) == (JobState.DONE, 6, 1)
    assert counts(db, job_id) == (6, 1, 1, 1, 3)
    maya, zoe = (
        contact_grid.page(db, contact_grid.Query(search=s)).rows[0] for s in ("maya okafor", "zoe larsen")
    )
    assert contact_cards.card(db, maya.id).fields == {"City": "Bergen"}
    assert contact_cards.card(db, zoe.id).fields == {"plan": "gold"}
    assert lists.one(db, list_id).size == 2
    assert [c.source for c in consents.of_number(db, maya.phone)] == ["Web form"]


def names(db: Database) -> list[str]:
    with db.read() as session:
        return list(session.scalars(select(col(ContactList.name))))


def test_a_new_list_is_made_with_its_people_and_not_before(
    db: Database, actor: Actor, importer: Importer, tmp_path: Path
) -> None:
    job_id = uploaded(db, actor, tmp_path)
    checked(db, actor, importer, job_id, new_list="  Fair  visitors ")
    assert (imports.job(db, job_id).new_list, names(db)) == ("Fair visitors", [])
    imports.cancel(db, actor, job_id, NOW)
    assert names(db) == []
    again = uploaded(db, actor, tmp_path)
    checked(db, actor, importer, again, new_list="Fair visitors")
    imports.start(db, actor, again, NOW)
    assert importer.work()
    job = imports.job(db, again)
    assert (job.list_name, job.new_list) == ("Fair visitors", "")
    assert lists.one(db, job.list_id or 0).size == 2


def test_the_name_of_a_new_list_must_be_free_when_it_is_chosen_and_when_it_is_made(
    db: Database, actor: Actor, importer: Importer, tmp_path: Path
) -> None:
    job_id = uploaded(db, actor, tmp_path)
    with pytest.raises(ListNameMissing):
        checked(db, actor, importer, job_id, new_list=" ")
    checked(db, actor, importer, job_id, new_list="Fair visitors")
    lists.create(db, actor, "Fair visitors", NOW)
    with pytest.raises(ListNameTaken):
        imports.start(db, actor, job_id, NOW)
    assert imports.job(db, job_id).state is JobState.CHECKED
    with pytest.raises(ListNameTaken):
        checked(db, actor, importer, job_id, new_list="Fair visitors")
    checked(db, actor, importer, job_id, new_list="Visitors of the fair")
    imports.start(db, actor, job_id, NOW)
    assert names(db) == ["Fair visitors", "Visitors of the fair"]


def test_from_a_check_the_way_leads_back_to_the_columns_until_people_are_taken_in(
    db: Database, actor: Actor, importer: Importer, tmp_path: Path
) -> None:
    job_id = uploaded(db, actor, tmp_path)
    with pytest.raises(ImportUnderWay):
        imports.go_back(db, actor, job_id, NOW)
    checked(db, actor, importer, job_id, new_list="Fair visitors")
    checks = counts(db, job_id)
    lists.create(db, actor, "Fair visitors", NOW)
    imports.go_back(db, actor, job_id, NOW)
    job = imports.job(db, job_id)
    assert (job.state, job.new_list, job.total, counts(db, job_id)) == (
        JobState.UPLOADED,
        "Fair visitors",
        0,
        (0,) * 5,
    )
    assert imports.problems(db, job_id) == []
    checked(db, actor, importer, job_id, new_list="Visitors of the fair")
    assert counts(db, job_id) == checks
    imports.start(db, actor, job_id, NOW)
    with pytest.raises(ImportUnderWay):
        imports.go_back(db, actor, job_id, NOW)
    assert importer.work()
    assert not imports.job(db, job_id).can_go_back


def test_a_check_that_failed_can_be_done_anew_and_its_file_stays_for_that(
    db: Database, actor: Actor, importer: Importer, tmp_path: Path
) -> None:
    job_id = uploaded(db, actor, tmp_path)
    path = tmp_path / "people.upload"
    path.rename(tmp_path / "away")
    imports.start_check(db, actor, job_id, Form("csv"), Layout(("p",), guess(["phone"])), None)
    assert importer.work()
    (tmp_path / "away").rename(path)
    assert imports.job(db, job_id).can_go_back
    import_files.drop_unneeded(db, tmp_path, NOW)
    assert path.exists()
    imports.go_back(db, actor, job_id, NOW)
    assert imports.job(db, job_id).problem == ""
    checked(db, actor, importer, job_id)
    assert imports.job(db, job_id).state is JobState.CHECKED


def test_an_import_that_was_killed_goes_on_and_takes_no_row_twice(
    db: Database, actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_reader, "CHUNK", 3)
    numbers = arrange.numbers(20)
    body = "".join(f"{phone},Maya {place}\n" for place, phone in enumerate([*numbers, *numbers[:5], "12"]))
    list_id = lists.create(db, actor, "Imported", NOW)
    job_id = uploaded(db, actor, tmp_path, "phone,name\n" + body)
    importer = Importer(db, tmp_path, lambda: NOW)
    checked(db, actor, importer, job_id, list_id)
    imports.start(db, actor, job_id, NOW)
    job = imports.claim(db, "killed", NOW)
    assert job is not None
    chunks = read(tmp_path / job.stored_name, job.form, import_reader.layout_of(job.layout), NOW)
    for _ in range(3):
        assert imports.take(db, job, "killed", next(chunks), NOW)
    assert counts(db, job_id)[0] == 9
    assert imports.claim(db, "other", NOW) is None  # its lease holds
    late = NOW + imports.LEASE + timedelta(seconds=1)
    assert Importer(db, tmp_path, lambda: late).work()
    assert imports.job(db, job_id).state is JobState.DONE
    assert counts(db, job_id) == (26, 20, 0, 5, 1)
    assert lists.one(db, list_id).size == 20
    assert contact_grid.page(db, contact_grid.Query()).total == 20
    assert not imports.take(db, job, "killed", next(chunks), late)  # it woke up again


def test_a_workbook_is_as_large_as_what_is_packed_in_it(tmp_path: Path) -> None:
    """A small file that unpacks to a lot is read beside the web's process."""
    with ZipFile(tmp_path / "bomb.xlsx", "w", ZIP_DEFLATED) as book:
        book.writestr("sheet.xml", b" " * 10_000_000)
    assert (tmp_path / "bomb.xlsx").stat().st_size < storage.importer.SMALL
    assert _unpacked(tmp_path / "bomb.xlsx", "xlsx") == 10_000_000
    (tmp_path / "broken.xlsx").write_bytes(b"PK no")
    assert _unpacked(tmp_path / "broken.xlsx", "xlsx") > storage.importer.SMALL


@pytest.mark.parametrize("ends", [True, False], ids=["ended", "stuck"])
def test_a_process_beside_that_fails_holds_nobody_up(
    importer: Importer, db: Database, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    monkeypatch.setattr(storage.importer, "PATIENCE", 0.1)
    ours, theirs = Pipe()
    theirs.send(None)  # it has a chunk, and then no answer
    if ends:
        theirs.close()
    with pytest.raises(RuntimeError, match="ended" if ends else "does not get on"):
        importer._order(ours)
    with db.write() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_only_one_import_is_worked_on_at_a_time(
    db: Database, actor: Actor, importer: Importer, tmp_path: Path
) -> None:
    first, second = (uploaded(db, actor, tmp_path) for _ in range(2))
    for job_id in (first, second):
        imports.start_check(db, actor, job_id, Form("csv"), Layout(("p",), guess(["phone"])), None)
    assert imports.claim(db, "one", NOW) is not None
    assert imports.claim(db, "two", NOW) is None
    imports.release(db, "one")
    assert imports.claim(db, "two", NOW) is not None


def test_a_canceled_import_keeps_what_was_taken_in_and_takes_no_more(
    db: Database, actor: Actor, importer: Importer, tmp_path: Path
) -> None:
    job_id = uploaded(db, actor, tmp_path)
    checked(db, actor, importer, job_id)
    imports.start(db, actor, job_id, NOW)
    job = imports.claim(db, "me", NOW)
    assert job is not None
    imports.cancel(db, actor, job_id, NOW)
    assert not imports.take(db, job, "me", Chunk(5), NOW)
    imports.finish(db, job, "me", "", NOW)
    assert imports.job(db, job_id).state is JobState.CANCELED
    with pytest.raises(ImportUnderWay):
        imports.start(db, actor, job_id, NOW)
    assert not importer.work()


def test_a_canceled_import_is_resumed_where_it_was(
    db: Database, actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_reader, "CHUNK", 3)
    importer = Importer(db, tmp_path, lambda: NOW)
    people = [*arrange.numbers(8), arrange.numbers(1)[0]]
    job_id = uploaded(db, actor, tmp_path, "phone\n" + "\n".join(people))
    checked(db, actor, importer, job_id)
    imports.start(db, actor, job_id, NOW)
    job = imports.claim(db, "me", NOW)
    assert job is not None
    form = import_reader.layout_of(job.layout)
    assert imports.take(db, job, "me", next(read(tmp_path / job.stored_name, job.form, form, NOW)), NOW)
    imports.cancel(db, actor, job_id, NOW)
    import_files.drop_unneeded(db, tmp_path, NOW + timedelta(days=6))
    assert imports.job(db, job_id).can_go_on
    imports.go_on(db, actor, job_id, NOW)
    assert importer.work()
    assert counts(db, job_id) == (9, 8, 0, 1, 0)
    assert contact_grid.page(db, contact_grid.Query()).total == 8
    with pytest.raises(ImportUnderWay):
        imports.go_on(db, actor, job_id, NOW)


def test_what_was_canceled_before_anything_was_taken_in_is_not_resumed(
    db: Database, actor: Actor, importer: Importer, tmp_path: Path
) -> None:
    job_id = uploaded(db, actor, tmp_path)
    checked(db, actor, importer, job_id)
    job = imports.job(db, job_id)
    imports.start_check(db, actor, job_id, job.form, import_reader.layout_of(job.layout), None)
    imports.cancel(db, actor, job_id, NOW)  # in the middle of a second check
    assert not imports.job(db, job_id).can_go_on
    with pytest.raises(ImportUnderWay):
        imports.go_on(db, actor, job_id, NOW)


def test_a_file_that_is_gone_fails_with_words(
    db: Database, actor: Actor, importer: Importer, tmp_path: Path
) -> None:
    job_id = uploaded(db, actor, tmp_path)
    imports.start_check(db, actor, job_id, Form("csv"), Layout(("p",), guess(["phone"])), None)
    (tmp_path / "people.upload").unlink()
    assert importer.work()
    job = imports.job(db, job_id)
    assert (job.state, job.problem) == (
        JobState.FAILED,
        "The file of this import is not here any more. Choose it again.",
    )


def test_too_many_rows_are_refused_with_words(
    db: Database, actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from domain.imports import TooManyRows

    monkeypatch.setattr(import_reader, "MOST_ROWS", 3)
    (tmp_path / "p.csv").write_text("phone\n" + "4155550101\n" * 4)
    with pytest.raises(TooManyRows):
        list(read(tmp_path / "p.csv", Form("csv"), Layout(("phone",), guess(["phone"])), NOW))


def test_a_column_must_hold_the_phone(db: Database, actor: Actor, tmp_path: Path) -> None:
    job_id = uploaded(db, actor, tmp_path)
    with pytest.raises(PhoneColumnMissing):
        imports.start_check(db, actor, job_id, Form("csv"), Layout(("x",), guess(["x"])), None)


@pytest.mark.parametrize(
    ("encoding", "delimiter", "form"),
    [
        ("utf-8", ",", Form("csv", "utf-8-sig", ",")),
        ("utf-8-sig", ";", Form("csv", "utf-8-sig", ";")),
        ("utf-16", "\t", Form("csv", "utf-16", "\t")),
        ("cp1252", "|", None),
    ],
)
def test_encoding_and_delimiter_are_found(
    tmp_path: Path, encoding: str, delimiter: str, form: Form | None
) -> None:
    path = tmp_path / "p.csv"
    lines = [["Téléphone", "Prénom"], *([["+33612345678", "Zoë Müller à côté"]] * 20)]
    path.write_bytes("\r\n".join(delimiter.join(line) for line in lines).encode(encoding))
    found = sheets.detect(path)
    assert found.delimiter == delimiter
    if form:
        assert found == form
    assert sheets.preview(path, found) == (lines[0], lines[1:6])


def test_a_workbook_is_read_with_formulas_as_text(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["phone", "when", "note"],
        [14155550101, NOW.replace(tzinfo=None), "=SUM(1,2)"],
        [None, None, None],
    ):
        sheet.append(row)
    book.save(tmp_path / "p.xlsx")
    form = sheets.detect(tmp_path / "p.xlsx")
    assert form.kind == "xlsx"
    assert list(sheets.rows(tmp_path / "p.xlsx", form))[1:] == [
        ["14155550101", "2026-11-23T12:00:00", "=SUM(1,2)"]
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", FileEmpty),
        (b"phone\n", FileEmpty),
        (b"PK\x03\x04junk", FileUnreadable),
        (b"\x89PNG\0\0\xff", FileUnreadable),
    ],
)
def test_files_without_rows_are_refused(tmp_path: Path, content: bytes, problem: type[Exception]) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(problem):
        sheets.preview(path, sheets.detect(path))
