"""Filters beyond a contact's own columns, and filters kept as lists that campaigns go to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlmodel import col, select

from domain.access import Actor, Role, RoleForbids
from domain.bulk import Action, Task
from domain.deliveries import State
from domain.imports import Layout, guess
from storage import (
    audit_log,
    bulk,
    campaigns,
    consents,
    contact_cards,
    contact_grid,
    contacts,
    imports,
    lists,
    receipts,
    saved_filters,
    workspace,
)
from storage.audit_log import Filters
from storage.consents import Given, Via
from storage.contact_grid import Query
from storage.contacts import Entry, ListNameTaken, ListNotFound
from storage.database import Database
from storage.members import ListFillsItself
from storage.review import fingerprint, review
from storage.saved_filters import FilterOnFilter, NothingFiltered
from storage.sheets import Form
from storage.tables import AudienceMember, CarrierAccount, Inbound
from tests import arrange, ledger
from tests.conftest import NOW

NUMBERS = arrange.numbers(6)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


@pytest.fixture
def list_id(db: Database, actor: Actor) -> int:
    return arrange.contact_list(db, actor, NOW, NUMBERS, "Everybody")


def found(db: Database, query: Query) -> list[int]:
    """The places in NUMBERS of who is shown."""
    rows = contact_grid.page(db, replace(query, sort="phone")).rows
    return [NUMBERS.index(row.phone) for row in rows]


def gold(db: Database, actor: Actor, list_id: int, *places: int) -> None:
    contacts.add(db, actor, list_id, [Entry(NUMBERS[n], fields={"plan": "gold"}) for n in places], NOW)


def test_consent_and_fields_narrow_the_view(db: Database, actor: Actor, list_id: int) -> None:
    consents.record(db, actor, Given(NUMBERS[1], NOW, "Web form"), Via.FORM, NOW)
    assert found(db, Query(consent="given")) == [1]
    assert found(db, Query(consent="none")) == [0, 2, 3, 4, 5]
    gold(db, actor, list_id, 2, 4)
    contacts.add(db, actor, list_id, [Entry(NUMBERS[5], fields={"plan": 3, 'the "best"': "x"})], NOW)
    assert found(db, Query(field="plan")) == [2, 4, 5]
    assert found(db, Query(field="plan", value="gold")) == [2, 4]
    assert found(db, Query(field="plan", value="3")) == [5]
    assert found(db, Query(field='"$. []', value="x")) == []
    assert found(db, Query(field="plan", value="gold", search="212 600 1002")) == [2]


def test_what_came_of_a_campaign_narrows_the_view(db: Database, actor: Actor) -> None:
    contacts.suppress(db, actor, NUMBERS[5], "Asked", "team", NOW)
    campaign_id = ledger.started(db, actor, NOW, NUMBERS)
    arrange.contact_list(db, actor, NOW, ["+12126009999"], "Others")
    start = ledger.start_of(NOW)
    (message_id,) = ledger.message_ids(db, campaign_id)
    claimed = ledger.send(db, message_id, start, 3)
    receipts.take(db, [ledger.receipt(db, claimed[0])], start)
    states = ledger.states(db, message_id)
    delivered = [NUMBERS.index(phone) for phone, state in states.items() if state is State.DELIVERED]
    with db.write() as session:
        account_id = session.scalars(select(col(CarrierAccount.id)).limit(1)).one()
        row: dict[str, object] = {
            "account_id": account_id,
            "dedupe_key": "1",
            "from_phone": NUMBERS[2],
            "to_number": "+1",
        }
        row |= {"text": "Yes", "kind": "reply", "message_id": message_id, "received_at": start}
        session.execute(insert(Inbound), [row])
    assert len(delivered) == 1
    assert found(db, Query(campaign_id=campaign_id)) == [0, 1, 2, 3, 4]
    assert found(db, Query(campaign_id=campaign_id, outcome="delivered")) == delivered
    assert found(db, Query(campaign_id=campaign_id, outcome="not_delivered")) == [
        place for place in range(5) if place not in delivered
    ]
    assert found(db, Query(campaign_id=campaign_id, outcome="replied")) == [2]
    assert found(db, Query(campaign_id=campaign_id, outcome="not_replied")) == [0, 1, 3, 4]
    assert found(db, Query(campaign_id=999)) == []
    assert [choice.label for choice in workspace.begun_campaigns(db)] == ["Spring sale"]


def test_a_saved_filter_counts_whoever_matches(db: Database, actor: Actor, list_id: int) -> None:
    gold(db, actor, list_id, 0, 3)
    saved = saved_filters.save(db, actor, " Gold  plan ", Query(field="plan", value="gold", page=3), NOW)
    row = lists.one(db, saved)
    assert (row.name, row.size, row.filter) == ("Gold plan", 2, {"field": "plan", "value": "gold"})
    gold(db, actor, list_id, 1)
    assert found(db, Query(list_id=saved)) == [0, 1, 3]
    assert found(db, Query(list_id=saved, search="212 600 1001")) == [1]
    saved_filters.count_all(db, NOW)
    assert lists.one(db, saved).size == 3
    assert lists.one(db, list_id).size == 6
    people = workspace.choices(db).lists_of_people
    assert [choice.label for choice in people] == ["Everybody"]


def test_a_campaign_takes_who_matches_as_it_begins_and_keeps_them(
    db: Database, actor: Actor, list_id: int
) -> None:
    gold(db, actor, list_id, 0, 1, 2)
    saved = saved_filters.save(db, actor, "Gold", Query(field="plan", value="gold"), NOW)
    campaign_id = arrange.draft(db, actor, NOW, arrange.line(db, NOW), saved, texts=("One", "Two"))
    campaigns.schedule(db, actor, campaign_id, NOW)
    gold(db, actor, list_id, 3)
    start = ledger.start_of(NOW)
    ledger.beat(db, start, size=2)
    first, second = ledger.message_ids(db, campaign_id)
    assert sorted(ledger.rows(db, first)) == NUMBERS[:4]
    everybody = bulk.start(db, actor, Task(Action.FIELD, name="plan", value="iron"), Query(), NOW)
    bulk.work(db, NOW)
    assert bulk.job(db, everybody).changed == 6
    contact_cards.delete(db, actor, contact_grid.page(db, Query(search=NUMBERS[0])).rows[0].id, NOW)
    ledger.send(db, first, start)
    later = start + timedelta(hours=1)
    ledger.beat(db, later, size=2)
    states = ledger.states(db, second)
    assert (
        states
        == {
            NUMBERS[0]: State.SKIPPED,  # a contact no more
            **dict.fromkeys(NUMBERS[1:4], State.QUEUED),  # whom it found stays found
        }
    )
    with db.read() as session:
        fixed = select(col(AudienceMember.phone)).where(col(AudienceMember.campaign_id) == campaign_id)
        assert sorted(session.scalars(fixed)) == NUMBERS[:4]


def test_the_review_counts_who_matches(db: Database, actor: Actor, list_id: int) -> None:
    gold(db, actor, list_id, 0, 1, 2)
    contacts.suppress(db, actor, NUMBERS[1], "Asked", "team", NOW)
    saved = saved_filters.save(db, actor, "Gold", Query(field="plan", value="gold"), NOW)
    campaign_id = arrange.draft(db, actor, NOW, arrange.line(db, NOW), saved)
    audience = review(db, campaign_id, NOW).audience
    assert (audience.listed, audience.opted_out, audience.to_send) == (3, 1, 2)


def test_a_filter_can_be_changed_and_the_audit_knows_what_it_was(
    db: Database, actor: Actor, list_id: int
) -> None:
    gold(db, actor, list_id, 0, 1)
    saved = saved_filters.save(db, actor, "Gold", Query(field="plan", value="gold"), NOW)
    campaign_id = arrange.draft(db, actor, NOW, arrange.line(db, NOW), saved)
    before = fingerprint(db, campaign_id)
    for _ in range(2):
        saved_filters.change(db, actor, saved, Query(search="212 600 1003", page=2), NOW)
    row = lists.one(db, saved)
    assert (row.name, row.size, row.filter) == ("Gold", 1, {"search": "212 600 1003"})
    assert fingerprint(db, campaign_id) != before  # so that no review of the others is shown
    assert review(db, campaign_id, NOW).audience.listed == 1
    entries = audit_log.part(db, actor, Filters(action="change filter"), None)
    assert [(one.before, one.after) for one in entries] == [
        ({"filter": {"field": "plan", "value": "gold"}}, {"filter": {"search": "212 600 1003"}})
    ]


def test_only_a_filter_can_be_changed_and_only_to_one(db: Database, actor: Actor, list_id: int) -> None:
    saved = saved_filters.save(db, actor, "Gold", Query(field="plan"), NOW)
    for wrong in (list_id, 99):
        with pytest.raises(ListNotFound):
            saved_filters.change(db, actor, wrong, Query(field="plan"), NOW)
    with pytest.raises(NothingFiltered):
        saved_filters.change(db, actor, saved, Query(), NOW)
    with pytest.raises(FilterOnFilter):
        saved_filters.change(db, actor, saved, Query(list_id=saved), NOW)


def test_nobody_is_put_on_a_list_that_fills_itself(db: Database, actor: Actor, list_id: int) -> None:
    saved = saved_filters.save(db, actor, "Gold", Query(field="plan", value="gold"), NOW)
    contact_id = contact_grid.page(db, Query()).rows[0].id
    job_id = imports.create(db, actor, "p.csv", "p.csv", Form("csv"), NOW)
    layout = Layout(("phone",), guess(["phone"]))
    puts: list[Callable[[], object]] = [
        lambda: contacts.add(db, actor, saved, [Entry("+12126009999")], NOW),
        lambda: contact_cards.put_on_list(db, actor, contact_id, saved, NOW),
        lambda: contact_cards.create(db, actor, Entry("+12126009999"), [saved], NOW),
        lambda: imports.start_check(db, actor, job_id, Form("csv"), layout, saved),
        lambda: bulk.start(db, actor, Task(Action.ADD, saved), Query(), NOW),
    ]
    for put in puts:
        with pytest.raises(ListFillsItself):
            put()
    assert contact_grid.page(db, Query()).total == 6


def test_what_makes_no_list_is_refused(db: Database, actor: Actor, list_id: int) -> None:
    saved = saved_filters.save(db, actor, "Gold", Query(field="plan"), NOW)
    with pytest.raises(NothingFiltered):
        saved_filters.save(db, actor, "All", Query(search=" "), NOW)
    with pytest.raises(ListNameTaken):
        saved_filters.save(db, actor, "Gold", Query(consent="given"), NOW)
    with pytest.raises(FilterOnFilter):
        saved_filters.save(db, actor, "Gold again", Query(list_id=saved), NOW)
    with pytest.raises(RoleForbids):
        saved_filters.save(db, arrange.person(db, NOW, "Vi", Role.VIEWER), "X", Query(field="plan"), NOW)
