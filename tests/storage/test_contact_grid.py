"""The contacts' table: search in any spelling, filters, sorting and pages."""

from dataclasses import replace

import pytest

from domain.access import Actor
from storage import contact_grid, contacts
from storage.contact_grid import Query
from storage.contacts import Entry
from storage.database import Database
from tests import arrange
from tests.conftest import NOW

PEOPLE = [
    Entry("+14155550101", "Maya", "Okafor", "maya@example.com"),
    Entry("+14155550102", "Zoë", "O’Brien 100%", "zoe.ob@example.com", "Europe/Paris"),
    Entry("+12125550103", "Anna Maria", "Chen", ""),
    Entry("+442071838750", "", "", "nobody@example.com"),
    Entry("+12125550105", "Ada", "Maya", "ADA@Example.com"),
]


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


@pytest.fixture
def lists(db: Database, actor: Actor) -> tuple[int, int]:
    everyone = contacts.create_list(db, actor, "Everyone", NOW)
    some = contacts.create_list(db, actor, "Some", NOW)
    contacts.add(db, actor, everyone, PEOPLE, NOW)
    contacts.add(db, actor, some, PEOPLE[:2], NOW)
    return everyone, some


def found(db: Database, query: Query) -> list[int]:
    """The places in PEOPLE of who is shown."""
    phones = [person.phone for person in PEOPLE]
    return [phones.index(row.phone) for row in contact_grid.page(db, query).rows]


@pytest.mark.parametrize(
    ("search", "people"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("MAYA", [0, 4]),
        ("okafor maya", [0]),
        ("zoe", [1]),
        ("zoë", [1]),
        ("anna maria", [2]),
        ("maria", []),
        ("nobody@", [3]),
        ("ada@example.COM", [4]),
        ("415", [0, 1]),
        ("(415) 555-0101", [0]),
        ("+1 415 555 0102", [1]),
        ("001 415 555 0102", [1]),
        ("1 212", [2, 4]),
        ("44 20", [3]),
        ("+44", [3]),
        ("maya 415", [0]),
        ("maya 44", []),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("'; DROP TABLE contact; --", []),
        ("\x00maya\ud800", [0, 4]),
    ],
)
def test_the_search_finds_names_addresses_and_numbers_in_any_spelling(
    db: Database, lists: tuple[int, int], search: str, people: list[int]
) -> None:
    assert sorted(found(db, Query(search=search))) == people
    assert contact_grid.page(db, Query(search=search)).total == len(people)


def test_the_filters_narrow_what_is_shown(db: Database, actor: Actor, lists: tuple[int, int]) -> None:
    contacts.suppress(db, actor, PEOPLE[0].phone, "Asked by phone", "test", NOW)
    everyone, some = lists
    for query, people in (
        (Query(list_id=some), [0, 1]),
        (Query(list_id=everyone, search="maya"), [0, 4]),
        (Query(list_id=some, search="ada"), []),
        (Query(list_id=99), []),
        (Query(timezone="Europe/Paris"), [1]),
        (Query(timezone="America/New_York"), [2, 4]),
        (Query(standing="suppressed"), [0]),
        (Query(standing="reachable"), [1, 2, 3, 4]),
        (Query(standing="invalid"), []),
    ):
        assert sorted(found(db, query)) == people, query
        assert contact_grid.page(db, query).total == len(people), query


@pytest.mark.parametrize(
    ("sort", "people"),
    [
        ("name", [3, 4, 2, 0, 1]),
        ("phone", [2, 4, 0, 1, 3]),
        ("email", [2, 4, 0, 3, 1]),
        ("added", [0, 1, 2, 3, 4]),
    ],
)
def test_every_header_sorts_both_ways_page_by_page(
    db: Database, lists: tuple[int, int], sort: contact_grid.Column, people: list[int]
) -> None:
    for query, expected in ((Query(sort=sort), people), (Query(sort=sort, descending=True), people[::-1])):
        assert found(db, query) == expected
        paged = [place for number in (1, 2, 3) for place in found(db, replace(query, page=number, size=2))]
        assert paged == expected
    assert contact_grid.page(db, Query(sort=sort, page=99, size=2)).page == 3


def test_large_lists_are_walked_and_give_the_same(
    db: Database, lists: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = found(db, Query(list_id=lists[1]))
    monkeypatch.setattr(contact_grid, "SMALL_LIST", 0)
    assert found(db, Query(list_id=lists[1])) == small == [0, 1]


def test_more_matches_than_are_counted_are_said_to_be_more(
    db: Database, lists: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_grid, "CAP", 1)
    page = contact_grid.page(db, Query(standing="reachable"))
    assert (page.total, page.capped) == (1, True)
    assert not contact_grid.page(db, Query()).capped


def test_an_update_keeps_the_search_true(db: Database, actor: Actor, lists: tuple[int, int]) -> None:
    everyone = lists[0]
    phone = PEOPLE[0].phone
    contacts.add(db, actor, everyone, [Entry(phone, last_name="Silva")], NOW)
    assert found(db, Query(search="maya silva")) == found(db, Query(search="silva")) == [0]
    contacts.add(db, actor, everyone, [Entry(phone, first_name="Noor")], NOW)
    assert found(db, Query(search="noor silva")) == [0]
    assert found(db, Query(search="okafor")) == []
    contacts.add(db, actor, everyone, [Entry(phone)], NOW)
    assert found(db, Query(search="noor silva")) == [0]


def test_a_row_tells_lists_and_standing(db: Database, actor: Actor, lists: tuple[int, int]) -> None:
    contacts.suppress(db, actor, PEOPLE[0].phone, "Asked by phone", "test", NOW)
    row = contact_grid.page(db, Query(search="maya okafor")).rows[0]
    assert (row.lists, row.list_count, row.suppressed, row.invalid) == (("Everyone", "Some"), 2, True, False)
    assert (row.name, row.zone, row.email) == ("Maya Okafor", "America/Los_Angeles", "maya@example.com")


@pytest.mark.parametrize("most", [0, contact_grid.FEW_NUMBERS])
def test_name_and_number_together_find_the_same_by_either_index(
    db: Database, lists: tuple[int, int], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(contact_grid, "FEW_NUMBERS", most)
    assert found(db, Query(search="maya 415")) == [0]
    assert found(db, Query(search="maya +1 212")) == [4]
    assert found(db, Query(search="anna chen 212 555")) == [2]
    assert found(db, Query(search="zoe 212")) == []
