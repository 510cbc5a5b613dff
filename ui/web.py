"""Every page on its path, wired to the world that main hands down."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI

from domain.attachments import MAX_UPLOAD_BYTES
from domain.imports import MOST_BYTES
from storage import branding, carriers, contact_cards, line_settings
from storage import lists as contact_lists
from storage.database import Database
from storage.found import campaign_exists
from ui import (
    composer,
    contact,
    contacts,
    details,
    downloads,
    evidence_pack,
    hold_banner,
    import_page,
    inbox,
    list_page,
    lists,
    media,
    results,
    session_watch,
    short_links,
    sms_tab,
    suppressions,
    tour,
    webhook_banner,
)
from ui.api.app import create_api
from ui.api.world import ApiWorld
from ui.app import PageBuilder, create_app
from ui.entrance import links, sign_in
from ui.entrance.desk import Desk
from ui.settings import audit_export
from ui.settings import pages as settings
from ui.shell import Person
from ui.visits import Visits
from ui.world import World

NAMED: tuple[tuple[re.Pattern[str], Callable[[Database, int], bool]], ...] = (
    (re.compile(r"/campaigns/sms/([^/]+)"), campaign_exists),
    (re.compile(r"/contacts/([^/]+)"), contact_cards.exists),
    (re.compile(r"/lists/([^/]+)"), contact_lists.exists),
    (re.compile(r"/settings/carriers/([^/]+)"), carriers.exists),
    (re.compile(r"/settings/lines/([^/]+)"), line_settings.exists),
)
"""The paths that name something, and how to learn whether it exists."""

UPLOAD_CAP = max(MAX_UPLOAD_BYTES, MOST_BYTES) + 1_000_000
"""Bytes of one upload request: one file, with room for what the form adds."""


def web_app(
    world: World,
    public_url: str,
    routers: Sequence[APIRouter],
    lifespan: Any,
    visits: Visits | None = None,
) -> FastAPI:
    """The FastAPI with all pages, the API and the other machine routes.

    Where there are `visits`, one must be signed in.
    """
    desk = Desk(world, https=public_url.startswith("https://"))

    def person() -> Person:
        actor = world.actor()
        return Person(
            actor.name,
            "Demo" if world.demo else "",
            actor.user_id,
            administers=world.administers,
            signed_in=visits is not None,
            edits=world.edits,
            branding=branding.of(world.db),
        )

    async def known(path: str) -> bool:
        for pattern, exists in NAMED:
            named = pattern.match(path)
            if named is not None and named[1] not in ("new", "import"):
                is_number = named[1].isascii() and named[1].isdecimal() and len(named[1]) < 19
                return await world.db.run(exists, int(named[1]) if is_number else 0)
        return True

    async def above() -> None:
        await hold_banner.draw(world)
        await webhook_banner.draw(world)
        inbox.follow_unread(world)
        await tour.offer(world)

    return create_app(
        public_url=public_url,
        upload_cap=UPLOAD_CAP,
        person=person,
        pages=pages(world),
        routers=[
            *routers,
            media.router(world),
            short_links.router(world),
            downloads.router(world),
            evidence_pack.router(world),
            audit_export.router(world),
            session_watch.router(),
            sign_in.router(desk),
            links.router(desk),
        ],
        known=known,
        above=above,
        api=create_api(ApiWorld(world.db, world.clock, world.files, world.carriers, world.demo)),
        visits=visits,
        lifespan=lifespan,
    )


def pages(world: World) -> dict[str, PageBuilder]:
    """Path → builder; the first match wins, so fixed paths stand before patterns."""
    return {
        "/campaigns/sms": sms_tab.page(world),
        "/campaigns/sms/new": details.new_page(world),
        "/campaigns/sms/{cid}/details": details.page(world),
        "/campaigns/sms/{cid}/messages": composer.page(world),
        "/campaigns/sms/{cid}": results.page(world),
        **settings.pages(world),
        "/inbox": inbox.page(world),
        "/suppressions": suppressions.page(world),
        "/contacts": contacts.page(world),
        "/contacts/import": import_page.page(world),
        "/contacts/{contact_id}": contact.page(world),
        "/lists": lists.page(world),
        "/lists/{list_id}": list_page.page(world),
    }
