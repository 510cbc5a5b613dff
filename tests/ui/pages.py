"""A world on a test's database, and somebody who visits its pages without a browser."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from nicegui.testing.user import User
from nicegui.testing.user_simulation import user_simulation

from domain.access import Actor
from storage.attachments import Files
from storage.database import Database
from ui.app import Pages
from ui.live import Feed
from ui.web import pages
from ui.world import World

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def world_of(db: Database, actor: Actor, folder: Path) -> World:
    return World(db, lambda: NOW, Files(folder / "files"), lambda: actor, Feed(db), "s" * 32)


@asynccontextmanager
async def visitor(world: World) -> AsyncIterator[User]:
    """A person whose browser is in New York."""
    routes = pages(world)
    async with user_simulation(lambda: [Pages(routes), None][1]) as user:
        user.javascript_rules[re.compile("(?s).*Intl")] = lambda _: "America/New_York"
        yield user
