"""What a carrier's code means beyond its delivery, whether it comes with the answer or with a receipt."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from domain.access import Actor
from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from storage import deliveries, receipts
from storage.database import Database
from storage.deliveries import Claimed, Settled
from storage.tables import CarrierAccount, Contact, Line, Suppression
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def claimed_at_twilio(db: Database, actor: Actor, count: int = 3) -> tuple[int, list[Claimed]]:
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(count + 2))
    with db.write() as session:
        session.execute(update(CarrierAccount).values(kind="twilio"))
    message_id = ledger.message_ids(db, campaign_id)[0]
    return message_id, ledger.claim(db, message_id, START, limit=count)


def invalid(db: Database) -> dict[str, str]:
    with db.read() as session:
        rows = session.scalars(select(Contact).where(col(Contact.invalid_reason).is_not(None)))
        return {row.phone: row.invalid_reason or "" for row in rows}


def suppressed(db: Database) -> dict[str, str]:
    with db.read() as session:
        return {row.phone: row.reason for row in session.scalars(select(Suppression))}


def line(db: Database) -> Line:
    with db.read() as session:
        return session.scalars(select(Line)).one()


def receive(db: Database, claimed: Claimed, code: str, state: State = State.UNDELIVERED) -> None:
    receipts.take(db, [ledger.receipt(db, claimed, state, f"{claimed.id}-{state}-{code}", code)], START)


@pytest.mark.parametrize("state", [State.UNDELIVERED, State.FAILED])
def test_an_opt_out_that_a_receipt_tells_of_suppresses_the_number(
    db: Database, actor: Actor, state: State
) -> None:
    _message, [one, *_rest] = claimed_at_twilio(db, actor)
    receive(db, one, "21610", state)
    assert suppressed(db) == {one.phone: "Opted out at the carrier"}
    assert invalid(db) == {}


def test_a_number_that_a_receipt_calls_none_is_left_out_from_then_on(db: Database, actor: Actor) -> None:
    _message, [one, other, _third] = claimed_at_twilio(db, actor)
    receive(db, one, "30006")
    receive(db, other, "30003")  # could not be reached: that passes
    assert invalid(db) == {one.phone: "The number is a landline or can't get texts"}
    assert suppressed(db) == {}
    later = ledger.started(
        db, actor, NOW, [one.phone, other.phone], list_name="Later", name="Later", line_id=1
    )
    assert set(ledger.states(db, ledger.message_ids(db, later)[0])) == {other.phone}


def test_a_number_that_the_answer_calls_none_is_marked_and_the_first_reason_stays(
    db: Database, actor: Actor
) -> None:
    _message, [one, *_rest] = claimed_at_twilio(db, actor)
    refused = Outcome(Proof.REFUSED, code="21211")
    settled = Settled(one.id, one.attempt_id, refused, START, invalid="The number is not valid")
    deliveries.settle(db, [settled], START)
    deliveries.settle(db, [settled._replace(invalid="Something else")], START)
    assert invalid(db) == {one.phone: "The number is not valid"}


def test_a_receipt_about_registration_blocks_the_line_in_words_and_loses_nothing(
    db: Database, actor: Actor
) -> None:
    message_id, [one, other, _third] = claimed_at_twilio(db, actor)
    receive(db, one, "30034")
    receive(db, other, "30032")
    blocked = line(db)
    assert (blocked.blocked_code, blocked.blocked_at, blocked.blocked_by) == ("30034", START, None)
    assert (blocked.blocked_reason or "").startswith("The line is not registered for US texting. Finish")
    assert ledger.claim(db, message_id, START) == []
    assert list(ledger.states(db, message_id).values()).count(State.QUEUED) == 2


def test_a_receipt_that_changes_nothing_has_no_consequences(db: Database, actor: Actor) -> None:
    _message, [one, *_rest] = claimed_at_twilio(db, actor)
    receive(db, one, "", State.DELIVERED)
    receive(db, one, "21610")
    assert suppressed(db) == {}


def test_a_code_means_what_its_own_carrier_means_by_it(db: Database, actor: Actor) -> None:
    _message, [one, *_rest] = claimed_at_twilio(db, actor)
    receive(db, one, "opted_out")  # the sandbox's word
    assert suppressed(db) == {}


def test_two_batches_with_the_same_people_both_end(db: Database, actor: Actor) -> None:
    _message, claimed = claimed_at_twilio(db, actor)
    told = [ledger.receipt(db, one, State.FAILED, f"{one.id}", "30006") for one in claimed]
    receipts.take(db, told, START)
    receipts.take(db, list(reversed(told)), START + timedelta(seconds=1))
    assert set(invalid(db)) == {one.phone for one in claimed}
