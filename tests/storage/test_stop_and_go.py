"""Stop, restart, pause, resume: nobody gets a message twice, and nobody is forgotten."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import col

from domain.access import Actor
from domain.campaigns import ActionRefused, Status
from domain.deliveries import State
from domain.messages import MessageLocked, MessageState
from domain.outcomes import Outcome, Proof
from domain.schedules import TooEarly
from storage import audiences, campaigns, contacts, deliveries, lines, messages, results, review
from storage.campaigns import OverdueMessages
from storage.database import Database
from storage.deliveries import Wanted
from storage.messages import Change
from storage.sequence import MessageNotReady, NoMessages
from storage.tables import Contact, Delivery, Membership
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
PHONES = arrange.numbers(10)
REBUILT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def status(db: Database) -> Status:
    return results.overview(db, 1, START).standing.status


def at(when: datetime, text: str | None = None) -> Change:
    return Change(text, f"{when:%Y-%m-%d}", f"{when:%H:%M}")


def stopped_in_the_middle(db: Database, actor: Actor, texts: tuple[str, ...] = ("One", "Two")) -> list[int]:
    """Four have the first message, two are on their way, four were waiting."""
    campaign_id = ledger.started(db, actor, NOW, PHONES, texts=texts)
    ids = ledger.message_ids(db, campaign_id)
    ledger.send(db, ids[0], START, 4)
    ledger.claim(db, ids[0], START, 2)
    campaigns.stop(db, actor, campaign_id, START)
    return ids


def rescheduled(db: Database, actor: Actor, message_id: int) -> None:
    campaigns.restart(db, actor, 1, START)
    messages.save(db, actor, message_id, at(REBUILT), START)
    campaigns.schedule(db, actor, 1, START)


def test_a_stop_cancels_what_waits_and_lets_the_rest_finish(db: Database, actor: Actor) -> None:
    first, second = stopped_in_the_middle(db, actor)
    rows = ledger.rows(db, first)
    assert Counter(row.state for row in rows.values()) == {
        State.SENT: 4,
        State.SENDING: 2,
        State.CANCELED: 4,
    }
    canceled = [row for row in rows.values() if row.state is State.CANCELED]
    assert all(row.reason == "The campaign was stopped." and row.finished_at for row in canceled)
    overview = results.overview(db, 1, START)
    assert overview.standing.status is Status.STOPPED
    assert [message.state for message in overview.messages] == [MessageState.CANCELED] * 2
    ledger.beat(db, START + timedelta(days=3))
    assert ledger.states(db, second) == {}
    assert ledger.audit(db)[-1] == ("stop", "campaign", 1)
    ledger.check_tallies(db)


def test_what_is_in_flight_at_a_stop_finishes_and_what_comes_back_is_canceled(
    db: Database, actor: Actor
) -> None:
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [first] = ledger.message_ids(db, campaign_id)
    flying = ledger.claim(db, first, START, 3)
    campaigns.stop(db, actor, campaign_id, START)
    ledger.settle(db, flying[:1], START)
    ledger.settle(db, flying[1:], START, Outcome(Proof.TOO_FAST))
    ledger.beat(db, START + timedelta(seconds=1))
    assert Counter(ledger.states(db, first).values()) == {State.SENT: 1, State.CANCELED: 9}
    ledger.check_tallies(db)


def test_a_scheduled_campaign_is_stopped_before_anything_happens(db: Database, actor: Actor) -> None:
    line_id = arrange.line(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, PHONES)
    campaign_id = arrange.draft(db, actor, NOW, line_id, list_id)
    campaigns.schedule(db, actor, campaign_id, NOW)
    campaigns.stop(db, actor, campaign_id, NOW)
    ledger.beat(db, START)
    assert status(db) is Status.STOPPED
    assert results.overview(db, campaign_id, START).audience is None


def test_a_restart_opens_the_schedule_and_nothing_else(db: Database, actor: Actor) -> None:
    first, _second = stopped_in_the_middle(db, actor)
    with pytest.raises(ActionRefused, match="Restart it first"):
        messages.save(db, actor, first, at(REBUILT), START)
    with pytest.raises(ActionRefused, match="Restart it first"):
        campaigns.schedule(db, actor, 1, START)
    campaigns.restart(db, actor, 1, START)
    assert status(db) is Status.STOPPED
    assert [(m.local_date, m.local_time) for m in messages.of_campaign(db, 1)] == [(None, None)] * 2
    with pytest.raises(MessageLocked):
        messages.save(db, actor, first, Change(text="Better"), START)
    with pytest.raises(MessageLocked):
        messages.add(db, actor, 1, START)
    with pytest.raises(NoMessages, match="at least one message"):
        campaigns.schedule(db, actor, 1, START)
    messages.save(db, actor, first, Change(local_date="2026-11-25"), START)
    with pytest.raises(MessageNotReady, match="Choose a send date"):
        campaigns.schedule(db, actor, 1, START)
    campaigns.restart(db, actor, 1, START)  # once more changes nothing
    assert messages.of_campaign(db, 1)[0].local_date == "2026-11-25"


def test_after_a_restart_nobody_gets_the_same_message_twice(db: Database, actor: Actor) -> None:
    first, _second = stopped_in_the_middle(db, actor)
    had = {phone for phone, row in ledger.rows(db, first).items() if row.attempts}
    campaigns.restart(db, actor, 1, START)
    messages.save(db, actor, first, at(REBUILT), START)
    plan = review.review(db, 1, START).messages
    assert [(item.position, item.people, item.already) for item in plan] == [(1, 4, 6)]
    campaigns.schedule(db, actor, 1, START)
    assert status(db) is Status.SCHEDULED
    assert audiences.begin_due(db, REBUILT - timedelta(seconds=1)) == []
    ledger.beat(db, REBUILT, 3)
    claimed = ledger.claim(db, first, REBUILT)
    assert {one.phone for one in claimed} == set(PHONES) - had
    assert all(one.expires_at == REBUILT + timedelta(days=1) for one in claimed)
    ledger.settle(db, claimed, REBUILT)
    ledger.check_tallies(db)


def test_a_restarted_campaign_shows_its_results_while_it_waits(db: Database, actor: Actor) -> None:
    first, _second = stopped_in_the_middle(db, actor)
    rescheduled(db, actor, first)
    assert "View Campaign Details" in results.overview(db, 1, START).actions


def test_messages_that_were_not_rebuilt_stay_canceled_and_bind_nothing(db: Database, actor: Actor) -> None:
    line_id = arrange.line(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, PHONES)
    arrange.draft(db, actor, NOW, line_id, list_id, texts=("One", "Two"), first=NOW + timedelta(hours=5))
    first, second = ledger.message_ids(db, 1)
    messages.save(db, actor, first, Change(recipient_local=True), NOW)
    messages.save(db, actor, second, at(NOW + timedelta(days=2)), NOW)
    campaigns.schedule(db, actor, 1, NOW)
    campaigns.stop(db, actor, 1, NOW)
    campaigns.restart(db, actor, 1, NOW)
    messages.save(db, actor, second, at(NOW + timedelta(hours=1)), NOW)
    campaigns.schedule(db, actor, 1, NOW)
    messages.save(db, actor, second, at(NOW + timedelta(hours=2)), NOW)  # before the first one's old time
    ledger.beat(db, NOW + timedelta(hours=2))
    ledger.send(db, second, NOW + timedelta(hours=2))
    ledger.beat(db, NOW + timedelta(hours=2))
    overview = results.overview(db, 1, NOW)
    assert overview.standing.status is Status.COMPLETED
    assert [m.state for m in overview.messages] == [MessageState.CANCELED, MessageState.DONE]
    assert ledger.states(db, first) == {}


def test_what_a_stop_had_no_time_to_cancel_gets_the_new_time_too(
    db: Database, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaigns, "CHUNK", 2)
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [first] = ledger.message_ids(db, campaign_id)
    campaigns.stop(db, actor, campaign_id, START)
    assert Counter(ledger.states(db, first).values()) == {State.CANCELED: 2, State.QUEUED: 8}
    rescheduled(db, actor, first)
    ledger.beat(db, REBUILT)
    assert {row.due_at for row in ledger.rows(db, first).values()} == {REBUILT}
    late = REBUILT + timedelta(hours=20)  # the old time's day is over
    assert len(ledger.claim(db, first, late)) == 10
    ledger.check_tallies(db)


def test_who_opted_out_or_left_the_list_meanwhile_is_not_queued_again(db: Database, actor: Actor) -> None:
    first, _second = stopped_in_the_middle(db, actor)
    waiting = sorted(p for p, row in ledger.rows(db, first).items() if row.state is State.CANCELED)
    contacts.suppress(db, actor, waiting[0], "Asked by phone", "team", START)
    with db.write() as session:
        who = select(col(Contact.id)).where(col(Contact.phone) == waiting[1]).scalar_subquery()
        session.execute(delete(Membership).where(col(Membership.contact_id) == who))
    campaigns.restart(db, actor, 1, START)
    messages.save(db, actor, first, at(REBUILT), START)
    assert review.review(db, 1, START).messages[0].people == 2
    campaigns.schedule(db, actor, 1, START)
    ledger.beat(db, REBUILT)
    assert {one.phone for one in ledger.claim(db, first, REBUILT)} == set(waiting[2:])
    rows = ledger.rows(db, first)
    assert (rows[waiting[0]].state, rows[waiting[0]].reason) == (State.SKIPPED, "opted_out")
    assert (rows[waiting[1]].state, rows[waiting[1]].reason) == (State.SKIPPED, "removed")
    ledger.check_tallies(db)


def test_a_campaign_that_was_stopped_while_planned_is_planned_to_the_end_after_a_restart(
    db: Database, actor: Actor
) -> None:
    line_id = arrange.line(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, PHONES)
    campaign_id = arrange.draft(db, actor, NOW, line_id, list_id)
    campaigns.schedule(db, actor, campaign_id, NOW)
    [first] = audiences.begin_due(db, START)
    for _ in range(6):
        audiences.plan_chunk(db, first, START, 4)
    campaigns.stop(db, actor, campaign_id, START)
    rescheduled(db, actor, first)
    ledger.beat(db, REBUILT, 3)
    assert {one.phone for one in ledger.claim(db, first, REBUILT)} == set(PHONES)
    ledger.check_tallies(db)


def test_a_pause_holds_and_a_resume_goes_on_with_the_rest(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [first] = ledger.message_ids(db, campaign_id)
    had = {one.phone for one in ledger.send(db, first, START, 4)}
    campaigns.pause(db, actor, campaign_id, START, "Too many failures")
    assert results.overview(db, campaign_id, START).pause_reason == "Too many failures"
    ledger.beat(db, START + timedelta(hours=2))
    assert ledger.claim(db, first, START + timedelta(hours=2)) == []
    campaigns.resume(db, actor, campaign_id, START)
    assert results.overview(db, campaign_id, START).pause_reason is None
    assert {one.phone for one in ledger.claim(db, first, START)} == set(PHONES) - had
    assert [entry[0] for entry in ledger.audit(db)[-2:]] == ["pause", "resume"]


def test_whoever_still_holds_the_old_text_gets_nobody_to_send_it_to(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [first] = ledger.message_ids(db, campaign_id)
    line_id = lines.with_work(db, START)[0]
    before = lines.work(db, line_id, START)
    campaigns.pause(db, actor, campaign_id, START)
    messages.save(db, actor, first, Change(text="Rewritten. Reply STOP to opt out."), START)
    campaigns.resume(db, actor, campaign_id, START)
    after = lines.work(db, line_id, START)
    assert before and after
    taken = [
        deliveries.exchange(db, (), Wanted(first, 10, 1, nonce, text.text, text.version), START)
        for nonce, text in (("old", before.texts[0]), ("new", after.texts[0]))
    ]
    assert [len(claimed) for claimed in taken] == [0, len(PHONES)]


def test_a_message_that_ends_while_paused_completes_the_campaign_at_the_resume(
    db: Database, actor: Actor
) -> None:
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [first] = ledger.message_ids(db, campaign_id)
    claimed = ledger.claim(db, first, START)
    campaigns.pause(db, actor, campaign_id, START)
    ledger.settle(db, claimed, START)
    ledger.beat(db, START)
    assert status(db) is Status.PAUSED
    campaigns.resume(db, actor, campaign_id, START)
    assert status(db) is Status.COMPLETED


def paused_with_overdue(db: Database, actor: Actor, **more: object) -> tuple[int, int, datetime]:
    """The first message is done, the second one's time passed long ago while the campaign was paused."""
    campaign_id = ledger.started(db, actor, NOW, PHONES, texts=("One", "Two"), **more)
    first, second = ledger.message_ids(db, campaign_id)
    ledger.send(db, first, START)
    ledger.beat(db, START)
    campaigns.pause(db, actor, campaign_id, START)
    return first, second, START + timedelta(days=3)


def test_an_overdue_message_asks_what_to_do(db: Database, actor: Actor) -> None:
    _first, second, now = paused_with_overdue(db, actor)
    for decided in (None, {}, {second: "whatever"}, {999: "skip"}):
        with pytest.raises(OverdueMessages) as refused:
            campaigns.resume(db, actor, 1, now, decided)
        assert refused.value.messages == {second: 2}
    assert status(db) is Status.PAUSED


def test_send_now_sends_now_even_days_later(db: Database, actor: Actor) -> None:
    _first, second, now = paused_with_overdue(db, actor)
    campaigns.resume(db, actor, 1, now, {second: "send_now"})
    ledger.beat(db, now)
    assert {one.phone for one in ledger.claim(db, second, now)} == set(PHONES)
    assert results.overview(db, 1, now).messages[1].send_at == now


def test_a_skipped_message_is_never_sent(db: Database, actor: Actor) -> None:
    _first, second, now = paused_with_overdue(db, actor)
    campaigns.resume(db, actor, 1, now, {second: "skip"})
    assert status(db) is Status.COMPLETED
    ledger.beat(db, now)
    assert ledger.states(db, second) == {}
    assert results.overview(db, 1, now).messages[1].state is MessageState.SKIPPED


def test_a_message_that_was_moved_is_not_asked_about(db: Database, actor: Actor) -> None:
    _first, second, now = paused_with_overdue(db, actor)
    with pytest.raises(TooEarly):
        messages.save(db, actor, second, at(now), now)
    messages.save(db, actor, second, Change(text="Two, rewritten"), now)  # only the text: no question of time
    messages.save(db, actor, second, at(now + timedelta(hours=1)), now)
    campaigns.resume(db, actor, 1, now)
    ledger.beat(db, now + timedelta(hours=1))
    assert len(ledger.claim(db, second, now + timedelta(hours=1))) == 10


def test_the_rest_of_a_half_sent_message_can_be_moved_while_paused(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [first] = ledger.message_ids(db, campaign_id)
    had = {one.phone for one in ledger.send(db, first, START, 4)}
    campaigns.pause(db, actor, campaign_id, START)
    with pytest.raises(TooEarly, match="already passed"):
        messages.save(db, actor, first, at(START - timedelta(hours=1)), START)
    messages.save(db, actor, first, at(REBUILT, text="Rewritten"), START)
    campaigns.resume(db, actor, campaign_id, START)
    assert ledger.claim(db, first, START) == []
    ledger.beat(db, REBUILT, 2)
    claimed = ledger.claim(db, first, REBUILT)
    assert {one.phone for one in claimed} == set(PHONES) - had
    assert {one.expires_at for one in claimed} == {REBUILT + timedelta(days=1)}
    ledger.check_tallies(db)


def test_the_moved_rest_of_a_message_can_still_be_skipped(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [first] = ledger.message_ids(db, campaign_id)
    ledger.send(db, first, START, 4)
    campaigns.pause(db, actor, campaign_id, START)
    messages.save(db, actor, first, at(REBUILT), START)
    campaigns.resume(db, actor, campaign_id, REBUILT, {first: "skip"})
    ledger.beat(db, REBUILT)
    rows = ledger.rows(db, first)
    assert Counter(row.state for row in rows.values()) == {State.SENT: 4, State.CANCELED: 6}
    assert {row.reason for row in rows.values() if row.state is State.CANCELED} == {
        "The message was skipped."
    }
    assert status(db) is Status.COMPLETED
    ledger.check_tallies(db)


def test_a_paused_campaign_can_be_stopped_and_restarted(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [first] = ledger.message_ids(db, campaign_id)
    had = {one.phone for one in ledger.send(db, first, START, 3)}
    campaigns.pause(db, actor, campaign_id, START)
    campaigns.stop(db, actor, campaign_id, START)
    rescheduled(db, actor, first)
    ledger.beat(db, REBUILT)
    assert {one.phone for one in ledger.claim(db, first, REBUILT)} == set(PHONES) - had


def test_doubtful_refused_and_expired_ones_are_not_sent_again_by_a_restart(
    db: Database, actor: Actor
) -> None:
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [first] = ledger.message_ids(db, campaign_id)
    for outcome in (Outcome(Proof.AMBIGUOUS), Outcome(Proof.REFUSED), ledger.ACCEPTED):
        ledger.settle(db, ledger.claim(db, first, START, 1), START, outcome)
    with db.write() as session:
        one = select(col(Delivery.id)).where(col(Delivery.state) == State.QUEUED).limit(1).scalar_subquery()
        session.execute(update(Delivery).where(col(Delivery.id) == one).values(expires_at=START))
    ledger.claim(db, first, START, 1)
    before = ledger.states(db, first)
    campaigns.stop(db, actor, campaign_id, START)
    rescheduled(db, actor, first)
    ledger.beat(db, REBUILT)
    waiting = {phone for phone, state in before.items() if state is State.QUEUED}
    assert {one.phone for one in ledger.claim(db, first, REBUILT)} == waiting
    ledger.check_tallies(db)
