"""The merge fields of a list's people, and one recipient after the other."""

import pytest

from domain.access import Actor
from storage import contacts, merge_words
from storage.contacts import Entry
from storage.database import Database
from tests import arrange
from tests.conftest import NOW

PHONES = arrange.numbers(3)


@pytest.fixture
def campaign_id(db: Database) -> int:
    actor: Actor = arrange.person(db, NOW)
    other = contacts.create_list(db, actor, "Others", NOW)
    contacts.add(db, actor, other, [Entry("+12135550199", "Zed", fields={"Shoe size": "44"})], NOW)
    list_id = contacts.create_list(db, actor, "Leads", NOW)
    people = [
        Entry(PHONES[0], "Ada", fields={"Loyalty tier": "Gold"}),
        Entry(PHONES[1]),
        Entry(PHONES[2], "Bo"),
    ]
    contacts.add(db, actor, list_id, people, NOW)
    return arrange.draft(db, actor, NOW, arrange.line(db, NOW), list_id)


def test_the_fields_of_the_lists_own_people_are_offered(db: Database, campaign_id: int) -> None:
    assert merge_words.names(db, campaign_id) == ["first_name", "last_name", "email", "loyalty_tier"]


def test_one_recipient_follows_the_other_and_back(db: Database, campaign_id: int) -> None:
    first = merge_words.next_to(db, campaign_id, 0)
    assert first is not None
    assert (first.name, first.values["loyalty_tier"]) == ("Ada", "Gold")
    second = merge_words.next_to(db, campaign_id, first.contact_id)
    assert second is not None
    assert second.name.endswith(PHONES[1][-4:])  # without a name the number stands for them
    third = merge_words.next_to(db, campaign_id, second.contact_id)
    assert third is not None
    assert merge_words.next_to(db, campaign_id, third.contact_id) is None
    assert merge_words.next_to(db, campaign_id, third.contact_id, back=True) == second
    assert merge_words.next_to(db, campaign_id, first.contact_id, back=True) is None
