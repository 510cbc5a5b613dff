from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from nicegui import ui
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction

from domain.access import Role
from domain.holds import Cause
from storage import holds
from storage.database import Database
from tests import arrange
from tests.conftest import NOW
from tests.ui.pages import shown, world_of
from tests.wait import until_async
from ui import hold_banner, notices
from ui.world import World


@pytest.fixture
def admin(sqlite_db: Database, tmp_path: Path) -> World:
    return world_of(sqlite_db, arrange.person(sqlite_db, NOW), tmp_path)


def hold(db: Database) -> None:
    with db.write() as session:
        holds.place(session, Cause.COPIED, NOW)


@asynccontextmanager
async def visit(world: World) -> AsyncIterator[User]:
    async def root() -> None:
        notices.region()
        await hold_banner.draw(world)

    async with shown(root) as user:
        await user.open("/")
        yield user


async def test_where_nothing_is_held_there_is_no_banner(admin: World) -> None:
    async with visit(admin) as user:
        await user.should_not_see("Sending is held.")


async def test_an_administrator_releases_sending_after_a_question(admin: World) -> None:
    hold(admin.db)
    async with visit(admin) as user:
        await user.should_see("Sending is held.")
        await user.should_see("nothing sends from the old one")
        user.find(kind=ui.button, content=hold_banner.RELEASE).click()
        await user.should_see("Whatever is due goes out as soon as you release it.")
        assert holds.current(admin.db) is not None
        buttons = user.find(kind=ui.button, content=hold_banner.RELEASE).elements
        UserInteraction(user, {max(buttons, key=lambda button: button.id)}, None).click()
        await until_async(lambda: holds.current(admin.db) is None)
        await user.should_see("Sending is released.")
        await admin.feed.look()
        await user.should_not_see("Sending is held.")


async def test_others_are_told_who_can_release_it(sqlite_db: Database, tmp_path: Path) -> None:
    world = world_of(sqlite_db, arrange.person(sqlite_db, NOW, role=Role.MANAGER), tmp_path)
    hold(sqlite_db)
    async with visit(world) as user:
        await user.should_see("An administrator can release it.")
        await user.should_not_see(hold_banner.RELEASE)


async def test_it_comes_and_goes_while_the_page_is_open(admin: World) -> None:
    async with visit(admin) as user:
        hold(admin.db)
        await admin.feed.look()
        await user.should_see("Sending is held.")
        holds.release(admin.db, admin.actor(), NOW)
        await admin.feed.look()
        await user.should_not_see("Sending is held.")
