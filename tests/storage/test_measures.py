from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlmodel import col

from domain.access import Actor
from domain.campaigns import Status
from domain.deliveries import State
from domain.holds import Cause
from domain.outcomes import Outcome, Proof
from storage import holds, line_holds, measures, senders
from storage.database import Database
from storage.tables import Line
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
FIGURES = {"outcomes": {}, "latencies": {}, "pumps": 0, "late_by": 0.1, "idle": 0.0}


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def test_what_became_of_everybody_is_counted_by_state_and_class(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(6))
    message_id = ledger.message_ids(db, campaign_id)[0]
    ledger.settle(db, ledger.claim(db, message_id, START, 2), START)
    refused = Outcome(Proof.REFUSED, code="invalid_number")
    ledger.settle(db, ledger.claim(db, message_id, START, 1), START, refused)
    found = measures.read(db, START + timedelta(seconds=30))
    assert found.deliveries == {State.QUEUED: 3, State.SENT: 2, State.FAILED: 1}
    assert found.errors == {("sandbox", "bad_number"): 1}
    assert (found.queued, found.oldest_due) == (3, 30.0)
    assert found.campaigns == {Status.RUNNING: 1}


def test_nothing_is_measured_where_nothing_is(db: Database) -> None:
    found = measures.read(db, NOW)
    assert (found.deliveries, found.errors, found.campaigns, found.lines) == ({}, {}, {}, [])
    assert (found.queued, found.oldest_due, found.receipts_waiting, found.held) == (0, None, 0, False)


def test_a_hold_and_lines_that_do_not_send_are_named(db: Database, actor: Actor) -> None:
    ledger.started(db, actor, NOW, arrange.numbers(2), line_id=arrange.line(db, NOW, label="Blocked one"))
    line_holds.block(db, 1, "The token is wrong.", "401", NOW)
    resting, slowed = arrange.line(db, NOW, label="Resting"), arrange.line(db, NOW, label="Slowed")
    arrange.line(db, NOW, label="Well")
    line_holds.trip(db, resting, START)
    line_holds.too_fast(db, slowed, 60.0, 1.0, START)
    with db.write() as session:
        holds.place(session, Cause.RESTORED, NOW)
    found = measures.read(db, START)
    assert found.lines == [("Blocked one", "blocked"), ("Resting", "circuit"), ("Slowed", "slowed")]
    assert found.held
    assert found.oldest_due is None  # nothing that is held is late
    assert found.queued == 2


def test_the_number_of_statements_does_not_grow(db: Database, actor: Actor) -> None:
    def statements() -> int:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        event.listen(db._readers, "before_cursor_execute", note)
        measures.read(db, START)
        event.remove(db._readers, "before_cursor_execute", note)
        return len(seen)

    ledger.started(db, actor, NOW, arrange.numbers(3))
    few = statements()
    for number in range(5):
        line_id = arrange.line(db, NOW, label=f"Line {number}")
        more = {"line_id": line_id, "list_name": f"List {number}", "name": f"Campaign {number}"}
        ledger.started(db, actor, NOW, arrange.numbers(50), **more)
    assert statements() == few


def test_senders_are_alive_while_they_report(db: Database) -> None:
    def alive(seconds: int) -> list[str]:
        with db.read() as session:
            return [one.id for one in senders.alive(session, NOW + timedelta(seconds=seconds))]

    senders.report(db, "one", NOW, FIGURES, NOW)
    senders.report(db, "two", NOW, {**FIGURES, "pumps": 3}, NOW)
    senders.report(db, "one", NOW, {**FIGURES, "pumps": 2}, NOW + timedelta(seconds=20))
    assert [(one.id, one.figures["pumps"]) for one in measures.read(db, NOW).senders] == [
        ("one", 2),
        ("two", 3),
    ]
    assert alive(35) == ["one"]
    senders.leave(db, "one")
    assert alive(0) == ["two"]


def test_a_sender_that_fell_silent_long_ago_is_forgotten(db: Database) -> None:
    senders.report(db, "one", NOW, FIGURES, NOW)
    later = NOW + senders.FORGOTTEN_AFTER + timedelta(seconds=1)
    senders.report(db, "two", later, FIGURES, later)
    with db.read() as session:
        assert [one.id for one in senders.alive(session, NOW)] == ["two"]


LATE = START + timedelta(minutes=10)


def report(db: Database, idle: float) -> None:
    senders.report(db, "one", NOW, {**FIGURES, "idle": idle}, LATE)


def test_what_is_due_and_not_sent_is_stuck_unless_something_goes_out(db: Database, actor: Actor) -> None:
    ledger.started(db, actor, NOW, arrange.numbers(2))
    assert measures.stuck_for(db, START + timedelta(minutes=4)) == 0.0
    assert measures.stuck_for(db, LATE) == 600.0  # nobody sends at all
    report(db, idle=10.0)  # a slow line: the rest waits for its turn
    assert measures.stuck_for(db, LATE) == 0.0
    report(db, idle=61.0)
    assert measures.stuck_for(db, LATE) == 600.0


@pytest.mark.parametrize("why", ["capped", "blocked", "held"])
def test_what_waits_with_reason_is_not_stuck(db: Database, actor: Actor, why: str) -> None:
    ledger.started(db, actor, NOW, arrange.numbers(2))
    report(db, idle=600.0)
    if why == "blocked":
        line_holds.block(db, 1, "The token is wrong.", "401", NOW)
    with db.write() as session:
        if why == "capped":
            session.execute(update(Line).where(col(Line.id) == 1).values(daily_cap=1))
        elif why == "held":
            holds.place(session, Cause.COPIED, NOW)
    assert measures.stuck_for(db, LATE) == 0.0
