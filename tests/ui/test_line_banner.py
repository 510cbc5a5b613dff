"""The banner about blocked lines, on the pages of those who wait for them."""

from pathlib import Path

import pytest

from domain.access import Actor, Role
from storage import campaigns, line_holds, line_settings, line_troubles
from storage.database import Database
from storage.tables import CarrierAccount
from tests import arrange
from tests.ui.pages import NOW, visitor, world_of
from tests.wait import until_async
from ui.world import World


@pytest.fixture
def actor(sqlite_db: Database) -> Actor:
    return arrange.person(sqlite_db, NOW)


@pytest.fixture
def world(sqlite_db: Database, actor: Actor, tmp_path: Path) -> World:
    return world_of(sqlite_db, actor, tmp_path)


@pytest.fixture
def campaign_id(sqlite_db: Database, actor: Actor) -> int:
    """A scheduled campaign on a line at Twilio."""
    line_id = arrange.line(sqlite_db, NOW)
    with sqlite_db.write() as session:
        session.get_one(CarrierAccount, 1).kind = "twilio"
    list_id = arrange.contact_list(sqlite_db, actor, NOW, arrange.numbers(3))
    made = arrange.draft(sqlite_db, actor, NOW, line_id, list_id)
    campaigns.schedule(sqlite_db, actor, made, NOW)
    return made


def block(db: Database, code: str = "30034", reason: str = "HTTP status 403") -> None:
    line_holds.block(db, 1, reason, code, NOW)


async def test_a_blocked_line_is_said_on_the_tab_and_on_the_results(
    world: World, sqlite_db: Database, campaign_id: int
) -> None:
    block(sqlite_db)
    async with visitor(world) as user:
        for path in ("/campaigns/sms", f"/campaigns/sms/{campaign_id}"):
            await user.open(path)
            await user.should_see("Main number is blocked.")
            await user.should_see("The line is not registered for US texting. Finish the registration")
            await user.should_see("Nothing is lost")
            await user.should_see("Line settings")


async def test_an_administrator_opens_it_there(world: World, sqlite_db: Database, campaign_id: int) -> None:
    block(sqlite_db)
    async with visitor(world) as user:
        await user.open(f"/campaigns/sms/{campaign_id}")
        await user.should_see("Main number is blocked.")
        user.find("Unblock").click()
        await until_async(lambda: line_settings.one(sqlite_db, 1).blocked_reason is None)
        await world.feed.look()
        await user.should_not_see("Main number is blocked.")


@pytest.mark.usefixtures("campaign_id")
async def test_it_comes_and_goes_while_the_page_is_open(world: World, sqlite_db: Database) -> None:
    async with visitor(world) as user:
        await user.open("/campaigns/sms")
        await user.should_see("Create New Campaign")
        await user.should_not_see("is blocked.")
        await until_async(lambda: world.feed.viewers >= 2, what="the page's watching")
        block(sqlite_db)
        await world.feed.look()
        await user.should_see("Main number is blocked.")


@pytest.mark.usefixtures("campaign_id")
async def test_who_may_not_open_it_is_told_who_may(sqlite_db: Database, tmp_path: Path) -> None:
    block(sqlite_db)
    other = arrange.person(sqlite_db, NOW, "Bo Lind", Role.MANAGER)
    async with visitor(world_of(sqlite_db, other, tmp_path)) as user:
        await user.open("/campaigns/sms")
        await user.should_see("An administrator can open it again.")
        await user.should_not_see("Unblock")


@pytest.mark.usefixtures("campaign_id")
def test_what_is_said(sqlite_db: Database, actor: Actor) -> None:
    block(sqlite_db, code="20003")
    [found] = line_troubles.blocked(sqlite_db)
    assert found.title == "The carrier did not accept our sign-in"
    assert "Ask an administrator" in found.advice
    block(sqlite_db, code="", reason="The credentials were lost.")
    [found] = line_troubles.blocked(sqlite_db)
    assert (found.title, found.advice) == ("The credentials were lost.", line_troubles.CHECK)
    line_settings.hold(sqlite_db, actor, 1, NOW)
    [found] = line_troubles.blocked(sqlite_db)
    assert (found.title, found.advice) == ("Ada Park paused this line.", line_troubles.HELD)
    assert found.by_person


def test_a_line_that_nobody_waits_for_is_not_worth_a_banner(sqlite_db: Database) -> None:
    arrange.line(sqlite_db, NOW)
    block(sqlite_db)
    assert line_troubles.blocked(sqlite_db) == ()
