"""The ledger: claimed before the carrier is called, settled by what it proved, never twice."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlmodel import col

from domain.access import Actor
from domain.deliveries import BESIDE, State
from domain.outcomes import MAX_ATTEMPTS, Outcome, Proof
from storage import campaigns, contacts, deliveries, line_holds, lines, receipts
from storage.database import Database
from storage.tables import Delivery, LineDay
from storage.tallies import shift
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
PHONES = arrange.numbers(12)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def running(db: Database, actor: Actor, count: int = 12, **line: object) -> int:
    """The message of a running campaign with so many people."""
    line_id = arrange.line(db, NOW, **line)  # type: ignore[arg-type]
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(count), line_id=line_id)
    return ledger.message_ids(db, campaign_id)[0]


def put(db: Database, state: State, message_id: int) -> None:
    """Bring the one delivery of a message to a state, keeping its attempt and the tally right."""
    with db.write() as session:
        row = session.scalars(select(Delivery).where(col(Delivery.message_id) == message_id)).one()
        shift(session, Counter({(message_id, row.state, ""): -1}))
        shift(session, Counter({(message_id, state, ""): 1}))
        row.state = state


def test_postgresql_plans_each_claim_for_its_values(db: Database, actor: Actor) -> None:
    """A plan for any values can't use the index of what is queued, so it would read every delivery."""
    if db.is_sqlite:
        pytest.skip("SQLite looks at the values by itself")
    message_id = running(db, actor, 15)
    for _ in range(15):
        assert len(ledger.claim(db, message_id, START, 1)) == 1
    query = "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE '%due AS%'"
    with db.read() as session:
        planned = session.execute(text(query)).all()
    assert [plans.generic_plans for plans in planned] == [0] and planned[0].custom_plans > 5


def test_a_claim_hands_out_nobody_twice_however_many_ask(db: Database, actor: Actor) -> None:
    message_id = running(db, actor, 300)
    handed: list[int] = []
    gate = threading.Barrier(6)

    def take() -> None:
        gate.wait()
        while claimed := ledger.claim(db, message_id, START, 7):
            assert len(claimed) <= 7
            handed.extend(one.id for one in claimed)

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(handed) == len(set(handed)) == 300
    ledger.check_tallies(db)


def test_a_claim_takes_those_who_are_due_first_first_and_no_more_than_asked(
    db: Database, actor: Actor
) -> None:
    message_id = running(db, actor)
    with db.write() as session:
        later = col(Delivery.phone).in_(PHONES[:4])
        session.execute(update(Delivery).where(later).values(due_at=START + timedelta(seconds=5)))
    claimed = ledger.claim(db, message_id, START + timedelta(seconds=9), 10)
    assert {one.phone for one in claimed} >= set(PHONES[4:])
    assert len(claimed) == 10
    assert all(one.attempt_id.startswith(f"{one.id}-") and one.attempts == 1 for one in claimed)


def test_nobody_is_claimed_before_their_time(db: Database, actor: Actor) -> None:
    message_id = running(db, actor)
    assert ledger.claim(db, message_id, START - timedelta(seconds=1)) == []


@pytest.mark.parametrize("stop", ["stop", "pause"])
def test_nothing_is_claimed_once_a_stop_or_a_pause_has_returned(
    db: Database, actor: Actor, stop: str
) -> None:
    message_id = running(db, actor)
    getattr(campaigns, stop)(db, actor, 1, START)
    assert ledger.claim(db, message_id, START) == []
    ledger.check_tallies(db)


def test_a_paused_or_blocked_line_gives_nothing(db: Database, actor: Actor) -> None:
    message_id = running(db, actor)
    line_holds.too_fast(db, 1, 30.0, 1.0, START)
    assert ledger.claim(db, message_id, START) == []
    assert lines.with_work(db, START) == []
    assert len(ledger.claim(db, message_id, START + timedelta(seconds=30), 2)) == 2
    line_holds.block(db, 1, "The number is not registered.", "30034", NOW)
    assert ledger.claim(db, message_id, START + timedelta(days=1)) == []
    assert lines.with_work(db, START + timedelta(days=1)) == []


def test_who_opted_out_or_is_too_late_is_decided_at_the_claim(db: Database, actor: Actor) -> None:
    message_id = running(db, actor)
    contacts.suppress(db, actor, PHONES[0], "Asked by phone", "team", NOW)
    with db.write() as session:
        late = update(Delivery).where(col(Delivery.phone) == PHONES[1])
        session.execute(late.values(expires_at=START))
    claimed = ledger.claim(db, message_id, START)
    assert {one.phone for one in claimed} == set(PHONES[2:])
    rows = ledger.rows(db, message_id)
    assert (rows[PHONES[0]].state, rows[PHONES[0]].reason) == (State.SKIPPED, "opted_out")
    assert rows[PHONES[1]].state is State.EXPIRED
    for phone in PHONES[:2]:
        assert (rows[phone].attempts, rows[phone].attempt_id, rows[phone].sending_since) == (0, None, None)
        assert rows[phone].finished_at == START
    ledger.check_tallies(db)


def test_those_who_are_left_out_do_not_hide_those_behind_them(db: Database, actor: Actor) -> None:
    message_id = running(db, actor)
    for phone in PHONES[:8]:
        contacts.suppress(db, actor, phone, "Asked by phone", "team", NOW)
    claimed = ledger.claim(db, message_id, START, 3) + ledger.claim(db, message_id, START, 3)
    assert [one.phone for one in claimed] == PHONES[8:]


def test_the_daily_cap_counts_segments_of_the_day_in_utc(db: Database, actor: Actor) -> None:
    message_id = running(db, actor, daily_cap=7)
    assert len(ledger.claim(db, message_id, START, segments=2)) == 3
    assert ledger.claim(db, message_id, START, segments=2) == []
    assert len(ledger.claim(db, message_id, START, segments=1)) == 1
    assert ledger.claim(db, message_id, START) == []
    assert len(ledger.claim(db, message_id, START + timedelta(hours=12))) == 7
    ledger.check_tallies(db)


def test_the_daily_cap_holds_for_many_claims_at_once(db: Database, actor: Actor) -> None:
    message_id = running(db, actor, 60, daily_cap=25)
    handed: list[int] = []
    errors: list[Exception] = []

    def take() -> None:
        try:
            while claimed := ledger.claim(db, message_id, START, 3):
                handed.extend(one.id for one in claimed)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(handed) == len(set(handed)) == 25


def test_what_was_proved_not_sent_does_not_use_up_the_daily_cap(db: Database, actor: Actor) -> None:
    message_id = running(db, actor, daily_cap=4)
    claimed = ledger.claim(db, message_id, START)
    ledger.settle(db, claimed[:3], START, Outcome(Proof.TOO_FAST))
    ledger.settle(db, claimed[3:], START, Outcome(Proof.AMBIGUOUS))
    with db.read() as session:
        assert session.get_one(LineDay, (1, f"{START:%Y-%m-%d}")).segments == 1


PROVED = {
    Proof.ACCEPTED: State.SENT,
    Proof.REFUSED: State.FAILED,
    Proof.NOT_SENT: State.QUEUED,
    Proof.TOO_FAST: State.QUEUED,
    Proof.LINE_BLOCKED: State.QUEUED,
    Proof.AMBIGUOUS: State.UNKNOWN,
}
AFTER = {
    State.UNKNOWN: {Proof.ACCEPTED: State.SENT},
    State.QUEUED: {Proof.ACCEPTED: State.SENT, Proof.AMBIGUOUS: State.UNKNOWN},
    **{state: {Proof.ACCEPTED: State.SENT} for state in BESIDE},  # so that nobody gets it after a restart
}
"""What an outcome may still do to a row that is not `sending` any more: nothing else."""


@pytest.mark.parametrize("proof", Proof)
def test_an_outcome_does_to_every_state_what_it_proves(sqlite_db: Database, proof: Proof) -> None:
    db = sqlite_db
    actor = arrange.person(db, NOW)
    for number, state in enumerate(State):
        line_id = arrange.line(db, NOW)
        campaign_id = ledger.started(
            db, actor, NOW, PHONES[:1], line_id=line_id, name=f"Campaign {number}", list_name=f"List {number}"
        )
        message_id = ledger.message_ids(db, campaign_id)[0]
        claimed = ledger.claim(db, message_id, START)
        put(db, state, message_id)
        outcome = Outcome(proof, "carrier-7", "e1" if proof is Proof.REFUSED else "", "why")
        ledger.settle(db, claimed, START, outcome)
        row = ledger.rows(db, message_id)[PHONES[0]]
        expected = PROVED[proof] if state is State.SENDING else AFTER.get(state, {}).get(proof, state)
        assert row.state is expected, (state, proof)
        assert row.carrier_message_id == "carrier-7"
        if state is State.SENDING:
            assert row.code == ("e1" if proof is Proof.REFUSED else "")
            assert row.attempts == (0 if proof in (Proof.TOO_FAST, Proof.LINE_BLOCKED) else 1)
            assert (row.finished_at is not None) == (expected is State.FAILED)
            assert (row.sent_at is not None) == (proof is Proof.ACCEPTED)
            assert row.reason == (None if proof is Proof.ACCEPTED else "why")
    ledger.check_tallies(db)


def test_an_outcome_of_an_attempt_that_was_superseded_changes_nothing(db: Database, actor: Actor) -> None:
    message_id = running(db, actor, 1)
    first = ledger.claim(db, message_id, START)
    ledger.settle(db, first, START, Outcome(Proof.TOO_FAST))
    assert ledger.claim(db, message_id, START) == []
    second = ledger.claim(db, message_id, START + timedelta(seconds=4))
    assert second[0].attempt_id != first[0].attempt_id
    for outcome in (
        ledger.ACCEPTED,
        Outcome(Proof.REFUSED),
        Outcome(Proof.NOT_SENT),
        Outcome(Proof.AMBIGUOUS),
    ):
        ledger.settle(db, first, START, outcome)
        assert ledger.states(db, message_id) == {PHONES[0]: State.SENDING}
    ledger.settle(db, second, START)
    assert ledger.states(db, message_id) == {PHONES[0]: State.SENT}
    ledger.check_tallies(db)


def test_a_delivery_is_tried_five_times_and_a_429_is_not_a_try(db: Database, actor: Actor) -> None:
    message_id = running(db, actor, 1)
    now = START
    proofs = [Proof.NOT_SENT, Proof.TOO_FAST, Proof.LINE_BLOCKED] * MAX_ATTEMPTS
    tries = 0
    for proof in proofs:
        claimed = ledger.claim(db, message_id, now)
        if not claimed:
            break
        tries += proof is Proof.NOT_SENT
        ledger.settle(db, claimed, now, Outcome(proof), timedelta(minutes=1))
        now += timedelta(minutes=1)
    assert tries == MAX_ATTEMPTS
    assert ledger.states(db, message_id) == {PHONES[0]: State.FAILED}
    ledger.check_tallies(db)


def test_a_try_that_would_come_too_late_expires(db: Database, actor: Actor) -> None:
    message_id = running(db, actor, 1)
    ledger.settle(db, ledger.claim(db, message_id, START), START, Outcome(Proof.NOT_SENT), timedelta(days=1))
    row = ledger.rows(db, message_id)[PHONES[0]]
    assert (row.state, row.finished_at) == (State.EXPIRED, START)


def test_a_claim_that_lost_its_sender_becomes_unknown_and_is_never_claimed_again(
    db: Database, actor: Actor
) -> None:
    message_id = running(db, actor)
    lost = ledger.claim(db, message_id, START, 5)
    fresh = ledger.claim(db, message_id, START + timedelta(minutes=4), 2)
    now = START + deliveries.STALE_AFTER
    assert deliveries.abandon(db, now - deliveries.STALE_AFTER) == 5
    assert deliveries.abandon(db, now - deliveries.STALE_AFTER) == 0
    rest = ledger.claim(db, message_id, now)
    assert {one.id for one in rest}.isdisjoint(one.id for one in lost + fresh)
    states = ledger.states(db, message_id)
    assert Counter(states.values()) == {State.UNKNOWN: 5, State.SENDING: 7}
    ledger.settle(db, lost[:1], now)  # its answer came after all
    receipts.take(db, [ledger.receipt(db, lost[1])], now)
    ledger.settle(db, lost[2:3], now, Outcome(Proof.NOT_SENT))
    rows = ledger.rows(db, message_id)
    assert (rows[lost[0].phone].state, rows[lost[0].phone].reason) == (State.SENT, None)
    assert rows[lost[1].phone].state is State.DELIVERED
    assert rows[lost[2].phone].state is State.UNKNOWN
    assert "ended while" in (rows[lost[3].phone].reason or "")
    ledger.check_tallies(db)


def test_a_line_has_work_only_while_somebody_is_queued_in_a_running_campaign(
    db: Database, actor: Actor
) -> None:
    message_id = running(db, actor, 3)
    assert lines.with_work(db, START) == [1]
    work = lines.work(db, 1, START)
    assert work is not None
    assert [text.message_id for text in work.texts] == [message_id]
    campaigns.pause(db, actor, 1, START)
    assert lines.with_work(db, START) == []
    assert lines.work(db, 1, START) is None
    campaigns.resume(db, actor, 1, START)
    ledger.send(db, message_id, START)
    assert lines.with_work(db, START) == []
    assert lines.work(db, 99, START) is None
