"""What keeps a line from sending, stored on the line, so that it line_holds in every process."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from domain.access import Actor
from domain.circuit import PROBE_LASTS
from storage import line_holds, line_settings, lines
from storage.database import Database
from storage.line_holds import LineHold
from storage.tables import Line
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def running(db: Database, actor: Actor, rate: float | None = 10.0, count: int = 5) -> int:
    line_id = arrange.line(db, NOW, rate=rate)
    return ledger.message_ids(db, ledger.started(db, actor, NOW, arrange.numbers(count), line_id=line_id))[0]


def hold(db: Database, now: datetime) -> LineHold | None:
    with db.read() as session:
        return line_holds.of(session.scalars(select(Line).where(col(Line.id) == 1)).one(), now)


def rate(db: Database, now: datetime) -> float | None:
    work = lines.work(db, 1, now)
    assert work is not None
    return work.rate


def test_too_fast_pauses_the_line_and_slows_it_until_it_has_recovered(db: Database, actor: Actor) -> None:
    message_id = running(db, actor)
    until = line_holds.too_fast(db, 1, 3.0, 9.0, START)
    assert until == START + timedelta(seconds=3)
    assert hold(db, START) == LineHold("", until)
    assert hold(db, until) is None
    assert ledger.claim(db, message_id, START) == []
    assert len(ledger.claim(db, message_id, until, 1)) == 1
    assert rate(db, START) == pytest.approx(7.0)
    assert rate(db, START + timedelta(minutes=2)) == pytest.approx(8.0)
    assert rate(db, START + timedelta(minutes=7)) == 10.0


def test_many_such_answers_at_once_slow_it_once_and_the_longest_pause_counts(
    db: Database, actor: Actor
) -> None:
    running(db, actor)
    for asked in (2.0, 9.0, 1.0, None):
        until = line_holds.too_fast(db, 1, asked, 9.0, START)
    assert until == START + timedelta(seconds=9)
    assert rate(db, START) == pytest.approx(7.0)


def test_without_a_wish_of_the_carrier_each_pause_in_a_row_is_twice_as_long(
    db: Database, actor: Actor
) -> None:
    running(db, actor)
    now, pauses = START, []
    for _ in range(8):
        until = line_holds.too_fast(db, 1, None, 9.0, now)
        pauses.append((until - now).total_seconds())
        now = until
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_carrier_in_trouble_is_left_alone_then_probed_with_a_single_message(
    db: Database, actor: Actor
) -> None:
    message_id = running(db, actor)
    until = line_holds.trip(db, 1, START)
    assert until == START + timedelta(seconds=30)
    assert hold(db, START) == LineHold("", until, unreachable=True)
    assert ledger.claim(db, message_id, START) == []
    assert lines.with_work(db, START) == []
    assert lines.with_work(db, until) == [1]
    work = lines.work(db, 1, until)
    assert work is not None
    assert work.probing
    assert len(ledger.claim(db, message_id, until)) == 1
    assert ledger.claim(db, message_id, until) == []  # until the probe is answered
    assert len(ledger.claim(db, message_id, until + PROBE_LASTS)) == 1  # its sender died
    assert line_holds.trip(db, 1, until) == until + timedelta(seconds=60)
    line_holds.close(db, 1)
    assert hold(db, until) is None
    assert len(ledger.claim(db, message_id, until)) == 3
    assert line_holds.trip(db, 1, until) == until + timedelta(seconds=30)  # no longer in a row


def test_nothing_due_leaves_the_probe_for_later(db: Database, actor: Actor) -> None:
    message_id = running(db, actor)
    until = line_holds.trip(db, 1, START)
    assert ledger.claim(db, message_id, START - timedelta(hours=1)) == []
    assert len(ledger.claim(db, message_id, until)) == 1


def test_a_blocked_line_waits_for_a_person(db: Database, actor: Actor) -> None:
    message_id = running(db, actor)
    line_holds.trip(db, 1, START)
    line_holds.block(db, 1, "The sign-in was refused.", "20003", NOW)
    assert hold(db, START + timedelta(days=1)) == LineHold("The sign-in was refused.")
    line_settings.unblock(db, actor, 1, START)
    assert hold(db, START) is None
    assert len(ledger.claim(db, message_id, START)) == 5
