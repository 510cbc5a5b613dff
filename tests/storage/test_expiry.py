"""Choosing another time for giving up, while part of a message still waits."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from domain.access import Actor, Role
from domain.deliveries import State
from storage import campaigns, messages
from storage.database import Database
from storage.messages import Change
from storage.tables import Delivery
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PHONES = arrange.numbers(6)


@pytest.fixture
def message_id(db: Database) -> int:
    """Two have it, four wait; of those one lives an hour further west."""
    actor = arrange.person(db, NOW)
    [only] = ledger.message_ids(db, ledger.started(db, actor, NOW, PHONES, texts=("One",)))
    ledger.send(db, only, START, 2)
    with db.write() as session:
        later = update(Delivery).where(col(Delivery.phone) == waiting(db, only)[-1])
        session.execute(later.values(expires_at=START + DAY + HOUR))
    campaigns.pause(db, actor, 1, START)
    return only


def waiting(db: Database, message_id: int) -> list[str]:
    return [phone for phone, state in sorted(ledger.states(db, message_id).items()) if state is State.QUEUED]


@pytest.mark.parametrize("minutes", [25 * 60, 23 * 60, 60, 7 * 24 * 60])
def test_those_who_wait_expire_by_what_was_chosen_last(db: Database, message_id: int, minutes: int) -> None:
    actor = Actor(1, "Ada Park", Role.ADMIN)
    messages.save(db, actor, message_id, Change(expire_after_minutes=minutes), START)
    chosen = timedelta(minutes=minutes)
    rows = ledger.rows(db, message_id)
    *others, western = waiting(db, message_id)
    assert len(others) == 3
    assert {rows[phone].expires_at for phone in others} == {START + chosen}
    assert rows[western].expires_at == START + chosen + HOUR
    sent = [row for phone, row in rows.items() if phone not in (*others, western)]
    assert {row.expires_at for row in sent} == {START + DAY}
    later = START + chosen
    campaigns.resume(db, actor, 1, START)
    assert [one.phone for one in ledger.claim(db, message_id, later)] == [western]
