"""Points of progress: noted while a message comes along, read with what is so by now."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from domain.access import Actor
from domain.deliveries import State
from domain.progress import Band
from storage import progress, receipts
from storage.database import Database
from storage.tables import ProgressPoint
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def noted(db: Database) -> int:
    with db.read() as session:
        return len(session.scalars(select(ProgressPoint)).all())


def delivered(db: Database, campaign_id: int, now: datetime) -> list[int]:
    return [one.people.get(Band.DELIVERED, 0) for one in progress.of(db, campaign_id, now).moments]


def test_what_changed_is_noted_once_and_what_did_not_is_not(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(5))
    [message_id] = ledger.message_ids(db, campaign_id)
    assert progress.note(db, START) == 1
    assert progress.note(db, START) == 0
    assert progress.note(db, START + timedelta(minutes=10)) == 0
    sent = ledger.send(db, message_id, START, 3)
    assert progress.note(db, START + timedelta(seconds=5)) == 0
    assert progress.note(db, START + timedelta(seconds=20)) == 1
    receipts.take(db, [ledger.receipt(db, one, State.DELIVERED) for one in sent[:2]], START)
    assert progress.note(db, START + timedelta(seconds=40)) == 1
    assert progress.note(db, START + timedelta(days=5)) == 0
    assert noted(db) == 3
    assert delivered(db, campaign_id, START + timedelta(minutes=1)) == [0, 0, 2]


def test_what_has_not_been_noted_yet_is_shown_all_the_same(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(5))
    [message_id] = ledger.message_ids(db, campaign_id)
    assert progress.of(db, campaign_id, START).moments[-1].total == 0
    ledger.send(db, message_id, START, 3)
    found = progress.of(db, campaign_id, START + timedelta(minutes=1))
    assert [(one.total, one.people) for one in found.moments] == [(0, {}), (3, {Band.SENT: 3})]
    assert [(one.tried, one.delivered) for one in found.hours] == [(3, 0)]


def test_another_campaigns_points_are_not_mixed_in(db: Database, actor: Actor) -> None:
    one = ledger.started(db, actor, NOW, arrange.numbers(5))
    other = ledger.started(db, actor, NOW, arrange.numbers(5), name="Other", list_name="Others", line_id=1)
    ledger.send(db, ledger.message_ids(db, one)[0], START, 3)
    progress.note(db, START + timedelta(minutes=1))
    assert progress.of(db, other, START + timedelta(minutes=2)).moments[-1].total == 0
