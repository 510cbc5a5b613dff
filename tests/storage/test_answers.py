"""The answers' outbox: at most once, late ones ended, and nobody is answered who has opted out."""

import secrets
import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from domain.access import Actor, Role, RoleForbids
from domain.deliveries import State
from domain.holds import Cause
from domain.outcomes import Outcome, Proof
from storage import answers, contacts, conversations, holds, inbound, line_holds, receipts
from storage.answers import NothingToSend, OptedOut, Outgoing, Settled, TooLong
from storage.conversations import ConversationNotFound
from storage.database import Database
from storage.inbound import Reply
from storage.receipts import Arrived
from storage.tables import Answer
from tests import arrange, ledger
from tests.conftest import NOW

ANNA, BEN = arrange.numbers(2)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def hear(db: Database, text: str, phone: str = ANNA, at: datetime = NOW) -> int:
    """The person texts us; the conversation's id."""
    inbound.take(db, Reply(1, f"{phone}-{text}-{at}", phone, "+14155550100", text), at)
    return next(row.id for row in conversations.page(db).rows if row.phone == phone)


def claim(db: Database, now: datetime = NOW, limit: int = 16) -> list[Outgoing]:
    return answers.claim(db, limit, now, secrets.token_hex(8))


def settle(
    db: Database, taken: Outgoing, outcome: Outcome, now: datetime = NOW, opted_out: bool = False
) -> None:
    retry_at = now + timedelta(seconds=4)
    answers.settle(db, [Settled(taken.id, taken.attempt_id, outcome, retry_at, opted_out)], now)


def states(db: Database) -> list[tuple[State, str | None]]:
    with db.read() as session:
        return [(a.state, a.reason) for a in session.scalars(select(Answer).order_by(col(Answer.id)))]


def test_an_answer_is_sent_once_however_many_ask(db: Database, actor: Actor) -> None:
    arrange.line(db, NOW)
    talk = hear(db, "Hello?")
    for n in range(40):
        answers.write(db, actor, talk, f"Answer {n}", NOW)
    handed: list[int] = []
    gate = threading.Barrier(5)

    def take() -> None:
        gate.wait()
        while taken := claim(db, limit=3):
            handed.extend(one.id for one in taken)

    threads = [threading.Thread(target=take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(handed) == len(set(handed)) == 40


def test_nothing_is_answered_while_all_sending_is_held(db: Database, actor: Actor) -> None:
    arrange.line(db, NOW)
    answers.write(db, actor, hear(db, "Hello?"), "Good morning", NOW)
    with db.write() as session:
        holds.place(session, Cause.RESTORED, NOW)
    assert claim(db) == []
    holds.release(db, actor, NOW)
    assert [one.text for one in claim(db)] == ["Good morning"]


def test_an_answer_goes_out_from_the_line_that_was_texted(db: Database, actor: Actor) -> None:
    line_id = arrange.line(db, NOW, delay=0.5)
    answers.write(db, actor, hear(db, "Hello?"), "Hi", NOW)
    assert answers.waiting(db, NOW)
    [taken] = claim(db)
    assert (taken.phone, taken.text, taken.line_id, taken.line_number) == (
        ANNA,
        "Hi",
        line_id,
        "+14155550100",
    )
    assert (taken.carrier_kind, taken.carrier_settings) == ("sandbox", {"delay_seconds": 0.5})
    assert taken.attempt_id.startswith(f"r{taken.id}-")
    settle(db, taken, Outcome(Proof.ACCEPTED, "c1"))
    assert states(db) == [(State.SENT, None)]


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome(Proof.REFUSED, code="invalid_number", detail="No."), State.FAILED),
        (Outcome(Proof.AMBIGUOUS, detail="Broke."), State.UNKNOWN),
        (Outcome(Proof.NOT_SENT, detail="Refused."), State.QUEUED),
        (Outcome(Proof.TOO_FAST, retry_after=4), State.QUEUED),
    ],
)
def test_an_answer_ends_as_the_carrier_proved(
    db: Database, actor: Actor, outcome: Outcome, state: State
) -> None:
    arrange.line(db, NOW)
    answers.write(db, actor, hear(db, "Hello?"), "Hi", NOW)
    [taken] = claim(db)
    settle(db, taken, outcome)
    assert states(db)[0][0] is state
    again = claim(db, NOW + timedelta(seconds=9))
    assert bool(again) is (state is State.QUEUED)


def test_a_doubtful_answer_is_never_repeated(db: Database, actor: Actor) -> None:
    arrange.line(db, NOW)
    answers.write(db, actor, hear(db, "Hello?"), "Hi", NOW)
    [taken] = claim(db)
    assert answers.abandon(db, NOW - timedelta(seconds=1)) == 0
    assert answers.abandon(db, NOW) == 1
    assert states(db)[0][0] is State.UNKNOWN
    assert claim(db, NOW + timedelta(hours=1)) == []
    settle(db, taken, Outcome(Proof.ACCEPTED, "c1"))  # its sender was alive after all
    assert states(db)[0][0] is State.SENT


def test_a_receipt_raises_an_answer_and_only_from_its_own_account(db: Database, actor: Actor) -> None:
    arrange.line(db, NOW)
    arrange.line(db, NOW, label="Other")
    answers.write(db, actor, hear(db, "Hello?"), "Hi", NOW)
    [taken] = claim(db)

    def receive(state: State, account_id: int = 1, attempt: str = taken.attempt_id) -> None:
        key = secrets.token_hex(4)
        receipts.take(db, [Arrived(account_id, key, attempt, "c1", state, "", "{}")], NOW)

    receive(State.DELIVERED, account_id=2)
    receive(State.DELIVERED, attempt=f"r{taken.id}-guessed")
    receive(State.DELIVERED, attempt="r-x")
    assert states(db)[0][0] is State.SENDING
    receive(State.DELIVERED)
    receive(State.SENT)
    assert states(db)[0][0] is State.DELIVERED


def test_nobody_who_opted_out_is_answered(db: Database, actor: Actor) -> None:
    arrange.line(db, NOW)
    talk = hear(db, "Hello?")
    answers.write(db, actor, talk, "Hi", NOW)
    hear(db, "STOP")
    taken = claim(db)
    assert [one.text[:17] for one in taken] == ["You have opted ou"]  # the confirmation itself goes out
    assert states(db)[0] == (State.SKIPPED, "opted_out")
    with pytest.raises(OptedOut):
        answers.write(db, actor, talk, "Hi", NOW)
    hear(db, "help")
    assert len(claim(db)) == 1  # who asks for help gets it


def test_a_late_answer_is_not_sent(db: Database, actor: Actor) -> None:
    line_id = arrange.line(db, NOW)
    hear(db, "STOP")
    answers.write(db, actor, hear(db, "Hello?", BEN), "Hi", NOW)
    line_holds.too_fast(db, line_id, 2 * 24 * 3600.0, 1.0, NOW)
    assert claim(db, NOW + timedelta(minutes=4)) == []
    assert [state for state, _ in states(db)] == [State.QUEUED, State.QUEUED]
    assert claim(db, NOW + timedelta(minutes=5)) == []
    assert [state for state, _ in states(db)] == [State.EXPIRED, State.QUEUED]
    assert claim(db, NOW + timedelta(days=1)) == []
    assert [state for state, _ in states(db)] == [State.EXPIRED, State.EXPIRED]


def test_the_carriers_word_that_somebody_opted_out_counts(db: Database, actor: Actor) -> None:
    arrange.line(db, NOW)
    talk = hear(db, "Hello?")
    answers.write(db, actor, talk, "Hi", NOW)
    [taken] = claim(db)
    settle(db, taken, Outcome(Proof.REFUSED, code="opted_out"), opted_out=True)
    with pytest.raises(OptedOut):
        answers.write(db, actor, talk, "Hi", NOW)


def test_what_can_not_be_an_answer_is_refused(db: Database, actor: Actor) -> None:
    arrange.line(db, NOW)
    talk = hear(db, "Hello?")
    with pytest.raises(NothingToSend):
        answers.write(db, actor, talk, " \n", NOW)
    with pytest.raises(TooLong):
        answers.write(db, actor, talk, "x" * 1601, NOW)
    with pytest.raises(ConversationNotFound):
        answers.write(db, actor, 99, "Hi", NOW)
    with pytest.raises(RoleForbids):
        answers.write(db, arrange.person(db, NOW, "Eve Quist", Role.VIEWER), talk, "Hi", NOW)
    contacts.suppress(db, actor, ANNA, "Asked", "team", NOW)
    with pytest.raises(OptedOut):
        answers.write(db, actor, talk, "Hi", NOW)
    assert ledger.audit(db) == [("suppress", "contact", 0)]
