"""Writing a campaign's messages: drafts take anything, scheduled ones only what is possible."""

import threading
from datetime import timedelta

import pytest

from domain.access import Actor, Role, RoleForbids
from domain.campaigns import ActionRefused
from domain.messages import (
    MAX_MESSAGES,
    ChangedElsewhere,
    MessageLocked,
    MessageState,
    TimeHasCome,
    TooManyMessages,
)
from domain.schedules import TimeMissing, TooEarly
from storage import audiences, campaigns, messages, results
from storage.database import Database
from storage.found import MessageNotFound
from storage.messages import Change
from storage.sequence import MessageNotReady
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def draft(db: Database, actor: Actor, *texts: str) -> list[int]:
    line_id = arrange.line(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, arrange.numbers(4))
    return ledger.message_ids(db, arrange.draft(db, actor, NOW, line_id, list_id, texts=texts))


def test_a_draft_keeps_whatever_was_typed(db: Database, actor: Actor) -> None:
    [first] = draft(db, actor, "Hello")
    typed = Change(text="x" * 5000 + "\x00\ud800👋", local_date="next week", local_time=" noonish ")
    saved = messages.save(db, actor, first, typed, NOW)
    assert (saved.local_date, saved.local_time, saved.send_at) == ("next week", "noonish", None)
    kept = messages.of_campaign(db, 1)[0].text
    assert kept.startswith("x" * 5000)
    assert kept.endswith("👋")
    assert "\x00" not in kept
    saved = messages.save(db, actor, first, Change(local_date="2026-11-30", local_time="9 pm"), NOW)
    assert (saved.local_date, saved.local_time) == ("2026-11-30", "21:00")


def test_of_two_windows_the_second_is_told(db: Database, actor: Actor) -> None:
    [first] = draft(db, actor, "Hello")
    version = messages.of_campaign(db, 1)[0].version
    saved = messages.save(db, actor, first, Change(text="Mine"), NOW, version)
    with pytest.raises(ChangedElsewhere):
        messages.save(db, actor, first, Change(text="Theirs"), NOW, version)
    assert messages.of_campaign(db, 1)[0].text == "Mine"
    assert (
        messages.save(db, actor, first, Change(text="Then mine"), NOW, saved.version).version > saved.version
    )


def test_of_many_windows_at_once_one_wins(db: Database, actor: Actor) -> None:
    [first] = draft(db, actor, "Hello")
    version = messages.of_campaign(db, 1)[0].version
    won: list[int] = []

    def save(number: int) -> None:
        try:
            messages.save(db, actor, first, Change(text=f"{number}"), NOW, version)
        except ChangedElsewhere:
            return
        won.append(number)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [f"{number}" for number in won] == [messages.of_campaign(db, 1)[0].text]


@pytest.mark.parametrize(
    ("moved", "to", "order"),
    [(0, 3, "BCA"), (2, 1, "CAB"), (1, 2, "ABC"), (0, 2, "BAC"), (2, -5, "CAB"), (0, 99, "BCA")],
)
def test_reordering_moves_the_texts_and_leaves_the_times_in_their_places(
    db: Database, actor: Actor, moved: int, to: int, order: str
) -> None:
    ids = draft(db, actor, "A", "B", "C")
    times = [(m.local_date, m.local_time, m.send_at) for m in messages.of_campaign(db, 1)]
    messages.reorder(db, actor, ids[moved], to, NOW)
    after = messages.of_campaign(db, 1)
    assert "".join(m.text for m in after) == order
    assert [(m.local_date, m.local_time, m.send_at) for m in after] == times
    assert [m.position for m in after] == [1, 2, 3]
    campaigns.schedule(db, actor, 1, NOW)
    with pytest.raises(MessageLocked):
        messages.reorder(db, actor, ids[0], 1, NOW)


def test_removing_one_closes_the_gap(db: Database, actor: Actor) -> None:
    ids = draft(db, actor, "A", "B", "C")
    messages.remove(db, actor, ids[0], NOW)
    left = messages.of_campaign(db, 1)
    assert [(m.position, m.text) for m in left] == [(1, "B"), (2, "C")]
    overview = results.overview(db, 1, NOW)
    assert overview.start_at == left[0].send_at
    messages.add(db, actor, 1, NOW, Change(text="D"))
    assert [m.position for m in messages.of_campaign(db, 1)] == [1, 2, 3]
    with pytest.raises(MessageNotFound):
        messages.remove(db, actor, ids[0], NOW)
    assert [entry[0] for entry in ledger.audit(db)[-2:]] == ["remove message", "add message"]


def test_a_campaign_takes_fifty_messages(db: Database, actor: Actor) -> None:
    draft(db, actor, *["Hello"] * MAX_MESSAGES)
    with pytest.raises(TooManyMessages):
        messages.add(db, actor, 1, NOW)


def test_a_viewer_writes_nothing(db: Database, actor: Actor) -> None:
    [first] = draft(db, actor, "Hello")
    viewer = arrange.person(db, NOW, "Eve Quist", Role.VIEWER)
    for write in (
        lambda: messages.add(db, viewer, 1, NOW),
        lambda: messages.save(db, viewer, first, Change(text="x"), NOW),
        lambda: messages.reorder(db, viewer, first, 1, NOW),
        lambda: messages.remove(db, viewer, first, NOW),
    ):
        with pytest.raises(RoleForbids):
            write()


def test_once_scheduled_only_the_time_of_an_unsent_message_can_change(db: Database, actor: Actor) -> None:
    first, second = draft(db, actor, "A", "B")
    campaigns.schedule(db, actor, 1, NOW)
    for touch in (
        lambda: messages.save(db, actor, second, Change(text="Other"), NOW),
        lambda: messages.add(db, actor, 1, NOW),
        lambda: messages.remove(db, actor, second, NOW),
    ):
        with pytest.raises(MessageLocked):
            touch()
    messages.save(db, actor, second, Change(local_time="18:00"), NOW)
    assert ledger.audit(db)[-1] == ("edit", "message", second)
    with pytest.raises(TooEarly, match="already passed"):
        messages.save(db, actor, second, Change(local_time="11:59"), NOW)
    with pytest.raises(TooEarly, match="may not begin before"):
        messages.save(db, actor, first, Change(local_time="18:00"), NOW)
    with pytest.raises(TimeMissing):
        messages.save(db, actor, second, Change(local_time=""), NOW)
    assert messages.of_campaign(db, 1)[1].local_time == "18:00"


def test_in_a_running_campaign_a_later_message_can_be_moved(db: Database, actor: Actor) -> None:
    first, second = draft(db, actor, "A", "B")
    campaigns.schedule(db, actor, 1, NOW)
    ledger.beat(db, START)
    with pytest.raises(TimeHasCome):
        messages.save(db, actor, first, Change(local_time="18:00"), START)
    messages.save(db, actor, second, Change(local_time="18:00"), START)
    with pytest.raises(TimeHasCome):
        messages.save(db, actor, first, Change(expire_after_minutes=5), START)


def test_nothing_of_a_completed_campaign_can_be_changed(db: Database, actor: Actor) -> None:
    [first] = draft(db, actor, "A")
    campaigns.schedule(db, actor, 1, NOW)
    ledger.beat(db, START)
    ledger.send(db, first, START)
    ledger.beat(db, START)
    with pytest.raises(MessageLocked):
        messages.save(db, actor, first, Change(text="x"), START)
    for change in (Change(local_time="18:00"), Change(expire_after_minutes=5), Change(recipient_local=True)):
        with pytest.raises(ActionRefused, match="the campaign is completed"):
            messages.save(db, actor, first, change, START)


def test_a_message_whose_time_has_come_can_not_be_moved_even_before_the_tick(
    db: Database, actor: Actor
) -> None:
    [first] = draft(db, actor, "A")
    campaigns.schedule(db, actor, 1, NOW)
    with pytest.raises(TimeHasCome):
        messages.save(db, actor, first, Change(local_time="18:00"), START)


@pytest.mark.parametrize("attempt", range(4))
def test_the_tick_and_a_move_at_the_same_instant_never_both_win(
    db: Database, actor: Actor, attempt: int
) -> None:
    [first] = draft(db, actor, "Hello")
    campaigns.schedule(db, actor, 1, NOW)
    gate = threading.Barrier(2)
    moved: list[bool] = []

    def move() -> None:
        gate.wait()
        try:
            messages.save(db, actor, first, Change(local_time="18:00"), START - timedelta(milliseconds=1))
        except TimeHasCome:
            return
        moved.append(True)

    thread = threading.Thread(target=move)
    thread.start()
    gate.wait()
    begun = audiences.begin_due(db, START)
    thread.join()
    message = messages.of_campaign(db, 1)[0]
    assert bool(begun) != bool(moved)
    assert (message.state, message.local_time) == (
        (MessageState.PLANNING, f"{START:%H:%M}") if begun else (MessageState.SCHEDULED, "18:00")
    )


def test_a_paused_campaigns_unsent_text_can_be_rewritten_but_not_emptied(db: Database, actor: Actor) -> None:
    first, second = draft(db, actor, "A", "B")
    campaigns.schedule(db, actor, 1, NOW)
    ledger.beat(db, START)
    ledger.send(db, first, START)
    ledger.beat(db, START)
    campaigns.pause(db, actor, 1, START)
    messages.save(db, actor, second, Change(text="Better"), START)
    with pytest.raises(MessageNotReady):
        messages.save(db, actor, second, Change(text="  "), START)
    with pytest.raises(MessageLocked):
        messages.save(db, actor, first, Change(text="Too late"), START)
    assert [m.text for m in messages.of_campaign(db, 1)] == ["A", "Better"]
