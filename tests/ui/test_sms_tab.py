from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nicegui.testing.user import User

from domain.access import Actor
from storage import campaigns, grid
from storage.database import Database
from tests import arrange
from tests.ui.pages import NOW, visitor, world_of
from tests.wait import until_async
from ui.campaign_table import CampaignTable
from ui.filters import Filters
from ui.tags import Tag
from ui.world import World


@pytest.fixture
def actor(sqlite_db: Database) -> Actor:
    return arrange.person(sqlite_db, NOW)


@pytest.fixture
def world(sqlite_db: Database, actor: Actor, tmp_path: Path) -> World:
    return world_of(sqlite_db, actor, tmp_path)


@pytest.fixture
def ids(sqlite_db: Database, actor: Actor) -> list[int]:
    line_id = arrange.line(sqlite_db, NOW)
    list_id = arrange.contact_list(sqlite_db, actor, NOW, arrange.numbers(3))
    return [
        arrange.draft(
            sqlite_db, actor, NOW, line_id, list_id, name=f"Campaign {n:02}", first=NOW + timedelta(days=n)
        )
        for n in range(1, 31)
    ]


def one(user: User, kind: type[Any]) -> Any:
    return next(iter(user.find(kind).elements))


async def table_of(user: User) -> CampaignTable:
    table: CampaignTable = one(user, CampaignTable)
    await until_async(lambda: not table.props["loading"])
    return table


def names(table: CampaignTable) -> list[str]:
    return [row["name"] for row in table.props["rows"]]


async def test_the_latest_start_comes_first_and_the_rest_is_on_the_next_page(
    world: World, ids: list[int]
) -> None:
    async with visitor(world) as user:
        await user.open("/campaigns/sms")
        table = await table_of(user)
        assert names(table)[0] == "Campaign 30"
        assert len(names(table)) == 25
        await user.should_see("30 campaigns")
        await user.should_see("1–25 of 30")


async def test_an_address_brings_search_sort_and_page_back(world: World, ids: list[int]) -> None:
    async with visitor(world) as user:
        await user.open("/campaigns/sms?search=campaign%200&sort=name&page=7")
        assert names(await table_of(user)) == [f"Campaign {n:02}" for n in (*range(1, 11), 20, 30)]
        await user.should_see("12 campaigns")


async def test_days_are_meant_in_the_browsers_zone(world: World, ids: list[int]) -> None:
    async with visitor(world) as user:
        await user.open("/campaigns/sms?from=2026-11-25&to=2026-11-26")
        assert names(await table_of(user)) == ["Campaign 03", "Campaign 02"]


async def test_a_wrong_day_is_explained_and_stays(world: World, ids: list[int]) -> None:
    async with visitor(world) as user:
        await user.open("/campaigns/sms?from=2026-11-31")
        await user.should_see("2026-11-31 is not in the calendar")
        assert one(user, Filters).state.first_day == "2026-11-31"


async def test_an_archived_campaign_is_hidden_until_it_is_asked_for(
    world: World, sqlite_db: Database, actor: Actor, ids: list[int]
) -> None:
    campaigns.archive(sqlite_db, actor, ids[0], NOW)
    async with visitor(world) as user:
        await user.open("/campaigns/sms")
        await user.should_see("29 campaigns")
        await user.open("/campaigns/sms?status=archived")
        assert names(await table_of(user)) == ["Campaign 01"]


async def test_a_workspace_without_campaigns_says_how_to_begin(world: World) -> None:
    async with visitor(world) as user:
        await user.open("/campaigns/sms")
        await user.should_see("Your first campaign starts here")
        await user.should_not_see(Filters)


async def test_when_nothing_matches_the_filters_can_be_cleared(world: World, ids: list[int]) -> None:
    async with visitor(world) as user:
        await user.open("/campaigns/sms?search=nothing+like+it")
        await user.should_see("No campaigns match")
        user.find("Clear filters").click()
        await user.should_see("30 campaigns")
        await user.should_not_see("No campaigns match")


async def test_a_change_elsewhere_shows_in_the_row_alone(
    world: World, sqlite_db: Database, actor: Actor, ids: list[int]
) -> None:
    async with visitor(world) as user:
        await user.open("/campaigns/sms")
        table = await table_of(user)
        rows = table.props["rows"]
        campaigns.schedule(sqlite_db, actor, ids[-1], NOW)
        await world.feed.look()
        assert {row["word"] for row in table.props["live"].values()} == {"Scheduled", "Draft"}
        assert table.props["live"][ids[-1]]["word"] == "Scheduled"
        assert table.props["rows"] is rows


async def test_a_campaign_that_is_deleted_elsewhere_leaves_the_table(
    world: World, sqlite_db: Database, actor: Actor, ids: list[int]
) -> None:
    async with visitor(world) as user:
        await user.open("/campaigns/sms")
        table = await table_of(user)
        campaigns.delete(sqlite_db, actor, ids[-1], NOW)
        await world.feed.look()
        await until_async(lambda: names(table)[0] == "Campaign 29")


async def test_a_made_up_row_or_action_does_nothing(
    world: World, sqlite_db: Database, ids: list[int]
) -> None:
    async with visitor(world) as user:
        await user.open("/campaigns/sms")
        table = await table_of(user)
        listener = next(one for one in table._event_listeners.values() if one.type == "act")
        for forged in ({"id": 999_999, "name": "Delete Campaign"}, {"id": ids[-1], "name": "Format disk"}):
            table._handle_event({"listener_id": listener.id, "args": forged})
    assert grid.page(sqlite_db, grid.Query(), NOW).total == 30


async def test_the_menu_holds_what_the_status_allows(world: World, ids: list[int]) -> None:
    async with visitor(world) as user:
        await user.open("/campaigns/sms")
        row = (await table_of(user)).props["rows"][0]
    assert [action["name"] for action in row["actions"]] == [
        "Edit Campaign",
        "Clone Campaign",
        "Archive Campaign",
        "Delete Campaign",
    ]
    assert row["view"] is None
    assert row["href"] == f"/campaigns/sms/{ids[-1]}/details"


async def test_the_tab_is_named(world: World, ids: list[int]) -> None:
    async with visitor(world) as user:
        await user.open("/campaigns/sms")
        tabs = [tag for tag in user.find(Tag).elements if tag.props.get("role") == "tab"]
        assert [tab.text for tab in tabs] == ["SMS"]
