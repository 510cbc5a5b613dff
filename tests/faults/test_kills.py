"""The program is killed and stopped in the middle of sending: nobody is sent to twice, nothing is lost."""

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from domain.campaigns import Status
from domain.deliveries import FINAL, State
from storage import campaigns, results
from storage.database import Database
from storage.schema import upgrade
from storage.tables import Message
from tests import arrange, ledger, wait
from tests.faults.program import Program, Sink, sink

PEOPLE = 600
RATE = 120.0
BATCH = 128
ENDED = FINAL | {State.SENT, State.UNKNOWN}


@pytest.fixture
def carrier() -> Iterator[Sink]:
    with sink() as made:
        yield made


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made = Program(tmp_path / "data")
    yield made
    made.end()


def due_campaign(program: Program, carrier: Sink, people: int = PEOPLE, rate: float | None = RATE) -> int:
    """A prepared data directory whose campaign is due as soon as the program starts."""
    now = datetime.now(UTC)
    db = Database(f"sqlite:///{program.folder / 'sms.db'}")
    upgrade(db)
    actor = arrange.person(db, now)
    line_id = arrange.line(db, now, rate=rate, base_url=carrier.url)
    list_id = arrange.contact_list(db, actor, now, arrange.numbers(people))
    campaign_id = arrange.draft(db, actor, now, line_id, list_id)
    campaigns.schedule(db, actor, campaign_id, now)
    with db.write() as session:
        session.execute(update(Message).values(send_at=now, begins_at=now))
    assert len(ledger.message_ids(db, campaign_id)) == 1
    db.close()
    return campaign_id


def sent_more(carrier: Sink, count: int) -> None:
    goal = len(carrier.journal) + count
    wait.until(lambda: len(carrier.journal) >= goal, 30, f"{count} more messages")


def looked_at(program: Program) -> Database:
    return Database(f"sqlite:///{program.folder / 'sms.db'}")


def completed(db: Database, campaign_id: int) -> bool:
    overview = results.overview(db, campaign_id, datetime.now(UTC))
    return overview.standing.status is Status.COMPLETED


def check_all(program: Program, carrier: Sink, campaign_id: int, most_unknown: int) -> None:
    """What must hold whenever a campaign has gone to its end, whatever happened on the way."""
    db = looked_at(program)
    ledger.check_tallies(db)
    rows = ledger.rows(db, ledger.message_ids(db, campaign_id)[0])
    db.close()
    assert carrier.twice == []
    assert len(rows) == PEOPLE
    assert {row.state for row in rows.values()} <= ENDED
    unknown = {phone for phone, row in rows.items() if row.state is State.UNKNOWN}
    assert len(unknown) <= most_unknown
    journaled = {to: attempt for to, _text, attempt in carrier.journal}
    assert {phone for phone, row in rows.items() if row.state is State.SENT} <= set(journaled)
    assert set(journaled) | unknown == set(rows)
    assert all(rows[phone].attempt_id == attempt for phone, attempt in journaled.items())
    with sqlite3.connect(program.folder / "sms.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_kills_in_the_middle_send_to_nobody_twice(program: Program, carrier: Sink) -> None:
    campaign_id = due_campaign(program, carrier)
    kills = 4
    for _ in range(kills):
        program.start()
        sent_more(carrier, 60)
        program.kill()
    program.start()
    db = looked_at(program)
    wait.until(lambda: completed(db, campaign_id), 40, "the campaign's end")
    db.close()
    program.kill()
    check_all(program, carrier, campaign_id, kills * BATCH)


def test_a_kill_while_sending_as_fast_as_possible_sends_to_nobody_twice(
    program: Program, carrier: Sink
) -> None:
    campaign_id = due_campaign(program, carrier, rate=None)
    for _ in range(2):
        program.start()
        sent_more(carrier, 1)
        program.kill()
    program.start()
    db = looked_at(program)
    wait.until(lambda: completed(db, campaign_id), 40, "the campaign's end")
    db.close()
    program.kill()
    check_all(program, carrier, campaign_id, 2 * BATCH)


def test_a_stop_in_the_middle_ends_cleanly_and_the_next_start_finishes(
    program: Program, carrier: Sink
) -> None:
    campaign_id = due_campaign(program, carrier)
    program.start()
    sent_more(carrier, 100)
    asked = time.monotonic()
    assert program.terminate() == 0
    assert time.monotonic() - asked < 25
    db = looked_at(program)
    states = ledger.states(db, ledger.message_ids(db, campaign_id)[0])
    assert State.SENDING not in states.values()
    assert State.UNKNOWN not in states.values()
    assert "Traceback" not in program.path("err").read_text()
    program.start()
    wait.until(lambda: completed(db, campaign_id), 40, "the campaign's end")
    db.close()
    assert program.terminate() == 0
    check_all(program, carrier, campaign_id, 0)
    assert len(carrier.journal) == PEOPLE
