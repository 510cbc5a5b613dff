"""One contact, and lists as people keep them."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from domain.access import Actor, Role, RoleForbids
from domain.contacts import BadEmail, ListNameMissing
from domain.deliveries import State
from domain.phones import BadNumber
from storage import answers, contact_cards, contact_grid, contacts, conversations, erasure, inbound, lists
from storage.contact_cards import ContactNotFound, NumberTaken
from storage.contacts import Entry, ListNameTaken, ListNotFound
from storage.database import Database
from storage.inbound import Reply
from storage.lists import ListInUse
from storage.tables import AuditEntry, Contact
from tests import arrange, ledger
from tests.conftest import NOW

MAYA = Entry("(415) 555-0101", " Maya ", "Okafor", "maya@example.com", fields={"city": "Oslo"})


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def made(db: Database, actor: Actor, entry: Entry = MAYA) -> int:
    return contact_cards.create(db, actor, entry, [], NOW)


def actions(db: Database) -> list[str]:
    with db.read() as session:
        return list(session.scalars(select(col(AuditEntry.action)).order_by(col(AuditEntry.id))))


def test_a_new_contact_is_kept_tidied_and_on_its_lists(db: Database, actor: Actor) -> None:
    list_id = lists.create(db, actor, " Spring  leads ", NOW)
    contact_id = contact_cards.create(db, actor, MAYA, [list_id, 999], NOW)
    card = contact_cards.card(db, contact_id)
    assert (card.phone, card.name, card.fields) == ("+14155550101", "Maya Okafor", {"city": "Oslo"})
    assert [item.name for item in card.lists] == ["Spring leads"]
    assert lists.one(db, list_id).size == 1
    assert "America/Los_Angeles" in card.number_zones


def test_a_number_belongs_to_one_contact(db: Database, actor: Actor) -> None:
    contact_id = made(db, actor)
    other = made(db, actor, Entry("+14155550102"))
    with pytest.raises(NumberTaken, match="Maya Okafor already has the number") as taken:
        made(db, actor, Entry("1-415-555-0101"))
    assert taken.value.contact_id == contact_id
    with pytest.raises(NumberTaken):
        contact_cards.save(db, actor, other, Entry("4155550101"), NOW)
    contact_cards.save(db, actor, contact_id, MAYA, NOW)


@pytest.mark.parametrize(
    ("entry", "problem"), [(Entry("12"), BadNumber), (Entry("+14155550109", email="nope"), BadEmail)]
)
def test_what_is_wrong_is_refused(db: Database, actor: Actor, entry: Entry, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        made(db, actor, entry)


def test_saving_replaces_and_is_found_again(db: Database, actor: Actor) -> None:
    contact_id = made(db, actor)
    with db.write() as session:
        session.get_one(Contact, contact_id).invalid_reason = "landline"
    contact_cards.save(db, actor, contact_id, Entry("+442071838750", "Noor", timezone="Asia/Tokyo"), NOW)
    card = contact_cards.card(db, contact_id)
    assert (card.phone, card.name, card.email, card.fields) == ("+442071838750", "Noor", "", {})
    assert (card.timezone, card.invalid_reason) == ("Asia/Tokyo", None)
    assert [row.id for row in contact_grid.page(db, contact_grid.Query(search="noor")).rows] == [contact_id]
    assert contact_grid.page(db, contact_grid.Query(search="maya")).total == 0
    assert actions(db) == ["create", "change"]


def test_deleting_leaves_lists_and_results_whole(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(3))
    message_id = ledger.message_ids(db, campaign_id)[0]
    ledger.send(db, message_id, ledger.start_of(NOW))
    row = contact_grid.page(db, contact_grid.Query()).rows[0]
    list_id = lists.page(db, lists.Query()).rows[0].id
    contact_cards.delete(db, actor, row.id, NOW)
    assert lists.one(db, list_id).size == 2
    assert len(ledger.rows(db, message_id)) == 3
    with pytest.raises(ContactNotFound):
        contact_cards.card(db, row.id)
    assert not contact_cards.exists(db, row.id)
    with pytest.raises(ContactNotFound):
        contact_cards.delete(db, actor, row.id, NOW)


def test_a_card_tells_messages_and_replies_by_time(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(1), texts=("One", "Two"))
    start = ledger.start_of(NOW)
    ledger.send(db, ledger.message_ids(db, campaign_id)[0], start)
    row = contact_grid.page(db, contact_grid.Query()).rows[0]
    inbound.take(db, Reply(1, "k", row.phone, "+14155550100", "STOP"), start + timedelta(minutes=1))
    card = contact_cards.card(db, row.id)
    assert [(sent.message, sent.text, sent.state) for sent in card.sent] == [(1, "One", State.SENT)]
    assert [(got.text, got.kind) for got in card.received] == [("STOP", "stop")]
    assert card.suppressed_at is not None


def test_one_person_is_put_on_a_list_and_taken_off(db: Database, actor: Actor) -> None:
    contact_id, list_id = made(db, actor), lists.create(db, actor, "VIPs", NOW)
    for _ in range(2):
        contact_cards.put_on_list(db, actor, contact_id, list_id, NOW)
    assert lists.one(db, list_id).size == 1
    for _ in range(2):
        contact_cards.take_off_list(db, actor, contact_id, list_id, NOW)
    assert lists.one(db, list_id).size == 0
    assert actions(db) == ["create", "create", "add to list", "remove from list"]


def test_lists_are_renamed_and_deleted_when_unused(db: Database, actor: Actor) -> None:
    first, second = (lists.create(db, actor, name, NOW) for name in ("One", "Two"))
    lists.rename(db, actor, first, " Uno ", NOW)
    lists.rename(db, actor, first, "Uno", NOW)
    assert lists.one(db, first).name == "Uno"
    with pytest.raises(ListNameTaken):
        lists.rename(db, actor, first, "Two", NOW)
    with pytest.raises(ListNameMissing):
        lists.create(db, actor, " ", NOW)
    contacts.add(db, actor, second, [MAYA], NOW)
    lists.delete(db, actor, second, NOW)
    assert not lists.exists(db, second)
    assert contact_grid.page(db, contact_grid.Query()).total == 1
    with pytest.raises(ListNotFound):
        lists.delete(db, actor, second, NOW)
    arrange.draft(db, actor, NOW, arrange.line(db, NOW), first)
    with pytest.raises(ListInUse):
        lists.delete(db, actor, first, NOW)
    assert actions(db)[:5] == ["create", "create", "rename", "add contacts", "delete"]


def test_lists_are_searched_sorted_and_paged(db: Database, actor: Actor) -> None:
    ids = [
        lists.create(db, actor, name, NOW + timedelta(days=n)) for n, name in enumerate(["b", "A 10%", "c"])
    ]
    contacts.add(db, actor, ids[2], [MAYA], NOW)
    arrange.draft(db, actor, NOW, arrange.line(db, NOW), ids[0])

    def names(**query: object) -> list[str]:
        return [row.name for row in lists.page(db, lists.Query(**query)).rows]  # type: ignore[arg-type]

    assert names() == ["A 10%", "b", "c"]
    assert names(search="%") == ["A 10%"]
    assert names(sort="size", descending=True)[0] == "c"
    assert names(sort="campaigns", descending=True)[0] == "b"
    assert names(sort="created") == ["b", "A 10%", "c"]
    assert names(page=9, size=2) == ["c"]


def test_a_viewer_changes_nothing(db: Database, actor: Actor) -> None:
    viewer = arrange.person(db, NOW, "Eve Quist", Role.VIEWER)
    contact_id, list_id = made(db, actor), lists.create(db, actor, "VIPs", NOW)
    for act in (
        lambda: contact_cards.create(db, viewer, MAYA, [], NOW),
        lambda: contact_cards.save(db, viewer, contact_id, MAYA, NOW),
        lambda: contact_cards.delete(db, viewer, contact_id, NOW),
        lambda: contact_cards.put_on_list(db, viewer, contact_id, list_id, NOW),
        lambda: contact_cards.take_off_list(db, viewer, contact_id, list_id, NOW),
        lambda: lists.create(db, viewer, "x", NOW),
        lambda: lists.rename(db, viewer, list_id, "x", NOW),
        lambda: lists.delete(db, viewer, list_id, NOW),
    ):
        with pytest.raises(RoleForbids):
            act()


def test_what_the_team_answered_is_part_of_the_conversation(db: Database, actor: Actor) -> None:
    (phone,) = arrange.numbers(1)
    arrange.line(db, NOW)
    contact_id = contact_cards.create(db, actor, Entry(phone, "Maya"), [], NOW)
    inbound.take(db, Reply(1, "one", phone, "+14155550100", "Are you open?"), NOW)
    (talk,) = conversations.page(db).rows
    answers.write(db, actor, talk.id, "Until six.", NOW)
    said = contact_cards.card(db, contact_id).answered
    assert [(one.text, one.author, one.state) for one in said] == [("Until six.", actor.name, State.QUEUED)]


def test_who_was_erased_and_comes_back_by_the_form_stays_opted_out(db: Database, actor: Actor) -> None:
    first, second = arrange.numbers(2)
    gone = contact_cards.create(db, actor, Entry(first, "Maya"), [], NOW)
    other = contact_cards.create(db, actor, Entry(second, "Liam"), [], NOW)
    erasure.erase(db, actor, gone, NOW)
    again = contact_cards.create(db, actor, Entry(first, "Maya"), [], NOW)
    assert contact_cards.card(db, again).suppressed_why == erasure.RECALLED
    erasure.erase(db, actor, again, NOW)
    contact_cards.save(db, actor, other, Entry(first, "Liam"), NOW)
    assert contact_cards.card(db, other).suppressed_why == erasure.RECALLED
