"""Whoever is taken off a campaign's list, or deleted, while a message goes out is not sent to any more."""

from collections.abc import Callable

import pytest

from domain.access import Actor
from domain.bulk import Action, Task
from domain.deliveries import State
from storage import bulk, campaigns, contact_cards, contacts, saved_filters
from storage.contact_grid import Query
from storage.contacts import Entry
from storage.database import Database
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
PHONES = arrange.numbers(3)
REST = dict.fromkeys(PHONES[1:], State.SENDING)


def by_bulk(action: Action) -> Callable[[Database, Actor], None]:
    def act(db: Database, actor: Actor) -> None:
        task = Task(action, list_id=1 if action is Action.REMOVE else 0)
        bulk.advance(db, bulk.start(db, actor, task, [1], NOW), NOW)

    return act


WAYS: dict[str, Callable[[Database, Actor], None]] = {
    "taken off": lambda db, actor: contact_cards.take_off_list(db, actor, 1, 1, NOW),
    "deleted": lambda db, actor: contact_cards.delete(db, actor, 1, NOW),
    "taken off with others": by_bulk(Action.REMOVE),
    "deleted with others": by_bulk(Action.DELETE),
}


@pytest.mark.parametrize("way", WAYS)
def test_whoever_is_gone_when_their_turn_comes_is_skipped(db: Database, way: str) -> None:
    actor = arrange.person(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [message_id] = ledger.message_ids(db, campaign_id)
    WAYS[way](db, actor)
    ledger.claim(db, message_id, START)
    assert ledger.states(db, message_id) == {PHONES[0]: State.SKIPPED, **REST}
    assert ledger.rows(db, message_id)[PHONES[0]].reason == "removed"
    ledger.check_tallies(db)


def test_whoever_is_back_when_their_turn_comes_is_sent_to(db: Database) -> None:
    actor = arrange.person(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [message_id] = ledger.message_ids(db, campaign_id)
    removed = bulk.start(db, actor, Task(Action.REMOVE, list_id=1), [1], NOW)
    bulk.advance(db, removed, NOW)
    bulk.undo(db, actor, removed, NOW)
    bulk.advance(db, removed, NOW)
    assert len(ledger.claim(db, message_id, START)) == len(PHONES)


def test_whom_a_filter_found_is_sent_to_unless_they_are_deleted(db: Database) -> None:
    actor = arrange.person(db, NOW)
    line_id, people = arrange.line(db, NOW), arrange.contact_list(db, actor, NOW, PHONES)
    contacts.add(db, actor, people, [Entry(phone, fields={"plan": "gold"}) for phone in PHONES], NOW)
    saved = saved_filters.save(db, actor, "Gold", Query(field="plan", value="gold"), NOW)
    campaign_id = arrange.draft(db, actor, NOW, line_id, saved)
    campaigns.schedule(db, actor, campaign_id, NOW)
    ledger.beat(db, START)
    [message_id] = ledger.message_ids(db, campaign_id)
    contact_cards.delete(db, actor, 1, NOW)
    contacts.add(db, actor, people, [Entry(PHONES[1], fields={"plan": "iron"})], NOW)
    ledger.claim(db, message_id, START)
    assert ledger.states(db, message_id) == {PHONES[0]: State.SKIPPED, **REST}
