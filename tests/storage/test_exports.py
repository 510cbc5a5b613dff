"""Exports: all rows once, chunk by chunk, whatever the chunks' size."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.access import Actor
from domain.imports import Layout, guess, person
from domain.spreadsheets import Reader
from storage import campaigns, consents, contact_export, contacts, erasure, exports, imports, sheets
from storage.consents import Given, Via
from storage.contact_grid import Query
from storage.contacts import Entry
from storage.database import Database
from storage.exports import Part
from storage.importer import Importer
from tests import arrange, ledger
from tests.conftest import NOW
from ui.downloads import lines


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


def contacts_of(db: Database, actor: Actor, query: Query, fields: tuple[str, ...] = ()) -> list[Any]:
    return everything(lambda after: exports.contacts_part(db, actor, query, fields, after))


def test_the_contacts_that_a_view_finds_are_exported(db: Database, actor: Actor) -> None:
    arrange.contact_list(db, actor, NOW, arrange.numbers(5))
    rows = contacts_of(db, actor, Query())
    assert [row[0] for row in rows] == arrange.numbers(5)
    found = contacts_of(db, actor, Query(search="212 600 1003"))
    assert [row[:3] for row in found] == [("+12126001003", "Maya", "No 1003")]


def known(db: Database, actor: Actor) -> None:
    """Ada, of whom much is known, and somebody of whom nothing is."""
    list_id = arrange.contact_list(db, actor, NOW, [BO])
    ada = Entry(ADA, "Ada", "Park", "ada@example.com", "America/Denver", {"plan": "gold", "since": "2019"})
    contacts.add(db, actor, list_id, [ada], NOW)
    later = NOW - timedelta(days=1)
    for at, source in ((NOW - timedelta(days=9), "the shop"), (later, "the form")):
        consents.record(db, actor, Given(ADA, at, source, "Yes, please", "203.0.113.9"), Via.FORM, NOW)
    contacts.suppress(db, actor, ADA, "Asked by phone", "team", NOW)


ADA, BO = "+13035550100", "+12125550101"


def test_a_contact_is_exported_with_what_stands_on_its_page(db: Database, actor: Actor) -> None:
    known(db, actor)
    fields = contact_export.fields(db, Query())
    assert fields == ("plan", "since")
    assert contact_export.fields(db, Query(search="Maya")) == ()
    columns = (*contact_export.COLUMNS, *fields)
    bo, ada = (dict(zip(columns, row, strict=True)) for row in contacts_of(db, actor, Query(), fields))
    assert ada == {
        "Phone": ADA,
        "First name": "Ada",
        "Last name": "Park",
        "E-mail": "ada@example.com",
        "Time zone": "America/Denver",
        "Zone of the number": "America/Denver",
        "Status": "Opted out",
        "Opted out (UTC)": NOW,
        "Opt-out reason": "Asked by phone",
        "Opt-in time (UTC)": NOW - timedelta(days=1),
        "Opt-in source": "the form",
        "Opt-in text": "Yes, please",
        "Opt-in IP address": "203.0.113.9",
        "Lists": "Spring leads",
        "Added (UTC)": NOW,
        "plan": "gold",
        "since": "2019",
    }
    assert (bo["Status"], bo["Opted out (UTC)"], bo["Opt-in source"], bo["plan"]) == (
        "Can be texted",
        None,
        None,
        None,
    )


@pytest.mark.parametrize("reader", Reader)
def test_what_is_exported_can_be_imported_again(db: Database, actor: Actor, reader: Reader) -> None:
    known(db, actor)
    fields = contact_export.fields(db, Query())
    columns = (*contact_export.COLUMNS, *fields)
    text = lines([columns, *contacts_of(db, actor, Query(), fields)], reader)
    header, _, ada = csv.reader(io.StringIO(text))
    read = person(ada, Layout(tuple(header), guess(header)), NOW)
    assert (read.phone, read.first_name, read.last_name, read.email) == (
        ADA,
        "Ada",
        "Park",
        "ada@example.com",
    )
    assert read.timezone == "America/Denver"
    assert read.consent == (NOW - timedelta(days=1), "the form", "Yes, please", "203.0.113.9")
    assert read.fields == {"plan": "gold", "since": "2019"}


def test_suppressions_are_exported(db: Database, actor: Actor) -> None:
    for phone in arrange.numbers(4):
        contacts.suppress(db, actor, phone, "Asked", "team", NOW)
    rows = everything(lambda after: exports.suppressions_part(db, actor, after))
    assert [row[0] for row in rows] == arrange.numbers(4)
    assert rows[0][1:] == ("Asked", ("team", "Added by the team"), NOW)


def test_of_the_suppressions_those_are_exported_that_a_view_finds(db: Database, actor: Actor) -> None:
    for phone, source in zip(arrange.numbers(4), ("team", "import", "import", "team"), strict=True):
        contacts.suppress(db, actor, phone, f"Asked {phone[-1]}", source, NOW)

    def found(**wanted: str) -> list[str]:
        rows = everything(lambda after: exports.suppressions_part(db, actor, after, **wanted))
        return [row[0] for row in rows]

    assert found(source="import") == arrange.numbers(4)[1:3]
    assert found(source="import", search="asked 2") == arrange.numbers(4)[2:3]


def test_every_person_of_a_campaign_is_exported_with_the_reason(db: Database, actor: Actor) -> None:
    contacts.suppress(db, actor, arrange.numbers(5)[0], "Asked", "test", NOW)
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(5), texts=("One", "Two"))
    start = ledger.start_of(NOW)
    ledger.send(db, ledger.message_ids(db, campaign_id)[0], start)
    ledger.beat(db, start + timedelta(hours=1))
    campaigns.stop(db, actor, campaign_id, start)
    rows = everything(lambda after: exports.results_part(db, actor, campaign_id, after, start))
    left_out = ("", arrange.numbers(5)[0], "Maya No 1000", ("left out", "Left out"), "Opted out")
    assert [row[:5] for row in rows[:1]] == [left_out]
    assert sorted(row[1:3] for row in rows if row[0] == 1) == [
        (phone, f"Maya No {phone[-4:]}") for phone in arrange.numbers(5)[1:]
    ]
    assert {row[3] for row in rows if row[0] == 1} == {("sent", "Sent")}
    assert len(rows) == 9


def test_an_erased_persons_rows_say_so(db: Database, actor: Actor) -> None:
    contacts.suppress(db, actor, arrange.numbers(2)[0], "Asked", "team", NOW)
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(2))
    for contact_id in (1, 2):
        erasure.erase(db, actor, contact_id, NOW)
    rows = everything(lambda after: exports.results_part(db, actor, campaign_id, after, NOW))
    assert [row[:4] for row in rows] == [
        ("", "", "Erased on request", ("left out", "Left out")),
        (1, "", "Erased on request", ("skipped", "Skipped")),
    ]


def test_bad_rows_are_given_back_with_number_and_problem(db: Database, actor: Actor, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("phone,name\n4155550101,Ann\n1,Bo\n4155550102,Cy\n2,Di\nx,Ed\n")
    job_id = imports.create(db, actor, "p.csv", "p.csv", sheets.detect(path), NOW)
    layout = Layout(("phone", "name"), guess(["phone", "name"]))
    imports.start_check(db, actor, job_id, sheets.detect(path), layout, None)
    assert Importer(db, tmp_path, lambda: NOW).work()
    rows = [row for part in exports.import_problems(db, actor, job_id, tmp_path) for row in part]
    assert rows[0] == ("Row", "Problem", "phone", "name")
    assert [(row[0], *row[2:]) for row in rows[1:]] == [(3, "1", "Bo"), (5, "2", "Di"), (6, "x", "Ed")]
