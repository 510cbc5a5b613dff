"""An address that no call reaches is switched off, says so, and can be switched on again."""

from datetime import datetime, timedelta

import pytest

from domain import outgoing_webhooks as rules
from domain.access import Actor
from domain.outgoing_webhooks import DEAD_AFTER, DEAD_TRIES, CallState, Kind
from storage import contacts, dead_webhooks, outgoing_webhooks, webhook_log
from storage.database import Database
from storage.dead_webhooks import Dead
from storage.outgoing_webhooks import Made, Webhook
from tests import arrange, ledger
from tests.conftest import NOW

PHONES = arrange.numbers(40)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


@pytest.fixture
def number(db: Database, actor: Actor) -> int:
    return outgoing_webhooks.add(db, actor, "https://crm.example/in", [Kind.OPT_OUT], NOW)[0]


def happens(db: Database, actor: Actor, count: int, first: int = 0) -> None:
    for phone in PHONES[first : first + count]:
        contacts.suppress(db, actor, phone, "why", "team", NOW)


def tried(db: Database, now: datetime, *, delivered: bool = False, limit: int = 50) -> int:
    """Make what is due; returns how many addresses were switched off."""
    claimed = outgoing_webhooks.claim(db, limit, now)
    made = [Made(one.id, delivered, None if delivered else now, 200 if delivered else 500) for one in claimed]
    return outgoing_webhooks.record(db, made, now)


def shown(db: Database, actor: Actor) -> Webhook:
    (found,) = outgoing_webhooks.listed(db, actor)
    return found


def test_after_days_without_a_success_nothing_is_told_any_more(
    db: Database, actor: Actor, number: int
) -> None:
    happens(db, actor, DEAD_TRIES)
    assert tried(db, NOW) == 0
    assert tried(db, NOW + DEAD_AFTER - timedelta(minutes=5)) == 0
    assert dead_webhooks.dead(db) == ()
    assert tried(db, NOW + DEAD_AFTER) == 1
    why = "No call got through for 3 days."
    assert dead_webhooks.dead(db) == (Dead(number, "crm.example", why),)
    webhook = shown(db, actor)
    assert (webhook.active, webhook.waiting, webhook.failed) == (False, 0, DEAD_TRIES)
    assert (webhook.off_at, webhook.off_why) == (NOW + DEAD_AFTER, why)
    assert ledger.audit(db)[-1] == ("switch off", "outgoing webhook", number)
    happens(db, actor, 3, first=20)
    assert len(outgoing_webhooks.calls(db, actor, number, 100)) == DEAD_TRIES


def test_one_success_begins_the_count_anew(db: Database, actor: Actor, number: int) -> None:
    happens(db, actor, DEAD_TRIES)
    tried(db, NOW)
    tried(db, NOW + timedelta(hours=1), delivered=True, limit=1)
    assert tried(db, NOW + DEAD_AFTER) == 0
    assert tried(db, NOW + 2 * DEAD_AFTER) == 1


def test_where_more_wait_than_is_kept_an_hour_is_enough(
    db: Database, actor: Actor, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_WAITING", 5)
    happens(db, actor, 7)
    assert tried(db, NOW, limit=1) == 0
    assert tried(db, NOW + timedelta(minutes=59), limit=1) == 0
    assert tried(db, NOW + timedelta(minutes=61), limit=1) == 1
    assert shown(db, actor).waiting == 0


def test_who_switches_it_on_again_has_what_happens_told_from_then_on(
    db: Database, actor: Actor, number: int
) -> None:
    happens(db, actor, DEAD_TRIES)
    tried(db, NOW)
    tried(db, NOW + DEAD_AFTER)
    outgoing_webhooks.switch(db, actor, number, True, NOW + DEAD_AFTER)
    assert dead_webhooks.dead(db) == ()
    assert shown(db, actor).off_why == ""
    happens(db, actor, 1, first=20)
    assert tried(db, NOW + DEAD_AFTER) == 0
    (call, *before) = outgoing_webhooks.calls(db, actor, number, 100)
    assert (call.state, call.attempts) == (CallState.WAITING, 1)
    assert {one.state for one in before} == {CallState.FAILED}


def test_what_a_person_pauses_is_not_called_dead(db: Database, actor: Actor, number: int) -> None:
    happens(db, actor, 2)
    claimed = outgoing_webhooks.claim(db, 10, NOW)
    outgoing_webhooks.switch(db, actor, number, False, NOW)
    outgoing_webhooks.record(db, [Made(one.id, False, NOW, 500) for one in claimed], NOW + 2 * DEAD_AFTER)
    assert dead_webhooks.dead(db) == ()
    assert shown(db, actor).waiting == 2


def test_the_log_of_an_address_keeps_so_many_calls(
    db: Database, actor: Actor, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_KEPT", 3)
    happens(db, actor, 8)
    other, _secret = outgoing_webhooks.add(db, actor, "https://erp.example/in", [Kind.OPT_OUT], NOW)
    happens(db, actor, 2, first=20)
    tried(db, NOW, delivered=True, limit=9)
    assert webhook_log.sweep(db, NOW) == 6
    left = outgoing_webhooks.calls(db, actor, number, 100)
    assert [one.state for one in left].count(CallState.DELIVERED) == 3
    assert len(outgoing_webhooks.calls(db, actor, other, 100)) == 2
