"""Erasure on request, retention, and the evidence of one person."""

from datetime import timedelta

import pytest
from sqlalchemy import inspect, select, text
from sqlmodel import col

from domain.access import Actor, Role, RoleForbids
from domain.bulk import Action, Task
from domain.deliveries import State
from storage import (
    answers,
    audit_log,
    bulk,
    consents,
    contact_cards,
    contacts,
    conversations,
    erasure,
    evidence,
    inbound,
    receipts,
    retention,
    revocations,
    saved_filters,
    suppressions,
    workspace,
)
from storage.audit_log import Filters
from storage.consents import Given, Via
from storage.contact_grid import Query
from storage.contacts import Entry
from storage.database import Database
from storage.erasure import NobodyToErase
from storage.evidence import NoSuchPerson
from storage.inbound import Reply
from storage.retention import Retention, RetentionOutOfRange
from storage.tables import (
    AuditEntry,
    BulkChange,
    BulkJob,
    Contact,
    ContactList,
    ErasedSuppression,
    Inbound,
    ReceiptInbox,
    Suppression,
)
from storage.tallies import of_messages
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
PHONES = arrange.numbers(4)
ANNA = PHONES[0]
SECRET_WORDS = "<b>My dog is called Zerberus</b>"


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def hear(db: Database, words: str, phone: str = ANNA, minutes: int = 5) -> None:
    key = f"{phone[-2:]}-{words[:9]}-{minutes}"
    inbound.take(db, Reply(1, key, phone, "+14155550100", words), NOW + timedelta(minutes=minutes))


def told(db: Database, actor: Actor, *, stop: bool = True) -> int:
    """Anna got a message and its receipt, wrote back, was answered, opted in and out; the message's id."""
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [message_id] = ledger.message_ids(db, campaign_id)
    claimed = ledger.claim(db, message_id, START)
    ledger.settle(db, claimed, START)
    anna = next(one for one in claimed if one.phone == ANNA)
    arrived = ledger.receipt(db, anna)._replace(body=f'{{"to":"{ANNA}"}}')
    receipts.take(db, [arrived], START)
    consents.record(db, actor, Given(ANNA, NOW, "the shop", SECRET_WORDS, "203.0.113.9"), Via.FORM, NOW)
    hear(db, SECRET_WORDS)
    workspace.keep_form(db, actor, "test send", {"phone": ANNA}, NOW)
    talk = conversations.page(db).rows[0]
    answers.write(db, actor, talk.id, "Lovely", NOW + timedelta(minutes=6))
    hear(db, "please leave me alone", minutes=7)
    if stop:
        contacts.suppress(db, actor, ANNA, "Asked by phone", "team", NOW)
    return message_id


def everything(db: Database) -> str:
    """All that the database holds, as one text."""
    with db.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        return "\n".join(
            str(row) for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"'))
        )


def person(db: Database, phone: str) -> int:
    with db.read() as session:
        return session.scalars(select(col(Contact.id)).where(col(Contact.phone) == phone)).one() or 0


def test_nothing_names_an_erased_person_and_every_count_stays(db: Database, actor: Actor) -> None:
    message_id = told(db, actor)
    with db.read() as session:
        before = of_messages(session, [message_id])
    assert ANNA in everything(db)
    erasure.erase(db, actor, person(db, ANNA), NOW)
    left = everything(db)
    for trace in (ANNA, ANNA[1:], "Zerberus", "leave me alone", "203.0.113.9", "No 1000"):
        assert trace not in left
    ledger.check_tallies(db)
    with db.read() as session:
        assert of_messages(session, [message_id]) == before
        assert session.get_one(ContactList, 1).size == len(PHONES) - 1
        assert len(session.scalars(select(Inbound)).all()) == 2
    assert revocations.count_open(db) == 0
    assert ledger.audit(db)[-1][0] == "erase"
    with pytest.raises(NobodyToErase):
        erasure.erase(db, actor, 1, NOW)


def test_an_erased_person_is_suppressed_again_when_the_number_comes_back(db: Database, actor: Actor) -> None:
    told(db, actor)
    erasure.erase(db, actor, person(db, ANNA), NOW)
    with db.read() as session:
        assert session.get(Suppression, ANNA) is None
        [kept] = session.scalars(select(ErasedSuppression)).all()
    assert kept.source == "team"
    assert len(kept.fingerprint) == 64
    other = contacts.create_list(db, actor, "Again", NOW)
    contacts.add(db, actor, other, [Entry(ANNA), Entry("+12125550199")], NOW)
    with db.read() as session:
        assert [row.phone for row in session.scalars(select(Suppression))] == [ANNA]


def test_who_never_opted_out_is_not_texted_after_erasure_either_unless_they_ask(
    db: Database, actor: Actor
) -> None:
    arrange.line(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, PHONES[:1])
    erasure.erase(db, actor, person(db, ANNA), NOW)
    contacts.add(db, actor, list_id, [Entry(ANNA)], NOW)
    with db.read() as session:
        assert session.get_one(Suppression, ANNA).source == "erasure"
    hear(db, "START")
    with db.read() as session:
        assert session.get(Suppression, ANNA) is None
        assert session.scalars(select(ErasedSuppression)).all() == []


def test_what_waits_for_an_erased_person_is_not_sent(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [message_id] = ledger.message_ids(db, campaign_id)
    erasure.erase(db, actor, person(db, ANNA), NOW)
    assert {one.phone for one in ledger.claim(db, message_id, START)} == set(PHONES[1:])
    gone = ledger.rows(db, message_id)[""]
    assert (gone.state, gone.reason) == (State.SKIPPED, "erased")
    ledger.check_tallies(db)


def test_two_people_can_be_erased_and_only_administrators_do_it(db: Database, actor: Actor) -> None:
    told(db, actor)
    hear(db, "Hello", PHONES[1])
    manager = arrange.person(db, NOW, "Bo Lind", Role.MANAGER)
    with pytest.raises(RoleForbids):
        erasure.erase(db, manager, person(db, ANNA), NOW)
    for phone in PHONES[:2]:
        erasure.erase(db, actor, person(db, phone), NOW)
    left = everything(db)
    assert PHONES[0][1:] not in left
    assert PHONES[1][1:] not in left
    assert PHONES[2] in left


def test_what_a_deleted_contact_of_the_same_number_was_sent_goes_as_well(db: Database, actor: Actor) -> None:
    message_id = told(db, actor)
    contact_cards.delete(db, actor, person(db, ANNA), NOW)
    again = contact_cards.create(db, actor, Entry(ANNA, "Anna"), [], NOW)
    erasure.erase(db, actor, again, NOW)
    assert ANNA[1:] not in everything(db)
    assert ledger.rows(db, message_id)[""].state is State.DELIVERED
    assert set(ledger.rows(db, message_id)) == {"", *PHONES[1:]}


def test_what_could_be_undone_of_an_erased_person_is_forgotten(db: Database, actor: Actor) -> None:
    arrange.contact_list(db, actor, NOW, PHONES[:2])
    for value in ("Zerberus", ""):
        job = bulk.start(db, actor, Task(Action.FIELD, name="dog", value=value), [1, 2], NOW)
        bulk.advance(db, job, NOW)
    erasure.erase(db, actor, 1, NOW)
    with db.read() as session:
        assert set(session.scalars(select(col(BulkChange.contact_id)))) == {2}


def test_all_that_an_earlier_number_of_the_person_holds_goes_as_well(db: Database, actor: Actor) -> None:
    told(db, actor)
    anna, corrected = person(db, ANNA), arrange.numbers(5)[-1]
    contact_cards.save(db, actor, anna, Entry(corrected, "Anna"), NOW)
    erasure.erase(db, actor, anna, NOW)
    left = everything(db)
    for trace in (ANNA[1:], corrected[1:], "Zerberus", "leave me alone", "203.0.113.9"):
        assert trace not in left
    contacts.add(db, actor, arrange.contact_list(db, actor, NOW, PHONES[1:2], "Others"), [Entry(ANNA)], NOW)
    with db.read() as session:
        assert session.get(Suppression, ANNA) is not None


def test_an_earlier_number_that_never_opted_out_is_free_for_its_next_owner(
    db: Database, actor: Actor
) -> None:
    list_id = arrange.contact_list(db, actor, NOW, PHONES[:1])
    contact_cards.save(db, actor, 1, Entry(PHONES[1], "Anna"), NOW)
    erasure.erase(db, actor, 1, NOW)
    contacts.add(db, actor, list_id, [Entry(phone) for phone in PHONES[:2]], NOW)
    with db.read() as session:
        assert set(session.scalars(select(col(Suppression.phone)))) == {PHONES[1]}


def test_an_earlier_number_that_is_somebody_elses_now_is_left_to_them(db: Database, actor: Actor) -> None:
    told(db, actor)
    anna = person(db, ANNA)
    contact_cards.save(db, actor, anna, Entry(arrange.numbers(5)[-1], "Anna"), NOW)
    contact_cards.create(db, actor, Entry(ANNA, "Otto"), [], NOW)
    erasure.erase(db, actor, anna, NOW)
    [talk] = conversations.page(db).rows
    assert talk.phone == ANNA
    with db.read() as session:
        assert session.get(Suppression, ANNA) is not None


def test_the_words_by_which_many_were_chosen_do_not_name_an_erased_person(db: Database, actor: Actor) -> None:
    arrange.contact_list(db, actor, NOW, PHONES[:2])
    anna = contact_cards.create(db, actor, Entry(PHONES[2], "Zerlinde", "Zöllner"), [], NOW)
    running = bulk.start(db, actor, Task(Action.FIELD, name="dog", value="no"), Query("zollner zer"), NOW)
    stopped = bulk.start(db, actor, Task(Action.FIELD, name="dog", value="no"), Query("zollner"), NOW)
    bulk.stop(db, actor, stopped, NOW)
    maya = bulk.start(db, actor, Task(Action.FIELD, name="dog", value="no"), Query("Maya"), NOW)
    saved_filters.save(db, actor, "Two", Query("212", field="dog", value="no"), NOW)
    for job in (running, maya):
        bulk.advance(db, job, NOW)
    erasure.erase(db, actor, anna, NOW)
    left = everything(db)
    assert "Zerlinde" not in left
    assert "zollner" not in left
    assert "Maya" in left  # the others' words stay
    with db.read() as session:
        assert [row.selection for row in session.scalars(select(BulkJob))] == [{}, {}, {}]
    begun = audit_log.part(db, actor, Filters(kind="contacts", action="set field (many)"), None)
    assert [(entry.after or {}).get("whom", {}).get("search") for entry in begun][-3:] == ["Maya", None, None]


def test_a_number_that_the_team_lets_in_again_is_not_held_back_by_the_erasure(
    db: Database, actor: Actor
) -> None:
    told(db, actor)
    erasure.erase(db, actor, person(db, ANNA), NOW)
    other = contacts.create_list(db, actor, "Again", NOW)
    contacts.add(db, actor, other, [Entry(ANNA)], NOW)
    suppressions.lift(db, actor, ANNA, NOW)
    contacts.add(db, actor, other, [Entry(ANNA, "Anna")], NOW)
    with db.read() as session:
        assert session.get(Suppression, ANNA) is None
        assert session.scalars(select(ErasedSuppression)).all() == []


def test_old_texts_and_receipts_go_and_what_is_young_stays(db: Database, actor: Actor) -> None:
    told(db, actor, stop=False)
    retention.choose(db, actor, Retention(texts_days=60, receipts_days=30), NOW)
    retention.sweep(db, NOW + timedelta(days=29))
    assert "Zerberus" in everything(db)
    retention.sweep(db, NOW + timedelta(days=31))
    with db.read() as session:
        assert session.scalars(select(ReceiptInbox)).all() == []
        assert {row.text for row in session.scalars(select(Inbound))} == {
            SECRET_WORDS,
            "please leave me alone",
        }
    retention.sweep(db, NOW + timedelta(days=61))
    retention.sweep(db, NOW + timedelta(days=62))
    with db.read() as session:
        assert {row.text for row in session.scalars(select(Inbound))} == {""}
        removed = session.scalars(select(AuditEntry).where(col(AuditEntry.action) == "remove by age")).all()
    assert [entry.after for entry in removed] == [
        {"receipts": 1, "replies": 0, "answers": 0, "wishes": 0, "messages": 0, "links": 0},
        {"receipts": 0, "replies": 2, "answers": 1, "wishes": 1, "messages": 0, "links": 0},
    ]
    assert all(row.last_text == "" for row in conversations.page(db).rows)


def test_retention_is_thirteen_months_and_ninety_days_until_somebody_chooses(
    db: Database, actor: Actor
) -> None:
    assert retention.chosen(db) == Retention(395, 90)
    retention.choose(db, actor, Retention(100, 40), NOW)
    assert retention.chosen(db) == Retention(100, 40)
    for wrong in (Retention(29, 90), Retention(395, 5_000)):
        with pytest.raises(RetentionOutOfRange):
            retention.choose(db, actor, wrong, NOW)
    with pytest.raises(RoleForbids):
        retention.choose(db, arrange.person(db, NOW, "Bo Lind", Role.MANAGER), Retention(), NOW)


WENT_OUT = ["Put on the suppression list", "On the suppression list", "Asked in plain words"]


def test_the_evidence_tells_of_campaigns_that_left_the_person_out(db: Database, actor: Actor) -> None:
    arrange.contact_list(db, actor, NOW, PHONES[:1], "Others")
    contacts.suppress(db, actor, ANNA, "Asked by phone", "team", NOW)
    ledger.started(db, actor, NOW, PHONES)
    sheets = {sheet.name: sheet for sheet in evidence.of_contact(db, person(db, ANNA), NOW).sheets}
    assert [row[::2] for row in sheets["left-out"].rows] == [("Spring sale", "Not sent: opted out")]


def test_the_evidence_tells_how_an_opt_out_was_lifted(db: Database, actor: Actor) -> None:
    told(db, actor)
    suppressions.lift(db, actor, ANNA, NOW + timedelta(minutes=9))
    sheets = {sheet.name: sheet for sheet in evidence.of_contact(db, person(db, ANNA), NOW).sheets}
    assert sheets["opt-outs"].rows[-1][1:3] == ("Taken off the suppression list", actor.name)


def test_the_evidence_holds_all_that_happened(db: Database, actor: Actor) -> None:
    told(db, actor)
    found = evidence.of_contact(db, person(db, ANNA), NOW)
    sheets = {sheet.name: sheet for sheet in found.sheets}
    assert [len(sheets[name].rows) for name in ("consent", "messages", "receipts", "replies")] == [1, 1, 1, 2]
    assert [len(sheets[name].rows) for name in ("answers", "opt-outs", "acknowledgments")] == [1, 3, 1]
    assert [row[1] for row in sheets["opt-outs"].rows] == WENT_OUT
    assert sheets["consent"].rows[0][2] == SECRET_WORDS
    assert sheets["messages"].rows[0][5] == "Delivered"
    assert "opt-in approval" in sheets["acknowledgments"].rows[0][3]
    assert all(len(row) == len(sheet.heads) for sheet in found.sheets for row in sheet.rows)
    with pytest.raises(NoSuchPerson):
        evidence.of_contact(db, 99, NOW)
