"""Attempts in doubt: looked up a bounded number of times, settled only by proof, sent again only on order."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from domain.access import Actor, Role, RoleForbids
from domain.campaigns import Status
from domain.deliveries import State
from domain.doubts import NoneUnconfirmed, NotSendingAgain, Verdict
from domain.messages import MessageState
from domain.outcomes import Outcome, Proof
from storage import campaigns, contacts, doubts, messages, receipts, results, unconfirmed
from storage.database import Database
from storage.deliveries import Claimed
from storage.doubts import Look, Sighted
from storage.found import MessageNotFound
from storage.messages import Change
from storage.tables import DoubtfulAttempt
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
PHONES = arrange.numbers(4)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def in_doubt(db: Database, actor: Actor, phones: list[str] = PHONES) -> tuple[int, list[Claimed]]:
    """A message all of whose deliveries broke off, so that the campaign is through."""
    campaign_id = ledger.started(db, actor, NOW, phones)
    message_id = ledger.message_ids(db, campaign_id)[0]
    claimed = ledger.claim(db, message_id, START)
    ledger.settle(db, claimed, START, Outcome(Proof.AMBIGUOUS, code="http-500"))
    ledger.beat(db, START)
    assert results.overview(db, campaign_id, START).standing.status is Status.COMPLETED
    return message_id, claimed


def look(
    db: Database, one: Claimed, now: datetime, *seen: str, exact: bool = False, state: State = State.SENT
) -> Verdict:
    sighted = tuple(Sighted(name, state) for name in seen)
    return next(iter(doubts.record(db, [Look(one.id, one.attempt_id, sighted, exact)], now)))


def test_each_attempt_is_taken_for_a_look_and_then_left_alone_for_a_while(db: Database, actor: Actor) -> None:
    _message_id, claimed = in_doubt(db, actor)
    assert doubts.take(db, 10, after(0.9)) == []
    first = doubts.take(db, 3, after(1))
    assert [one.attempt_id for one in first] == [one.attempt_id for one in claimed[:3]]
    one = first[0]
    assert (one.phone, one.number, one.account.kind) == (claimed[0].phone, "+14155550100", "sandbox")
    assert (one.text, one.claimed_at, one.may_go_out) == ("Hello. Reply STOP to opt out.", START, True)
    assert [one.attempt_id for one in doubts.take(db, 10, after(1))] == [claimed[3].attempt_id]
    assert doubts.take(db, 10, after(4.9)) == []
    assert len(doubts.take(db, 10, after(5))) == 4
    assert doubts.take(db, 10, after(9.9)) == []
    assert len(doubts.take(db, 10, after(10))) == 4


def test_after_a_day_nobody_is_asked_any_more(db: Database, actor: Actor) -> None:
    in_doubt(db, actor)
    assert doubts.take(db, 10, after(24 * 60)) == []
    assert len(doubts.take(db, 10, after(24 * 60 - 0.1))) == 4


def test_what_may_not_go_out_any_more_is_not_repeated(db: Database, actor: Actor) -> None:
    _message_id, claimed = in_doubt(db, actor)
    contacts.suppress(db, actor, claimed[1].phone, "Asked", "team", START)
    asked = {one.phone: one.may_go_out for one in doubts.take(db, 10, after(1))}
    assert asked == {one.phone: one.phone != claimed[1].phone for one in claimed}
    campaigns.archive(db, actor, 1, START)
    assert not any(one.may_go_out for one in doubts.take(db, 10, after(5)))


def test_a_sighting_that_nobody_else_owns_settles_it(db: Database, actor: Actor) -> None:
    message_id, claimed = in_doubt(db, actor)
    assert look(db, claimed[0], after(1), "c-1") is Verdict.FOUND
    assert look(db, claimed[1], after(1), "c-2", state=State.DELIVERED) is Verdict.FOUND
    assert look(db, claimed[2], after(1), "c-3", "c-4") is Verdict.OPEN
    assert doubts.record(db, [Look(claimed[3].id, claimed[3].attempt_id, None, exact=True)], after(6)) == {
        Verdict.OPEN: 1
    }
    rows = ledger.rows(db, message_id)
    assert [rows[one.phone].state for one in claimed] == [
        State.SENT,
        State.DELIVERED,
        State.UNKNOWN,
        State.UNKNOWN,
    ]
    assert rows[claimed[0].phone].carrier_message_id == "c-1"
    assert rows[claimed[0].phone].sent_at == START
    assert rows[claimed[0].phone].code == ""
    ledger.check_tallies(db)


def test_a_sighting_of_somebody_elses_attempt_is_no_proof(db: Database, actor: Actor) -> None:
    """Two messages with the same words to the same person: each of the carrier's messages is one of them."""
    campaign_id = ledger.started(db, actor, NOW, PHONES[:1], texts=("Hi", "Hi"), apart=timedelta(minutes=1))
    ledger.beat(db, after(1))
    first, second = ledger.message_ids(db, campaign_id)
    (one,), (two,) = ledger.claim(db, first, after(1)), ledger.claim(db, second, after(1))
    ledger.settle(db, [one, two], after(1), Outcome(Proof.AMBIGUOUS))
    assert len(doubts.take(db, 10, after(7))) == 2
    seen = (Sighted("c-1"),)
    looks = [Look(claimed.id, claimed.attempt_id, seen, exact=False) for claimed in (two, one)]
    assert doubts.record(db, looks, after(7)) == {Verdict.FOUND: 1, Verdict.MISSING: 1}
    assert ledger.states(db, first) == {PHONES[0]: State.SENT}
    assert look(db, two, after(12), "c-1") is Verdict.ABSENT
    assert ledger.states(db, second) == {PHONES[0]: State.QUEUED}
    ledger.check_tallies(db)


def test_an_exact_look_that_finds_nothing_lets_it_be_tried_again(db: Database, actor: Actor) -> None:
    message_id, claimed = in_doubt(db, actor)
    assert look(db, claimed[0], after(4), exact=True) is Verdict.OPEN
    assert look(db, claimed[0], after(6), exact=True) is Verdict.ABSENT
    shown = results.overview(db, 1, after(6))
    assert shown.standing.status is Status.RUNNING  # it was through, and goes on for this one
    assert shown.messages[0].state is MessageState.SENDING
    (again,) = ledger.claim(db, message_id, after(6))
    assert again.phone == claimed[0].phone
    assert again.attempt_id != claimed[0].attempt_id
    assert again.attempts == 2
    ledger.settle(db, [again], after(6))
    ledger.beat(db, after(6))
    assert results.overview(db, 1, after(6)).standing.status is Status.COMPLETED
    ledger.check_tallies(db)


def test_a_weak_look_must_miss_it_twice_and_a_restart_does_not_forget_the_first(
    db: Database, actor: Actor
) -> None:
    message_id, claimed = in_doubt(db, actor)
    for one in doubts.take(db, 10, after(5)):
        doubts.record(db, [Look(one.delivery_id, one.attempt_id, (), exact=False)], after(5))
    assert set(ledger.states(db, message_id).values()) == {State.UNKNOWN}
    assert look(db, claimed[0], after(10), "c-1", "c-2") is Verdict.OPEN  # so the first miss proves nothing
    assert look(db, claimed[0], after(11)) is Verdict.MISSING
    assert look(db, claimed[1], after(9.9)) is Verdict.MISSING
    assert look(db, claimed[1], after(10)) is Verdict.ABSENT
    assert ledger.states(db, message_id)[claimed[1].phone] is State.QUEUED
    ledger.check_tallies(db)


@pytest.mark.parametrize(
    ("how", "expected"),
    [("stop", State.CANCELED), ("archive", State.CANCELED), ("late", State.EXPIRED), ("often", State.FAILED)],
)
def test_what_the_carrier_never_got_goes_out_only_where_it_still_may(
    db: Database, actor: Actor, how: str, expected: State
) -> None:
    campaign_id = ledger.started(db, actor, NOW, PHONES[:1])
    message_id = ledger.message_ids(db, campaign_id)[0]
    for _ in range(4 if how == "often" else 0):
        ledger.settle(db, ledger.claim(db, message_id, START), START, Outcome(Proof.NOT_SENT), timedelta(0))
    (one,) = ledger.claim(db, message_id, START)
    ledger.settle(db, [one], START, Outcome(Proof.AMBIGUOUS))
    if how == "stop":
        campaigns.stop(db, actor, campaign_id, START)
    if how == "archive":
        ledger.beat(db, START)
        campaigns.archive(db, actor, campaign_id, START)
    look(db, one, after(24 * 60 if how == "late" else 6), exact=True)
    row = ledger.rows(db, message_id)[PHONES[0]]
    assert row.state is expected
    assert row.finished_at is not None
    assert ledger.claim(db, message_id, after(24 * 60)) == []
    ledger.check_tallies(db)


def test_an_attempt_is_looked_for_by_the_text_that_was_sent(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, PHONES, texts=("Old. STOP ends.",))
    message_id = ledger.message_ids(db, campaign_id)[0]
    ledger.settle(db, ledger.claim(db, message_id, START, 1), START, Outcome(Proof.AMBIGUOUS))
    flying = ledger.claim(db, message_id, START, 1)
    campaigns.pause(db, actor, campaign_id, START)
    for text in ("New. STOP ends.", "Newer. STOP ends."):
        messages.save(db, actor, message_id, Change(text=text), START)
    ledger.settle(db, flying, START, Outcome(Proof.AMBIGUOUS))
    assert [one.text for one in doubts.take(db, 10, after(1))] == ["Old. STOP ends."] * 2
    campaigns.resume(db, actor, campaign_id, after(1))
    unconfirmed.send_again(db, actor, campaign_id, message_id, after(2))
    ledger.settle(db, ledger.claim(db, message_id, after(2)), after(2), Outcome(Proof.AMBIGUOUS))
    assert [one.text for one in doubts.take(db, 10, after(3))] == ["Newer. STOP ends."] * 4


def test_a_look_for_an_attempt_that_has_gone_on_changes_nothing(db: Database, actor: Actor) -> None:
    message_id, claimed = in_doubt(db, actor)
    receipts.take(db, [ledger.receipt(db, claimed[0])], after(5))
    assert doubts.record(db, [Look(claimed[0].id, claimed[0].attempt_id, (), exact=True)], after(6)) == {}
    assert doubts.record(db, [Look(claimed[1].id, "another", (), exact=True)], after(6)) == {}
    states = ledger.states(db, message_id)
    assert [states[one.phone] for one in claimed[:2]] == [State.DELIVERED, State.UNKNOWN]


def test_sending_again_queues_all_that_are_unconfirmed_and_nobody_else(db: Database, actor: Actor) -> None:
    message_id, claimed = in_doubt(db, actor)
    receipts.take(db, [ledger.receipt(db, claimed[0])], after(5))
    assert unconfirmed.send_again(db, actor, 1, message_id, after(25 * 60)) == 3
    assert results.overview(db, 1, after(25 * 60)).standing.status is Status.RUNNING
    again = ledger.claim(db, message_id, after(25 * 60))
    assert {one.phone for one in again} == {one.phone for one in claimed[1:]}
    assert all(one.attempts == 1 for one in again)
    assert {one.expires_at for one in again} == {after(49 * 60)}
    assert not {one.attempt_id for one in again} & {one.attempt_id for one in claimed}
    assert ledger.audit(db)[-1] == ("send again", "message", message_id)
    ledger.check_tallies(db)


@pytest.mark.parametrize("looked", [False, True])
@pytest.mark.parametrize("when", ["queued", "sending", "sent"])
def test_a_late_receipt_for_the_old_attempt_still_counts_once(
    db: Database, actor: Actor, when: str, looked: bool
) -> None:
    message_id, claimed = in_doubt(db, actor, PHONES[:1])
    if looked:
        doubts.take(db, 10, after(1))
    unconfirmed.send_again(db, actor, 1, message_id, after(30))
    again = ledger.claim(db, message_id, after(30)) if when != "queued" else []
    if when == "sent":
        ledger.settle(db, again, after(30))
    receipts.take(db, [ledger.receipt(db, claimed[0])], after(31))
    assert ledger.states(db, message_id) == {PHONES[0]: State.DELIVERED}
    assert ledger.claim(db, message_id, after(31)) == []
    ledger.settle(db, again, after(32))
    receipts.take(db, [ledger.receipt(db, one, State.UNDELIVERED) for one in again], after(33))
    assert ledger.states(db, message_id) == {PHONES[0]: State.DELIVERED}
    ledger.check_tallies(db)


def test_that_the_old_attempt_failed_says_nothing_about_the_new_one(db: Database, actor: Actor) -> None:
    message_id, claimed = in_doubt(db, actor, PHONES[:1])
    unconfirmed.send_again(db, actor, 1, message_id, after(30))
    again = ledger.claim(db, message_id, after(30))
    receipts.take(db, [ledger.receipt(db, claimed[0], State.FAILED, code="e")], after(31))
    assert ledger.states(db, message_id) == {PHONES[0]: State.SENDING}
    ledger.settle(db, again, after(31))
    receipts.take(db, [ledger.receipt(db, claimed[0], State.UNDELIVERED, code="e")], after(31))
    assert ledger.states(db, message_id) == {PHONES[0]: State.SENT}
    with db.read() as session:
        assert session.scalars(select(col(DoubtfulAttempt.attempt_id))).all() == [claimed[0].attempt_id]


def test_sending_again_is_refused_in_words(db: Database, actor: Actor) -> None:
    message_id, claimed = in_doubt(db, actor)
    viewer = arrange.person(db, NOW, "Vic Wu", Role.VIEWER)
    with pytest.raises(RoleForbids):
        unconfirmed.send_again(db, viewer, 1, message_id, START)
    with pytest.raises(MessageNotFound):
        unconfirmed.send_again(db, actor, 2, message_id, START)
    receipts.take(db, [ledger.receipt(db, one) for one in claimed], START)
    with pytest.raises(NoneUnconfirmed):
        unconfirmed.send_again(db, actor, 1, message_id, START)


def test_a_stopped_campaign_sends_nothing_again(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    message_id = ledger.message_ids(db, campaign_id)[0]
    ledger.settle(db, ledger.claim(db, message_id, START, 2), START, Outcome(Proof.AMBIGUOUS))
    campaigns.stop(db, actor, campaign_id, START)
    with pytest.raises(NotSendingAgain, match="the campaign is stopped"):
        unconfirmed.send_again(db, actor, campaign_id, message_id, START)
    assert ledger.claim(db, message_id, START) == []
