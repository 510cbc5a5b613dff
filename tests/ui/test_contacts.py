from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui
from nicegui.testing.user import User

from domain.access import Actor
from storage import (
    consents,
    contact_cards,
    contact_grid,
    contacts,
    lists,
    saved_filters,
    suppressions,
)
from storage.consents import Given, Via
from storage.contact_cards import LeftOutOf
from storage.contact_grid import Query
from storage.contacts import Entry
from storage.database import Database
from tests import arrange, ledger
from tests.ui.pages import NOW, visitor, world_of
from tests.wait import until_async
from ui import contact
from ui.contact_state import ContactState, read
from ui.list_state import ListState
from ui.list_state import read as read_lists
from ui.records_table import RecordsTable
from ui.world import World


@pytest.fixture
def actor(sqlite_db: Database) -> Actor:
    return arrange.person(sqlite_db, NOW)


@pytest.fixture
def world(sqlite_db: Database, actor: Actor, tmp_path: Path) -> World:
    return world_of(sqlite_db, actor, tmp_path)


@pytest.fixture
def list_id(sqlite_db: Database, actor: Actor) -> int:
    return arrange.contact_list(sqlite_db, actor, NOW, arrange.numbers(30))


def one(user: User, kind: type[Any]) -> Any:
    return next(iter(user.find(kind).elements))


async def table_of(user: User) -> RecordsTable:
    await user.should_see(kind=RecordsTable)
    table: RecordsTable = one(user, RecordsTable)
    await until_async(lambda: not table.props["loading"])
    return table


def names(table: RecordsTable) -> list[str]:
    return [row["name"] for row in table.props["rows"]]


async def press(user: User, label: str) -> None:
    """The button that was drawn last, such as a dialog's."""
    await user.should_see(kind=ui.button, content=label)
    found = user.find(kind=ui.button, content=label)
    found.elements = {max(found.elements, key=lambda element: element.id)}
    found.click()


async def until_open(user: User) -> None:
    """A dialog's fields can be found before it opens, and opening it fills them anew."""
    await until_async(lambda: any(dialog.value for dialog in user.find(ui.dialog).elements))


async def type_into(user: User, label: str, text: str) -> None:
    def fields() -> list[ui.input]:
        return [e for e in user.find(ui.input).elements if e.props.get("aria-label") == label]

    await until_async(fields)
    fields()[0].value = text


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ({}, ContactState()),
        (
            {
                "search": "may",
                "list": "3",
                "zone": "Asia/Tokyo",
                "status": "suppressed",
                "sort": "-added",
                "page": "2",
            },
            ContactState("may", 3, "Asia/Tokyo", "suppressed", sort="added", descending=True, page=2),
        ),
        (
            {"consent": "none", "campaign": "7", "outcome": "not_replied", "field": "plan", "value": "gold"},
            ContactState(consent="none", campaign_id=7, outcome="not_replied", field="plan", value="gold"),
        ),
        ({"consent": "maybe", "campaign": "x", "outcome": "lost"}, ContactState()),
        (
            {"list": "x", "zone": "Mars", "status": "odd", "sort": "-odd", "page": "-1", "size": "7"},
            ContactState(),
        ),
    ],
)
def test_an_address_is_read_and_what_makes_no_sense_left_out(
    address: dict[str, str], state: ContactState
) -> None:
    assert read(address) == state


def test_a_view_is_found_again_at_its_address() -> None:
    state = ContactState("may a", 3, "Asia/Tokyo", "invalid", sort="added", descending=True, page=2, size=50)
    assert state.address == (
        "/contacts?search=may+a&list=3&zone=Asia/Tokyo&status=invalid&sort=-added&page=2&size=50"
    )
    plan = ContactState(consent="given", campaign_id=7, outcome="replied", field="plan", value="gold")
    assert plan.address == ("/contacts?consent=given&campaign=7&outcome=replied&field=plan&value=gold")
    assert read({"field": "plan", "value": "gold"}).query == Query(field="plan", value="gold")
    assert ContactState(fixed_list=4, search="x").address == "/lists/4?search=x"
    assert ListState(search="v", sort="size", descending=True).address == "/lists?search=v&sort=-size"
    assert read_lists({"sort": "-size", "search": "v"}) == ListState("v", "size", True)
    assert read_lists({"sort": "odd"}) == ListState()


async def test_contacts_are_shown_page_by_page(world: World, list_id: int) -> None:
    async with visitor(world) as user:
        await user.open("/contacts?sort=phone")
        table = await table_of(user)
        assert names(table)[:2] == ["Maya No 1000", "Maya No 1001"]
        assert len(names(table)) == 25
        await user.should_see("30 contacts")
        await user.should_see("1–25 of 30")


async def test_a_search_by_number_narrows_and_says_when_nobody_matches(world: World, list_id: int) -> None:
    async with visitor(world) as user:
        await user.open("/contacts?search=(212)%20600-1007")
        assert names(await table_of(user)) == ["Maya No 1007"]
        await user.open("/contacts?search=nobody")
        await table_of(user)
        await user.should_see("No contacts match")


async def test_no_contacts_yet_teaches_what_they_are(world: World) -> None:
    async with visitor(world) as user:
        await user.open("/contacts")
        await table_of(user)
        await user.should_see("Add the first person")
        await user.open("/lists")
        await table_of(user)
        await user.should_see("Make the first list")


async def test_a_contact_is_added_through_the_form_and_a_taken_number_is_said(
    world: World, list_id: int
) -> None:
    async with visitor(world) as user:
        await user.open("/contacts")
        await table_of(user)
        await press(user, "Add contact")
        await until_open(user)
        await type_into(user, "Phone", "+1 212 600 1003")
        await press(user, "Save contact")
        await user.should_see("Maya No 1003 already has the number")
        await user.should_see("Open that contact")
        await type_into(user, "Phone", "12")
        await press(user, "Save contact")
        await user.should_see("“12” is too short")
        await type_into(user, "Phone", "(415) 555-0177")
        await type_into(user, "First name", "Noor")
        await press(user, "Save contact")
        await until_async(lambda: contact_grid.page(world.db, contact_grid.Query(search="noor")).total == 1)


async def test_a_contact_is_edited_and_deleted(world: World, actor: Actor) -> None:
    contact_id = contact_cards.create(
        world.db, actor, Entry("+14155550177", "Noor", fields={"city": "Oslo", "visits": 3}), [], NOW
    )
    async with visitor(world) as user:
        await user.open(f"/contacts/{contact_id}")
        await user.should_see("Oslo")
        await user.should_see("No campaign has reached this person yet.")
        await press(user, "Edit contact")
        await until_open(user)
        await type_into(user, "Field 1 value", "Bergen")
        await press(user, "Save contact")
        wanted = {"city": "Bergen", "visits": 3}
        await until_async(lambda: contact_cards.card(world.db, contact_id).fields == wanted)
        await user.should_see("The contact is saved.")
        await user.should_not_see("Oslo")  # the page is drawn anew, with the button that counts
        await user.should_see("Bergen")
        await press(user, "Delete contact")
        await user.should_see("Delete Noor?")
        await user.should_see("choose “Erase person” instead")
        await press(user, "Delete contact")
        await until_async(lambda: not contact_cards.exists(world.db, contact_id))


async def test_an_opt_in_on_record_does_not_hide_an_opt_out(world: World, list_id: int, actor: Actor) -> None:
    number = arrange.numbers(1)[0]
    consents.record(world.db, actor, Given(number, NOW, "the shop"), Via.FORM, NOW)
    contacts.suppress(world.db, actor, number, "Asked by phone", "team", NOW)
    async with visitor(world) as user:
        await user.open("/contacts/1")
        await user.should_see("nothing is sent to them")
        (link,) = user.find("See the suppression").elements
        assert link.props["href"] == "/suppressions?search=%2B12126001000"
        await user.open("/contacts/2")
        await user.should_see("No opt-in is on record.")
        await user.should_not_see("nothing is sent to them")


def test_campaigns_that_left_a_person_out_stand_among_the_others_by_time(
    sqlite_db: Database, actor: Actor
) -> None:
    numbers = arrange.numbers(1)
    for day, name in enumerate(("First", "Second", "Third")):
        now = NOW + timedelta(days=day)
        if name == "Second":
            contacts.suppress(sqlite_db, actor, numbers[0], "Asked", "team", now)
        campaign_id = ledger.started(sqlite_db, actor, now, numbers, name=name, list_name=name)
        ledger.send(sqlite_db, ledger.message_ids(sqlite_db, campaign_id)[0], ledger.start_of(now))
        if name == "Second":
            suppressions.lift(sqlite_db, actor, numbers[0], now)
    found = contact.campaigns_of(contact_cards.card(sqlite_db, 1))
    assert [(one.campaign, isinstance(one, LeftOutOf)) for one in found] == [
        ("Third", False),
        ("Second", True),
        ("First", False),
    ]


async def test_unknown_contacts_and_lists_are_said_to_be(world: World) -> None:
    async with visitor(world) as user:
        for path in ("/contacts/999", "/contacts/x", "/lists/999", "/lists/x"):
            await user.open(path)
            await user.should_see("does not exist")


async def test_a_list_that_fills_itself_says_whom_it_finds_and_its_filter_is_changed(
    world: World, list_id: int, actor: Actor
) -> None:
    where = Query(search="no 1003", list_id=list_id)
    saved = saved_filters.save(world.db, actor, "Few", where, NOW)
    async with visitor(world) as user:
        await user.open(f"/lists/{saved}")
        await user.should_see("It finds: Search: no 1003 · List: Spring leads")
        await press(user, "Change filter")
        await user.should_see("Save filter of “Few”")
        await user.open(f"/contacts?search=maya&list={list_id}&saved={saved}")
        await table_of(user)
        await until_async(lambda: one(user, RecordsTable).props["rows"])
        found = user.find("Save filter of “Few”")
        found.elements = {words.parent_slot.parent for words in found.elements if words.parent_slot}
        found.click()  # on the button that holds the words
        await user.should_see("It finds: Search: maya · List: Spring leads")
    assert lists.one(world.db, saved).size == 30


async def test_no_filter_is_offered_to_be_changed_unless_one_was_opened(world: World, list_id: int) -> None:
    async with visitor(world) as user:
        for address in ("/contacts?search=maya", f"/contacts?search=maya&saved={list_id}"):
            await user.open(address)
            await table_of(user)
            await user.should_see("Save as list")
            await user.should_not_see("Save filter of")


async def test_a_list_is_made_renamed_and_deleted(world: World) -> None:
    async with visitor(world) as user:
        await user.open("/lists")
        await table_of(user)
        await press(user, "Create list")
        await user.should_see("List name")
        await type_into(user, "List name", " ")
        await press(user, "Create list")
        await user.should_see("Enter a name for the list.")
        await type_into(user, "List name", "VIPs")
        await press(user, "Create list")
        await until_async(lambda: lists.page(world.db, lists.Query()).total == 1)
        list_id = lists.page(world.db, lists.Query()).rows[0].id
        await user.open(f"/lists/{list_id}")
        await user.should_see("Nobody is on this list yet")
        await press(user, "Delete list")
        await user.should_see("The people on it stay contacts.")
        await press(user, "Delete list")
        await until_async(lambda: lists.page(world.db, lists.Query()).total == 0)


async def test_the_lists_table_tells_sizes_and_campaigns(world: World, list_id: int, actor: Actor) -> None:
    arrange.draft(world.db, actor, NOW, arrange.line(world.db, NOW), list_id)
    async with visitor(world) as user:
        await user.open("/lists")
        table = await table_of(user)
        cells = table.props["rows"][0]["cells"]
        assert (cells["size"]["text"], cells["campaigns"]["text"]) == ("30", "1")
        await user.open(f"/lists/{list_id}")
        assert len(names(await table_of(user))) == 25
        await user.should_see("30 contacts, used by 1 campaign, so it stays")
        [delete] = user.find(kind=ui.button, content="Delete list").elements
        assert not delete.enabled
