"""A message that is an hour late is not sent by itself: somebody decides what becomes of it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from domain.access import Actor, Role, RoleForbids
from domain.campaigns import Status
from domain.deliveries import State
from domain.messages import Choice, MessageState, NotMissed, ResumeFirst
from domain.outcomes import Outcome, Proof
from storage import audiences, campaigns, messages, missed, results
from storage.campaigns import OverdueMessages
from storage.database import Database
from storage.found import MessageNotFound
from storage.messages import Change
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
PHONES = arrange.numbers(6)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def scheduled(db: Database, actor: Actor, texts: tuple[str, ...] = ("Hi",)) -> list[int]:
    line_id = arrange.line(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, PHONES)
    apart = timedelta(hours=3)
    campaign_id = arrange.draft(db, actor, NOW, line_id, list_id, texts=texts, apart=apart)
    campaigns.schedule(db, actor, campaign_id, NOW)
    return ledger.message_ids(db, campaign_id)


def half_sent(db: Database, actor: Actor) -> int:
    """A message of which two of six are out when the program ends."""
    (message_id,) = ledger.message_ids(db, ledger.started(db, actor, NOW, PHONES))
    missed.notice(db, START)
    ledger.send(db, message_id, START, 2)
    return message_id


def state(db: Database, message_id: int) -> MessageState:
    return next(m.state for m in messages.of_campaign(db, 1) if m.id == message_id)


def status(db: Database) -> Status:
    return results.overview(db, 1, START).standing.status


def test_a_message_begins_up_to_an_hour_late_and_is_missed_after_that(db: Database, actor: Actor) -> None:
    (message_id,) = scheduled(db, actor)
    missed.notice(db, NOW)
    assert missed.notice(db, after(60)) == []
    assert audiences.begin_due(db, after(60.1)) == []
    assert state(db, message_id) is MessageState.SCHEDULED
    assert missed.notice(db, after(60.1)) == [message_id]
    assert state(db, message_id) is MessageState.MISSED
    assert missed.notice(db, after(61)) == []
    ledger.beat(db, after(61))
    assert ledger.rows(db, message_id) == {}
    assert status(db) is Status.SCHEDULED


def test_an_hour_late_to_the_second_still_goes_out(db: Database, actor: Actor) -> None:
    (message_id,) = scheduled(db, actor)
    assert audiences.begin_due(db, after(60)) == [message_id]


def test_what_was_being_sent_is_missed_when_the_program_was_away_for_an_hour(
    db: Database, actor: Actor
) -> None:
    message_id = half_sent(db, actor)
    assert missed.notice(db, after(59)) == []
    assert missed.notice(db, after(119)) == []
    assert state(db, message_id) is MessageState.SENDING  # slow, but never away
    assert missed.notice(db, after(119 + 61)) == [message_id]
    assert ledger.claim(db, message_id, after(180)) == []
    ledger.beat(db, after(180))
    assert status(db) is Status.RUNNING
    ledger.check_tallies(db)


def test_a_clock_that_was_set_back_makes_nobody_think_that_the_program_was_away(
    db: Database, actor: Actor
) -> None:
    half_sent(db, actor)
    missed.notice(db, after(30))
    assert missed.notice(db, after(-60)) == []
    assert missed.notice(db, after(45)) == []


def test_who_is_not_due_yet_is_not_late(db: Database, actor: Actor) -> None:
    message_id = half_sent(db, actor)
    rest = ledger.claim(db, message_id, START)
    ledger.settle(db, rest, START, Outcome(Proof.NOT_SENT), timedelta(hours=2))
    assert missed.notice(db, after(150)) == []
    assert len(ledger.claim(db, message_id, after(150))) == 4


def test_sending_now_goes_on_with_exactly_those_who_have_not_got_it(db: Database, actor: Actor) -> None:
    message_id = half_sent(db, actor)
    missed.notice(db, after(25 * 60))  # their day has passed as well
    missed.decide(db, actor, 1, message_id, Choice.SEND_NOW, after(25 * 60))
    ledger.beat(db, after(25 * 60))
    sent = ledger.send(db, message_id, after(25 * 60))
    assert len(sent) == 4
    ledger.beat(db, after(25 * 60))
    assert set(ledger.states(db, message_id).values()) == {State.SENT}
    assert status(db) is Status.COMPLETED
    assert ledger.audit(db)[-1] == ("send now", "message", message_id)
    ledger.check_tallies(db)


def test_skipping_cancels_the_rest_and_goes_on_with_the_next_message(db: Database, actor: Actor) -> None:
    first, second = scheduled(db, actor, ("One", "Two"))
    missed.notice(db, after(61))
    missed.decide(db, actor, 1, first, Choice.SKIP, after(61))
    assert state(db, first) is MessageState.SKIPPED
    assert status(db) is Status.SCHEDULED
    ledger.beat(db, after(180))
    assert len(ledger.send(db, second, after(180))) == 6
    ledger.beat(db, after(180))
    assert status(db) is Status.COMPLETED


def test_skipping_the_rest_of_a_message_ends_the_campaign(db: Database, actor: Actor) -> None:
    message_id = half_sent(db, actor)
    missed.notice(db, after(61))
    missed.decide(db, actor, 1, message_id, Choice.SKIP, after(61))
    counts = list(ledger.states(db, message_id).values())
    assert (counts.count(State.SENT), counts.count(State.CANCELED)) == (2, 4)
    assert status(db) is Status.COMPLETED
    ledger.check_tallies(db)


def test_a_campaign_all_of_which_was_skipped_is_over(db: Database, actor: Actor) -> None:
    (message_id,) = scheduled(db, actor)
    missed.notice(db, after(61))
    missed.decide(db, actor, 1, message_id, Choice.SKIP, after(61))
    assert status(db) is Status.COMPLETED


def test_a_new_time_is_kept_like_any_other(db: Database, actor: Actor) -> None:
    message_id = half_sent(db, actor)
    missed.notice(db, after(61))
    messages.save(db, actor, message_id, Change(at=after(120)), after(61))
    assert state(db, message_id) is MessageState.SCHEDULED
    ledger.beat(db, after(119))
    assert ledger.claim(db, message_id, after(119)) == []
    ledger.beat(db, after(120))
    assert len(ledger.send(db, message_id, after(120))) == 4
    ledger.check_tallies(db)


def test_a_stop_ends_it_too(db: Database, actor: Actor) -> None:
    message_id = half_sent(db, actor)
    missed.notice(db, after(61))
    campaigns.stop(db, actor, 1, after(61))
    assert state(db, message_id) is MessageState.CANCELED
    assert State.QUEUED not in ledger.states(db, message_id).values()


def test_while_paused_resuming_asks_for_what_was_missed_before(db: Database, actor: Actor) -> None:
    message_id = half_sent(db, actor)
    missed.notice(db, after(61))
    campaigns.pause(db, actor, 1, after(61))
    with pytest.raises(ResumeFirst):
        missed.decide(db, actor, 1, message_id, Choice.SEND_NOW, after(62))
    with pytest.raises(OverdueMessages):
        campaigns.resume(db, actor, 1, after(62))
    campaigns.resume(db, actor, 1, after(62), {message_id: "send_now"})
    ledger.beat(db, after(62))
    assert len(ledger.send(db, message_id, after(62))) == 4


def test_what_passes_while_paused_waits_for_the_resume_and_is_not_called_missed(
    db: Database, actor: Actor
) -> None:
    first, second = scheduled(db, actor, ("One", "Two"))
    ledger.beat(db, START)
    ledger.send(db, first, START)
    campaigns.pause(db, actor, 1, START)
    assert missed.notice(db, after(6 * 60)) == []
    with pytest.raises(OverdueMessages) as asked:
        campaigns.resume(db, actor, 1, after(6 * 60))
    assert asked.value.messages == {second: 2}
    campaigns.resume(db, actor, 1, after(6 * 60), {second: "send_now"})
    assert missed.notice(db, after(6 * 60)) == []
    ledger.beat(db, after(6 * 60))
    assert len(ledger.send(db, second, after(6 * 60))) == 6


def test_only_once_and_only_by_who_may(db: Database, actor: Actor) -> None:
    (message_id,) = scheduled(db, actor)
    missed.notice(db, after(61))
    with pytest.raises(RoleForbids):
        missed.decide(
            db, arrange.person(db, NOW, "Vic Wu", Role.VIEWER), 1, message_id, Choice.SKIP, after(61)
        )
    with pytest.raises(MessageNotFound):
        missed.decide(db, actor, 9, message_id, Choice.SKIP, after(61))
    missed.decide(db, actor, 1, message_id, Choice.SEND_NOW, after(61))
    with pytest.raises(NotMissed):
        missed.decide(db, actor, 1, message_id, Choice.SKIP, after(61))


def test_senders_that_start_at_once_do_not_stumble_over_a_new_database(db: Database) -> None:
    gate = threading.Barrier(4)

    def beat() -> list[int]:
        gate.wait()
        return missed.notice(db, NOW)

    with ThreadPoolExecutor(4) as threads:
        assert [one.result() for one in [threads.submit(beat) for _ in range(4)]] == [[]] * 4
