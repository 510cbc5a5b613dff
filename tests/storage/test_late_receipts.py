"""Receipts that come before we can place them, and those that never come."""

from datetime import datetime, timedelta

import pytest

from domain.access import Actor
from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from storage import late_receipts, receipts
from storage.database import Database
from storage.deliveries import Claimed
from storage.receipts import Arrived
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def claimed_by(db: Database, actor: Actor, count: int) -> tuple[int, list[Claimed]]:
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(count))
    message_id = ledger.message_ids(db, campaign_id)[0]
    return message_id, ledger.claim(db, message_id, START)


def by_carrier_id(name: str, state: State = State.DELIVERED, account_id: int = 1) -> Arrived:
    return Arrived(account_id, f"{name}-{state}", None, name, state, "", "{}")


def accept(db: Database, one: Claimed, name: str) -> None:
    ledger.settle(db, [one], START, Outcome(Proof.ACCEPTED, name))


def test_a_receipt_that_only_names_the_carriers_own_id_waits_until_we_know_it(
    db: Database, actor: Actor
) -> None:
    message_id, claimed = claimed_by(db, actor, 2)
    receipts.take(db, [by_carrier_id("c-1"), by_carrier_id("c-9")], START)
    assert late_receipts.match(db, START) == 0
    accept(db, claimed[0], "c-1")
    assert late_receipts.match(db, after(1)) == 1
    assert late_receipts.match(db, after(1)) == 0
    states = ledger.states(db, message_id)
    assert states == {claimed[0].phone: State.DELIVERED, claimed[1].phone: State.SENDING}
    assert late_receipts.strays(db, after(71)) == {}
    assert late_receipts.strays(db, after(72)) == {1: 1}
    ledger.check_tallies(db)


def test_another_accounts_receipt_is_never_taken_for_ours(db: Database, actor: Actor) -> None:
    message_id, claimed = claimed_by(db, actor, 1)
    arrange.line(db, NOW, label="Another")
    accept(db, claimed[0], "c-1")
    receipts.take(db, [by_carrier_id("c-1", account_id=2)], START)
    assert late_receipts.match(db, START) == 0
    assert set(ledger.states(db, message_id).values()) == {State.SENT}


def test_after_three_days_nobody_looks_for_a_receipts_delivery(db: Database, actor: Actor) -> None:
    message_id, claimed = claimed_by(db, actor, 1)
    receipts.take(db, [by_carrier_id("c-1")], START)
    accept(db, claimed[0], "c-1")
    assert late_receipts.match(db, after(72)) == 0
    assert set(ledger.states(db, message_id).values()) == {State.SENT}


def test_later_words_by_the_carriers_id_go_up_the_ladder_too(db: Database, actor: Actor) -> None:
    message_id, claimed = claimed_by(db, actor, 1)
    accept(db, claimed[0], "c-1")
    for state, expected in (
        (State.UNDELIVERED, State.UNDELIVERED),
        (State.DELIVERED, State.DELIVERED),
        (State.FAILED, State.DELIVERED),
    ):
        receipts.take(db, [by_carrier_id("c-1", state)], START)
        late_receipts.match(db, START)
        assert set(ledger.states(db, message_id).values()) == {expected}
    ledger.check_tallies(db)


def test_what_has_no_receipt_after_three_days_is_a_bucket_of_its_own(db: Database, actor: Actor) -> None:
    message_id, claimed = claimed_by(db, actor, 4)
    ledger.settle(db, claimed[:3], START)
    ledger.settle(db, claimed[3:], after(5))
    receipts.take(db, [ledger.receipt(db, claimed[0])], after(1))
    assert late_receipts.give_up(db, after(71.9)) == 0
    assert late_receipts.give_up(db, after(72)) == 2
    assert late_receipts.give_up(db, after(72)) == 0
    states = ledger.states(db, message_id)
    assert [states[one.phone] for one in claimed] == [
        State.DELIVERED,
        State.NO_RECEIPT,
        State.NO_RECEIPT,
        State.SENT,
    ]
    ledger.check_tallies(db)
    assert ledger.rows(db, message_id)[claimed[1].phone].reason == late_receipts.NO_RECEIPT


def test_a_receipt_that_comes_after_all_still_counts(db: Database, actor: Actor) -> None:
    message_id, claimed = claimed_by(db, actor, 2)
    ledger.settle(db, claimed, START)
    late_receipts.give_up(db, after(72))
    words = [ledger.receipt(db, claimed[0]), ledger.receipt(db, claimed[1], State.SENT)]
    receipts.take(db, words, after(80))
    states = ledger.states(db, message_id)
    assert [states[one.phone] for one in claimed] == [State.DELIVERED, State.NO_RECEIPT]
    ledger.check_tallies(db)
