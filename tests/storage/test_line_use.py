"""A line's caps, as its claims meet them."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from domain import pacing
from domain.access import Actor
from domain.outcomes import Outcome, Proof
from storage import grid, line_board, line_use, results
from storage.database import Database
from storage.line_holds import LineHold
from storage.tables import Line
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
SECOND = timedelta(seconds=1)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def running(db: Database, actor: Actor, count: int = 12, **caps: object) -> int:
    """The message of a running campaign on a line with these caps."""
    line_id = arrange.line(db, NOW)
    with db.write() as session:
        session.get_one(Line, line_id).sqlmodel_update(caps)
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(count), line_id=line_id)
    return ledger.message_ids(db, campaign_id)[0]


def used(db: Database, now: datetime) -> int:
    with db.read() as session:
        return line_use.used_today(session, session.get_one(Line, 1), now)


def test_a_line_whose_day_is_used_up_says_until_when(db: Database, actor: Actor) -> None:
    message_id = running(db, actor, daily_cap=3, day_zone="America/New_York")

    def held(now: datetime) -> LineHold | None:
        (row,) = grid.page(db, grid.Query(), now).rows
        assert results.overview(db, row.id, now).line_hold == row.line_hold
        (line,) = line_board.lines(db, actor, now)
        assert line.hold == row.line_hold
        return row.line_hold

    assert held(START) is None
    ledger.claim(db, message_id, START, 2)
    assert held(START) is None
    ledger.claim(db, message_id, START, 2)
    midnight = pacing.day_ends("America/New_York", START)
    assert held(START) == LineHold("", midnight, used_up=True)
    assert held(midnight) is None


def test_the_cap_per_minute_counts_segments_of_the_last_sixty_seconds(db: Database, actor: Actor) -> None:
    message_id = running(db, actor, minute_cap=5)
    assert len(ledger.claim(db, message_id, START, segments=2)) == 2
    later = START + 20 * SECOND
    assert len(ledger.claim(db, message_id, later)) == 1
    assert ledger.claim(db, message_id, START + 59 * SECOND) == []
    assert len(ledger.claim(db, message_id, START + 60 * SECOND)) == 4
    assert len(ledger.claim(db, message_id, START + 80 * SECOND)) == 1
    ledger.check_tallies(db)


def test_the_cap_per_minute_holds_for_many_claims_at_once(db: Database, actor: Actor) -> None:
    message_id = running(db, actor, 60, minute_cap=25)
    handed: list[int] = []

    def take() -> None:
        while claimed := ledger.claim(db, message_id, START, 3):
            handed.extend(one.id for one in claimed)

    threads = [threading.Thread(target=take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(handed) == len(set(handed)) == 25


def test_the_tighter_of_two_caps_counts(db: Database, actor: Actor) -> None:
    message_id = running(db, actor, minute_cap=3, daily_cap=5)
    assert len(ledger.claim(db, message_id, START)) == 3
    assert len(ledger.claim(db, message_id, START + 61 * SECOND)) == 2
    assert ledger.claim(db, message_id, START + 122 * SECOND) == []


def test_a_lines_day_begins_at_midnight_of_its_zone(db: Database, actor: Actor) -> None:
    message_id = running(db, actor, daily_cap=4, day_zone="America/Los_Angeles")
    assert len(ledger.claim(db, message_id, START)) == 4
    midnight = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    assert ledger.claim(db, message_id, midnight - SECOND) == []
    assert used(db, midnight - SECOND) == 4
    assert used(db, midnight) == 0
    assert len(ledger.claim(db, message_id, midnight)) == 4


def test_what_was_proved_not_sent_goes_back_to_the_day_on_which_it_was_claimed(
    db: Database, actor: Actor
) -> None:
    message_id = running(db, actor, daily_cap=4, day_zone="America/Los_Angeles")
    midnight = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    claimed = ledger.claim(db, message_id, midnight - SECOND)
    ledger.settle(db, claimed[:3], midnight + SECOND, Outcome(Proof.NOT_SENT))
    assert used(db, midnight - SECOND) == 1
    assert used(db, midnight) == 0


def test_without_caps_nothing_is_counted(db: Database, actor: Actor) -> None:
    message_id = running(db, actor)
    assert len(ledger.claim(db, message_id, START)) == 12
    assert used(db, START) == 0
