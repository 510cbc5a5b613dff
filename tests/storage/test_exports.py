"""Exports: all rows once, chunk by chunk, whatever the chunks' size."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.access import Actor
from storage import campaigns, contacts, exports, imports, sheets
from storage.contact_grid import Query
from storage.database import Database
from storage.exports import Part
from storage.importer import Importer
from tests import arrange, ledger
from tests.conftest import NOW


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "CHUNK", 2)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def everything(read: Any) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    after = None
    while True:
        part: Part = read(after)
        rows += part.rows
        after = part.next
        if after is None:
            return rows


def test_the_contacts_that_a_view_finds_are_exported(db: Database, actor: Actor) -> None:
    arrange.contact_list(db, actor, NOW, arrange.numbers(5))
    rows = everything(lambda after: exports.contacts_part(db, actor, Query(), after))
    assert [row[0] for row in rows] == arrange.numbers(5)
    found = everything(lambda after: exports.contacts_part(db, actor, Query(search="212 600 1003"), after))
    assert [row[:3] for row in found] == [("+12126001003", "Maya", "No 1003")]


def test_suppressions_are_exported(db: Database, actor: Actor) -> None:
    for phone in arrange.numbers(4):
        contacts.suppress(db, actor, phone, "Asked", "test", NOW)
    rows = everything(lambda after: exports.suppressions_part(db, actor, after))
    assert [row[0] for row in rows] == arrange.numbers(4)


def test_every_person_of_a_campaign_is_exported_with_the_reason(db: Database, actor: Actor) -> None:
    contacts.suppress(db, actor, arrange.numbers(5)[0], "Asked", "test", NOW)
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(5), texts=("One", "Two"))
    start = ledger.start_of(NOW)
    ledger.send(db, ledger.message_ids(db, campaign_id)[0], start)
    ledger.beat(db, start + timedelta(hours=1))
    campaigns.stop(db, actor, campaign_id, start)
    rows = everything(lambda after: exports.results_part(db, actor, campaign_id, after, start))
    assert [row[:4] for row in rows[:1]] == [("", arrange.numbers(5)[0], "left out", "Opted out")]
    assert sorted(row[1] for row in rows if row[0] == 1) == arrange.numbers(5)[1:]
    assert {row[2] for row in rows if row[0] == 1} == {"sent"}
    assert len(rows) == 9


def test_bad_rows_are_given_back_with_number_and_problem(db: Database, actor: Actor, tmp_path: Path) -> None:
    from domain.imports import Layout, guess

    path = tmp_path / "p.csv"
    path.write_text("phone,name\n4155550101,Ann\n1,Bo\n4155550102,Cy\n2,Di\nx,Ed\n")
    job_id = imports.create(db, actor, "p.csv", "p.csv", sheets.detect(path), NOW)
    layout = Layout(("phone", "name"), guess(["phone", "name"]))
    imports.start_check(db, actor, job_id, sheets.detect(path), layout, None)
    assert Importer(db, tmp_path, lambda: NOW).work()
    rows = [row for part in exports.import_problems(db, actor, job_id, tmp_path) for row in part]
    assert rows[0] == ("Row", "Problem", "phone", "name")
    assert [(row[0], *row[2:]) for row in rows[1:]] == [(3, "1", "Bo"), (5, "2", "Di"), (6, "x", "Ed")]
