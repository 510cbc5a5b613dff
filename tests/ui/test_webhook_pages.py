"""The log of an outgoing webhook as somebody has it open, and what is said once it was switched off."""

from pathlib import Path

import pytest
from nicegui import ui

from domain.access import Actor, Role
from domain.outgoing_webhooks import DEAD_AFTER, DEAD_TRIES, Kind
from storage import contacts, dead_webhooks, outgoing_webhooks
from storage.database import Database
from storage.outgoing_webhooks import Made
from tests import arrange
from tests.ui.pages import NOW, visitor, world_of
from tests.wait import until_async
from ui import webhook_banner
from ui.settings.call_log import Row
from ui.world import World

PHONES = arrange.numbers(DEAD_TRIES)


@pytest.fixture
def ada(sqlite_db: Database) -> Actor:
    made = arrange.person(sqlite_db, NOW)
    outgoing_webhooks.add(sqlite_db, made, "https://crm.example/in", [Kind.OPT_OUT], NOW)
    return made


@pytest.fixture
def world(sqlite_db: Database, ada: Actor, tmp_path: Path) -> World:
    return world_of(sqlite_db, ada, tmp_path)


def happens(db: Database, ada: Actor, count: int = 1) -> None:
    for phone in PHONES[:count]:
        contacts.suppress(db, ada, phone, "why", "team", NOW)


def fail(db: Database) -> None:
    """Let it fail for days."""
    for now in (NOW, NOW + DEAD_AFTER):
        claimed = outgoing_webhooks.claim(db, 50, now)
        outgoing_webhooks.record(db, [Made(one.id, False, now, 410) for one in claimed], now)


async def test_the_log_follows_the_calls_and_keeps_its_rows(world: World, ada: Actor) -> None:
    async with visitor(world) as user:
        await user.open("/settings/api/webhooks/1")
        await user.should_see("No call yet")
        await until_async(lambda: world.feed.viewers, what="the page's watching")
        happens(world.db, ada)
        await world.feed.look()
        await user.should_see("Waits, not tried yet")
        (row,) = user.find(Row).elements
        claimed = outgoing_webhooks.claim(world.db, 1, NOW)
        outgoing_webhooks.record(world.db, [Made(claimed[0].id, True, None, 204)], NOW)
        await world.feed.look()
        await user.should_see("Delivered, 1 try")
        assert user.find(Row).elements == {row}


async def test_the_list_of_addresses_follows_what_waits(world: World, ada: Actor) -> None:
    async with visitor(world) as user:
        await user.open("/settings/api")
        await user.should_see("Nothing waits")
        await until_async(lambda: world.feed.viewers, what="the page's watching")
        happens(world.db, ada, 2)
        await world.feed.look()
        await user.should_see("2 calls wait")


async def test_a_page_says_what_was_switched_off_and_switches_it_on_again(world: World, ada: Actor) -> None:
    happens(world.db, ada, DEAD_TRIES)
    fail(world.db)
    async with visitor(world) as user:
        await user.open("/settings/api")
        await user.should_see("Switched off")
        await user.open("/settings/api/webhooks/1")
        await user.should_see("Switch on again")
        await user.should_see("Not called any more: the address was switched off")
        user.find(kind=ui.button, content="Switch on again").click()
        await until_async(lambda: dead_webhooks.dead(world.db) == ())
        await user.should_see("Pause")


@pytest.mark.parametrize("role", Role)
async def test_administrators_are_told_above_every_page(
    sqlite_db: Database, ada: Actor, tmp_path: Path, role: Role
) -> None:
    happens(sqlite_db, ada, DEAD_TRIES)
    fail(sqlite_db)
    looking = world_of(sqlite_db, Actor(ada.user_id, ada.name, role), tmp_path)
    async with visitor(looking) as user:
        await user.open("/lists")
        assert user.client is not None
        with user.client:
            await webhook_banner.draw(looking)
        words = "The webhook to crm.example was switched off."
        if role is not Role.ADMIN:
            await user.should_not_see(words)
            return
        await user.should_see(words)
        await user.should_see("No call got through for 3 days. What happens meanwhile is not kept for it.")
        user.find("Switch on again").click()
        await until_async(lambda: dead_webhooks.dead(sqlite_db) == ())
        await user.should_not_see(words)
