"""The audit as administrators read it, on both databases."""

from datetime import timedelta

import pytest

from domain.access import Actor, Role, RoleForbids
from storage import audit_log, campaigns, contacts, team
from storage.audit_log import Filters
from storage.database import Database
from tests import arrange
from tests.conftest import NOW

LATER = NOW + timedelta(days=1)


@pytest.fixture
def ada(db: Database) -> Actor:
    found = arrange.person(db, NOW)
    return Actor(found.user_id, found.name, found.role, "203.0.113.9")


@pytest.fixture
def bo(db: Database) -> Actor:
    return arrange.person(db, NOW, "Bo Lind", Role.MANAGER)


def test_every_filter_narrows_and_the_newest_is_first(db: Database, ada: Actor, bo: Actor) -> None:
    contacts.create_list(db, bo, "Spring", NOW)
    list_id = contacts.create_list(db, ada, "Summer", LATER)
    team.change_role(db, ada, bo.user_id, Role.VIEWER, LATER)

    def found(**filters: object) -> list[tuple[str, str, str]]:
        page = audit_log.page(db, ada, Filters(**filters), 1, 50)  # type: ignore[arg-type]
        assert page.total == len(page.rows)
        return [(row.who, row.action, row.kind) for row in page.rows]

    assert found() == [
        ("Ada Park", "change role", "user"),
        ("Ada Park", "create", "list"),
        ("Bo Lind", "create", "list"),
    ]
    assert found(person=bo.user_id) == [("Bo Lind", "create", "list")]
    assert found(action="change role") == [("Ada Park", "change role", "user")]
    assert found(kind="list") == [("Ada Park", "create", "list"), ("Bo Lind", "create", "list")]
    assert found(until=LATER) == [("Bo Lind", "create", "list")]
    assert found(since=LATER, kind="list") == [("Ada Park", "create", "list")]
    newest = audit_log.page(db, ada, Filters(), 1, 1).rows[0]
    assert (newest.at, newest.address, newest.object_id) == (LATER, "203.0.113.9", bo.user_id)
    assert (newest.before, newest.after) == ({"role": "manager"}, {"role": "viewer"})
    choices = audit_log.choices(db, ada)
    assert choices.people == {ada.user_id: "Ada Park", bo.user_id: "Bo Lind"}
    assert choices.actions == ("change role", "create")
    assert choices.kinds == ("list", "user")
    assert list_id


def test_pages_and_parts_hold_every_entry_once(
    db: Database, ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(7):
        contacts.create_list(db, ada, f"List {place}", NOW)
    pages = [audit_log.page(db, ada, Filters(), number, 3) for number in (1, 2, 3, 99)]
    assert [len(page.rows) for page in pages] == [3, 3, 1, 1]
    assert [page.page for page in pages] == [1, 2, 3, 3]
    ids = [row.id for page in pages[:3] for row in page.rows]
    monkeypatch.setattr(audit_log, "PART", 2)
    taken: list[int] = []
    before: int | None = None
    while part := audit_log.part(db, ada, Filters(), before):
        taken += [row.id for row in part]
        before = part[-1].id
    assert taken == ids == sorted(ids, reverse=True)


def test_what_is_exported_is_an_entry(db: Database, ada: Actor, bo: Actor) -> None:
    audit_log.note_export(db, bo, "contact", 0, NOW)
    (entry,) = audit_log.page(db, ada, Filters(), 1, 10).rows
    assert (entry.who, entry.action, entry.kind) == ("Bo Lind", "export", "contact")


def test_the_audit_is_for_administrators(db: Database, bo: Actor) -> None:
    with pytest.raises(RoleForbids):
        audit_log.page(db, bo, Filters(), 1, 10)


def test_a_campaign_leaves_its_whole_life(db: Database, ada: Actor) -> None:
    list_id, line_id = arrange.contact_list(db, ada, NOW, arrange.numbers(1)), arrange.line(db, NOW)
    campaign_id = arrange.draft(db, ada, NOW, line_id, list_id)
    campaigns.schedule(db, ada, campaign_id, NOW)
    campaigns.stop(db, ada, campaign_id, NOW)
    campaigns.archive(db, ada, campaign_id, NOW)
    rows = audit_log.page(db, ada, Filters(kind="campaign"), 1, 10).rows
    assert [row.action for row in rows] == ["archive", "stop", "schedule", "add message", "create"]
    assert {(row.object_id, row.who, row.address) for row in rows} == {
        (campaign_id, "Ada Park", "203.0.113.9")
    }
