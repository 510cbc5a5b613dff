"""A review in a process of its own says what one in this process says."""

import pytest

from domain.access import Actor
from domain.problems import Problem
from storage import contacts, erasure, quiet_hours
from storage.contacts import Entry
from storage.database import Database
from storage.review import Stopped, review
from storage.review_apart import review_apart
from storage.tables import Setting
from tests import arrange
from tests.conftest import NOW


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def draft(db: Database, actor: Actor, text: str = "Hi {first_name|there}. Reply STOP") -> int:
    with db.write() as session:
        session.delete(session.get_one(Setting, quiet_hours.NAME))
    list_id = contacts.create_list(db, actor, "People", NOW)
    phones = ["+12125550101", "+18085550102", "+33612345678", "+61412345678"]
    contacts.add(db, actor, list_id, [Entry(phone, f"Zo\u00eb {phone[-1]}") for phone in phones], NOW)
    contacts.suppress(db, actor, phones[0], "Asked", "team", NOW)
    return arrange.draft(db, actor, NOW, arrange.line(db, NOW, rate=1.0), list_id, texts=(text,))


def never() -> bool:
    return False


def test_it_says_the_same(db: Database, actor: Actor) -> None:
    campaign_id = draft(db, actor)
    assert review_apart(db, campaign_id, NOW, lambda _people: None, never) == review(db, campaign_id, NOW)


def test_who_was_erased_is_known_there_too(db: Database, actor: Actor) -> None:
    campaign_id = draft(db, actor)
    erasure.erase(db, actor, 1, NOW)
    contacts.add(db, actor, 1, [Entry("+12125550101")], NOW)
    made = review_apart(db, campaign_id, NOW, lambda _people: None, never)
    assert (made.audience.listed, made.audience.opted_out) == (4, 1)


def test_what_keeps_the_campaign_from_a_review_is_said(db: Database, actor: Actor) -> None:
    campaign_id = draft(db, actor, "")
    with pytest.raises(Problem, match="Message 1: Write a text"):
        review_apart(db, campaign_id, NOW, lambda _people: None, never)


def test_nobody_has_to_wait_for_one_that_is_not_wanted(db: Database, actor: Actor) -> None:
    campaign_id = draft(db, actor)
    with pytest.raises(Stopped):
        review_apart(db, campaign_id, NOW, lambda _people: None, lambda: True)
