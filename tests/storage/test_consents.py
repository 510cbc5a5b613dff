"""Opt-in records: kept as evidence, and asked for by the claim where the workspace requires them."""

from datetime import timedelta

import pytest

from domain.access import Actor, Role, RoleForbids
from domain.deliveries import State
from domain.opt_ins import ConsentInFuture, ConsentNeedsSource
from domain.phones import BadNumber
from storage import campaigns, choices, consents, contacts, messages
from storage.consents import Given, Via
from storage.database import Database
from storage.messages import Change
from storage.people import people_left_out
from storage.review import review
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
PHONES = arrange.numbers(4)
WORDS = "Yes, text me offers. Message rates may apply."


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def given(phone: str, **more: object) -> Given:
    values = {"given_at": NOW, "source": "shop.example/join", "wording": WORDS, "address": "203.0.113.7"}
    return Given(phone, **(values | more))  # type: ignore[arg-type]


def record(db: Database, actor: Actor, *phones: str) -> int:
    with db.write() as session:
        return consents.record_all(session, actor, [given(phone) for phone in phones], Via.IMPORT, NOW)


def test_an_opt_in_is_kept_with_all_that_proves_it(db: Database, actor: Actor) -> None:
    consents.record(db, actor, given("(212) 600-1000"), Via.FORM, NOW)
    consents.record(db, actor, given("+12126001000", given_at=NOW - timedelta(days=9)), Via.API, NOW)
    newest, oldest = consents.of_number(db, "+1 212 600 1000")
    assert (newest.given_at, newest.source, newest.wording) == (NOW, "shop.example/join", WORDS)
    assert (newest.address, newest.entered_by, newest.via) == ("203.0.113.7", "Ada Park", "form")
    assert (oldest.given_at, oldest.via) == (NOW - timedelta(days=9), "api")
    assert [entry[0] for entry in ledger.audit(db)] == ["record consent", "record consent"]


def test_a_file_of_opt_ins_may_be_read_twice(db: Database, actor: Actor) -> None:
    assert record(db, actor, *PHONES[:3]) == 3
    assert record(db, actor, *PHONES, PHONES[0]) == 1
    assert record(db, actor) == 0
    assert all(len(consents.of_number(db, phone)) == 1 for phone in PHONES)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"source": "  "}, ConsentNeedsSource),
        ({"given_at": NOW + timedelta(seconds=1)}, ConsentInFuture),
    ],
)
def test_an_opt_in_that_proves_nothing_is_refused(
    db: Database, actor: Actor, wrong: dict[str, object], problem: type[Exception]
) -> None:
    with pytest.raises(problem):
        consents.record(db, actor, given(PHONES[0], **wrong), Via.FORM, NOW)
    with pytest.raises(BadNumber):
        consents.record(db, actor, given("nobody"), Via.FORM, NOW)
    assert consents.of_number(db, PHONES[0]) == []


def test_viewers_record_nothing_and_only_administrators_decide(db: Database) -> None:
    viewer = arrange.person(db, NOW, "Eve Quist", Role.VIEWER)
    manager = arrange.person(db, NOW, "Bo Lind", Role.MANAGER)
    with pytest.raises(RoleForbids):
        consents.record(db, viewer, given(PHONES[0]), Via.FORM, NOW)
    with pytest.raises(RoleForbids):
        choices.require_consent(db, manager, True, NOW)


def test_a_choice_is_kept_and_audited_once(db: Database, actor: Actor) -> None:
    for _ in range(2):
        choices.require_consent(db, actor, True, NOW)
    with db.read() as session:
        assert choices.consent_required(session)
    choices.require_consent(db, actor, False, NOW)
    with db.read() as session:
        assert not choices.consent_required(session)
    assert [entry[0] for entry in ledger.audit(db)] == ["choose", "choose"]


def test_people_without_an_opt_in_are_left_out_of_the_audience(db: Database, actor: Actor) -> None:
    choices.require_consent(db, actor, True, NOW)
    record(db, actor, *PHONES[:2])
    contacts.suppress(db, actor, PHONES[3], "Asked by phone", "team", NOW)
    list_id = arrange.contact_list(db, actor, NOW, PHONES)
    campaign_id = arrange.draft(db, actor, NOW, arrange.line(db, NOW), list_id)
    seen = review(db, campaign_id, NOW)
    who = seen.audience
    assert (who.listed, who.invalid, who.opted_out, who.no_consent, who.to_send) == (4, 0, 1, 1, 2)
    campaigns.schedule(db, actor, campaign_id, NOW)
    ledger.beat(db, START)
    [message_id] = ledger.message_ids(db, campaign_id)
    assert {one.phone for one in ledger.send(db, message_id, START)} == set(PHONES[:2])
    left = people_left_out(db, campaign_id, "no_consent").rows
    assert [person.phone for person in left] == [PHONES[2]]
    assert left[0].reason == "No recorded opt-in"


def test_who_has_no_opt_in_when_the_turn_comes_is_skipped(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [message_id] = ledger.message_ids(db, campaign_id)
    choices.require_consent(db, actor, True, NOW)
    contacts.suppress(db, actor, PHONES[0], "Asked by phone", "team", NOW)
    record(db, actor, PHONES[0], PHONES[1])
    assert [one.phone for one in ledger.claim(db, message_id, START)] == [PHONES[1]]
    rows = ledger.rows(db, message_id)
    assert [rows[phone].reason for phone in PHONES] == ["opted_out", None, "no_consent", "no_consent"]
    assert all(rows[phone].state is State.SKIPPED for phone in (PHONES[0], *PHONES[2:]))
    ledger.check_tallies(db)


def test_the_review_of_a_restart_counts_who_has_no_opt_in(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [message_id] = ledger.message_ids(db, campaign_id)
    ledger.send(db, message_id, START, 1)
    campaigns.stop(db, actor, campaign_id, START)
    ledger.beat(db, START)
    campaigns.restart(db, actor, campaign_id, START)
    messages.save(db, actor, message_id, Change(local_date="2026-11-25", local_time="09:30"), START)
    record(db, actor, *PHONES[:2])
    choices.require_consent(db, actor, True, NOW)
    seen = review(db, campaign_id, START)
    assert (seen.audience.listed, seen.audience.no_consent, seen.audience.to_send) == (4, 2, 2)
    assert [(plan.people, plan.already) for plan in seen.messages] == [(1, 1)]
