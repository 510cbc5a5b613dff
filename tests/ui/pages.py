"""A world on a test's database, and somebody who visits its pages without a browser."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nicegui.testing.user import User
from nicegui.testing.user_simulation import user_simulation

from domain.access import Actor
from domain.carrier_kinds import KINDS
from storage.attachments import Files
from storage.database import Database
from tests.wait import until_async
from ui.app import Pages
from ui.live import Feed
from ui.web import pages
from ui.world import NO_CARRIERS, World

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def world_of(db: Database, actor: Actor, folder: Path) -> World:
    carriers = replace(NO_CARRIERS, kinds=tuple(KINDS))
    return World(
        db, lambda: NOW, Files(folder / "files"), lambda: actor, Feed(db), "s" * 32, carriers=carriers
    )


class Visitor(User):
    """Looks at a page for as long as a busy machine may need to draw it."""

    async def should_see(self, *what: Any, **how: Any) -> None:
        try:
            await until_async(lambda: self._sees(*what, **how))
        except AssertionError:
            await super().should_see(*what, **how, retries=1)  # which says what is there instead

    async def should_not_see(self, *what: Any, **how: Any) -> None:
        try:
            await until_async(lambda: not self._sees(*what, **how))
        except AssertionError:
            await super().should_not_see(*what, **how, retries=1)


@asynccontextmanager
async def shown(root: Callable[..., Any]) -> AsyncIterator[Visitor]:
    """Somebody who may look at what `root` draws."""
    async with user_simulation(root) as simulated:
        yield Visitor(simulated.http_client)


@asynccontextmanager
async def visitor(world: World) -> AsyncIterator[Visitor]:
    """A person whose browser is in New York."""
    routes = pages(world)
    async with shown(lambda: [Pages(routes), None][1]) as user:
        user.javascript_rules[re.compile("(?s).*Intl")] = lambda _: "America/New_York"
        yield user
