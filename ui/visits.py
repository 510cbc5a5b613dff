"""Who is behind a page or a request: found by the session, and asked for again while the page is open.

A page stays alive over its socket, so somebody who was signed out elsewhere, or has another role now, would
go on seeing it. The watch sends such pages to the sign-in, or has them drawn anew, and ends them.
"""

import asyncio
import logging
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from nicegui import Client, ui
from nicegui.slot import Slot, get_task_id

from domain.access import Actor
from domain.sessions import SignedOut
from storage import living_sessions, sessions
from storage.database import Database
from ui import session_watch

log = logging.getLogger(__name__)

KEY = "sms.visit"
"""Under this name a request's scope holds its visit."""

SECONDS = 0.5
"""Between two looks at the sessions of open pages."""

OWNER_SECONDS = 0.25
"""How long the demo's owner is known: about as long as a page is drawn."""


@dataclass(slots=True, eq=False)
class Visit:
    """Somebody who is signed in, as a request and the page that it made know them."""

    actor: Actor
    acted: bool = False
    over: bool = False


class Halfway(SignedOut):
    """You are signed out. The code of your second step is still missing."""


current: ContextVar[Visit | None] = ContextVar("visit", default=None)
"""The visit of the request that is answered; pages have theirs with their client."""


class DemoOwner:
    """The demo's owner, as whom everybody acts there: a page asks many times, the database is asked once."""

    def __init__(self, read: Callable[[], Actor]) -> None:
        self._read = read
        self._known: Actor | None = None
        self._until = 0.0

    def __call__(self) -> Actor:
        """Who acts; what `read` raises comes through."""
        if self._known is None or monotonic() > self._until:
            self._known = self._read()
            self._until = monotonic() + OWNER_SECONDS
        return self._known


class Visits:
    """The visits of one process."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self.db, self.clock = db, clock
        self._task: asyncio.Task[None] | None = None
        self._noted_at: datetime | None = None

    def actor(self) -> Actor:
        """Who acts; raises `SignedOut`."""
        visit = _here()
        if visit is None or visit.over:
            raise SignedOut
        visit.acted = True
        return visit.actor

    async def begin(self, cookie: str, address: str) -> Visit:
        """The visit of who comes with that cookie; raises `SignedOut`."""
        found = await self.db.run(sessions.resume, cookie, self.clock(), address)
        if found.halfway:
            raise Halfway
        return Visit(found.actor)

    def start(self) -> None:
        """Begin to watch; called on the loop that serves the pages."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="visits")

    def stop(self) -> None:
        """Watch no more."""
        if self._task is not None:
            self._task.cancel()

    async def look(self) -> None:
        """End the pages of sessions that are over, or whose person is not who they were."""
        pages = [(client, visit) for client in list(Client.instances.values()) if (visit := _of(client))]
        for client in [client for client, visit in pages if visit.over]:
            client.delete()  # it was told to reload at the last look
        living = [(client, visit) for client, visit in pages if not visit.over]
        if not living:
            return
        await self._note([visit for _, visit in living])
        ids = {visit.actor.session_id or 0 for _, visit in living}
        alive = await self.db.run(sessions.alive, ids, self.clock())
        for client, visit in living:
            if alive.get(visit.actor.session_id or 0) != living_sessions.standing(visit.actor):
                visit.over = True
                session_watch.tell(client)

    async def _note(self, visits: list[Visit]) -> None:
        """Who works on a page that stays open is not idle."""
        now = self.clock()
        if self._noted_at is not None and timedelta() <= now - self._noted_at < sessions.NOTED_EVERY:
            return
        self._noted_at = now
        if acted := [visit for visit in visits if visit.acted]:
            await self.db.run(sessions.note, {visit.actor.session_id or 0 for visit in acted}, now)
        for visit in acted:
            visit.acted = False

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(SECONDS)
            try:
                await self.look()
            except Exception:
                log.exception("open sessions could not be looked at; it is tried again")


def _here() -> Visit | None:
    on_a_page = bool(Slot.stacks.get(get_task_id()))
    return _of(ui.context.client) if on_a_page else current.get()


def _of(client: Client) -> Visit | None:
    if client._request is None:
        return None
    found: Any = client.request.scope.get(KEY)
    return found if isinstance(found, Visit) else None
