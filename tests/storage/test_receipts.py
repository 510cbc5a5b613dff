"""Receipts: kept as they came, applied up the ladder, in whatever order and however often they come."""

import threading
from random import Random

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from domain.access import Actor
from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from storage import campaigns, receipts
from storage.database import Database
from storage.deliveries import Claimed
from storage.receipts import Arrived
from storage.tables import ReceiptInbox
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def claimed_by(db: Database, actor: Actor, count: int) -> tuple[int, list[Claimed]]:
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(count))
    message_id = ledger.message_ids(db, campaign_id)[0]
    return message_id, ledger.claim(db, message_id, START)


def inbox(db: Database, *, applied: bool) -> int:
    condition = col(ReceiptInbox.applied_at).is_not(None) == applied
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(ReceiptInbox).where(condition)) or 0


def test_a_receipt_counts_once_however_often_it_comes(db: Database, actor: Actor) -> None:
    message_id, claimed = claimed_by(db, actor, 3)
    ledger.settle(db, claimed, START)
    one = ledger.receipt(db, claimed[0])
    assert receipts.take(db, [one, one, one], START) == 1
    assert receipts.take(db, [one], START) == 0
    assert receipts.take(db, [], START) == 0
    rows = ledger.rows(db, message_id)
    assert rows[claimed[0].phone].state is State.DELIVERED
    assert rows[claimed[0].phone].finished_at == START
    assert inbox(db, applied=True) == 1
    ledger.check_tallies(db)


def test_a_body_is_kept_as_it_came(db: Database, actor: Actor) -> None:
    _message_id, [claimed] = claimed_by(db, actor, 1)
    bodies = ['{"to": "+1", "note": "a \\u0000 b"}', '😀 {} [null] \\ "%s" ?\n', ""]
    if db.is_sqlite:
        bodies.append("behind a \0 too")  # which PostgreSQL has no place for
    words = [ledger.receipt(db, claimed)._replace(dedupe_key=str(n), body=b) for n, b in enumerate(bodies)]
    assert receipts.take(db, words, START) == len(bodies)
    with db.read() as session:
        kept = {row.dedupe_key: row.body for row in session.scalars(select(ReceiptInbox))}
    assert kept == {str(number): body for number, body in enumerate(bodies)}


def test_of_two_words_under_one_key_the_first_stands(db: Database, actor: Actor) -> None:
    message_id, claimed = claimed_by(db, actor, 1)
    first = ledger.receipt(db, claimed[0], State.UNDELIVERED, "same", "unreachable")
    second = ledger.receipt(db, claimed[0], State.DELIVERED, "same")
    assert receipts.take(db, [first, second], START) == 1
    assert set(ledger.states(db, message_id).values()) == {State.UNDELIVERED}


WORDS = (State.SENT, State.DELIVERED, State.UNDELIVERED, State.FAILED)
LADDER = {State.SENT: 1, State.UNDELIVERED: 2, State.FAILED: 2, State.DELIVERED: 3}


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_order_the_highest_word_stands(db: Database, actor: Actor, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    message_id, claimed = claimed_by(db, actor, 60)
    said = {one.id: random.sample(WORDS, random.randint(0, 3)) for one in claimed}
    steps: list[object] = [
        ledger.receipt(db, one, state, code="" if state is State.DELIVERED else "e")
        for one in claimed
        for state in said[one.id]
        for _ in range(random.randint(1, 3))
    ]
    steps += claimed  # each one's outcome comes somewhere in between
    random.shuffle(steps)
    while steps:
        batch = [steps.pop() for _ in range(min(len(steps), random.randint(1, 25)))]
        receipts.take(db, [step for step in batch if isinstance(step, Arrived)], START)
        ledger.settle(db, [step for step in batch if isinstance(step, Claimed)], START)
        ledger.check_tallies(db)
    states = ledger.states(db, message_id)
    for one in claimed:
        best = max((LADDER[state] for state in said[one.id]), default=1)
        assert LADDER[states[one.phone]] == best, said[one.id]
        if best == 3:
            assert ledger.rows(db, message_id)[one.phone].code == ""
    assert inbox(db, applied=False) == 0


@pytest.mark.parametrize("attempt", [None, "", "nonsense", "0-x", "999999-abc", "9" * 30 + "-a", "-", "²-x"])
def test_a_receipt_of_an_unknown_attempt_stays_in_the_inbox(
    db: Database, actor: Actor, attempt: str | None
) -> None:
    message_id, claimed = claimed_by(db, actor, 1)
    stray = Arrived(1, "k", attempt, "c", State.DELIVERED, "", "{}")
    assert receipts.take(db, [stray, ledger.receipt(db, claimed[0])], START) == 2
    assert inbox(db, applied=False) == 1
    assert set(ledger.states(db, message_id).values()) == {State.DELIVERED}


def test_a_receipt_of_another_attempt_of_the_delivery_is_not_applied(db: Database, actor: Actor) -> None:
    message_id, claimed = claimed_by(db, actor, 1)
    forged = Arrived(1, "k", f"{claimed[0].id}-guessed", "c", State.DELIVERED, "", "{}")
    receipts.take(db, [forged], START)
    assert set(ledger.states(db, message_id).values()) == {State.SENDING}


def test_one_account_can_not_speak_for_the_deliveries_of_another(db: Database, actor: Actor) -> None:
    message_id, claimed = claimed_by(db, actor, 1)
    arrange.line(db, NOW, label="Other")
    receipts.take(db, [ledger.receipt(db, claimed[0], account_id=2)], START)
    assert set(ledger.states(db, message_id).values()) == {State.SENDING}
    assert inbox(db, applied=False) == 1


def test_a_receipt_before_the_outcome_wins_over_a_doubt(db: Database, actor: Actor) -> None:
    message_id, claimed = claimed_by(db, actor, 1)
    receipts.take(db, [ledger.receipt(db, claimed[0])], START)
    ledger.settle(db, claimed, START, Outcome(Proof.AMBIGUOUS))
    assert set(ledger.states(db, message_id).values()) == {State.DELIVERED}
    ledger.check_tallies(db)


def test_what_was_canceled_but_arrived_all_the_same_is_never_sent_again(db: Database, actor: Actor) -> None:
    message_id, claimed = claimed_by(db, actor, 3)
    ledger.settle(db, claimed, START, Outcome(Proof.TOO_FAST))
    campaigns.stop(db, actor, 1, START)
    words = [State.DELIVERED, State.FAILED]
    receipts.take(
        db, [ledger.receipt(db, one, word) for one, word in zip(claimed, words, strict=False)], START
    )
    states = ledger.states(db, message_id)
    assert [states[one.phone] for one in claimed] == [State.DELIVERED, State.CANCELED, State.CANCELED]
    ledger.check_tallies(db)


def test_the_same_receipts_at_once_from_many_webhooks_count_once(db: Database, actor: Actor) -> None:
    message_id, claimed = claimed_by(db, actor, 80)
    arrived = [ledger.receipt(db, one) for one in claimed]
    new: list[int] = []
    errors: list[Exception] = []

    def take(seed: int) -> None:
        mine = list(arrived)
        Random(seed).shuffle(mine)  # noqa: S311
        try:
            new.extend(receipts.take(db, mine[start : start + 20], START) for start in range(0, 80, 20))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=take, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(new) == 80
    assert set(ledger.states(db, message_id).values()) == {State.DELIVERED}
    ledger.check_tallies(db)
