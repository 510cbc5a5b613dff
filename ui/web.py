"""Every page on its path, wired to the world that main hands down."""

import re
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI

from domain.access import Permission, allows
from domain.attachments import MAX_BYTES
from storage.found import campaign_exists
from ui import composer, details, hold_banner, media, results, sms_tab
from ui.api.app import create_api
from ui.api.world import ApiWorld
from ui.app import PageBuilder, create_app
from ui.settings import carrier_list, carrier_page, line_list, line_page
from ui.shell import Person
from ui.world import World

ADMINISTER = Permission.ADMINISTER
CAMPAIGN = re.compile(r"/campaigns/sms/([^/]+)")
UPLOAD_CAP = MAX_BYTES + 1_000_000
"""Bytes of one upload request: one file, with room for what the form adds."""


def web_app(world: World, public_url: str, routers: Sequence[APIRouter], lifespan: Any) -> FastAPI:
    """The FastAPI with all pages, the API and the other machine routes."""

    def person() -> Person:
        actor = world.actor()
        return Person(actor.name, "Demo" if world.demo else "", administers=allows(actor, ADMINISTER))

    async def known(path: str) -> bool:
        named = CAMPAIGN.match(path)
        if named is None or named[1] == "new":
            return True
        is_number = named[1].isascii() and named[1].isdecimal() and len(named[1]) < 19
        number = int(named[1]) if is_number else 0
        return await world.db.run(campaign_exists, number)

    return create_app(
        secret=world.secret,
        public_url=public_url,
        upload_cap=UPLOAD_CAP,
        person=person,
        pages=pages(world),
        routers=[*routers, media.router(world)],
        known=known,
        above=lambda: hold_banner.draw(world),
        api=create_api(ApiWorld(world.db, world.clock, world.files, world.carriers)),
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
        "/settings/carriers": carrier_list.page(world),
        "/settings/carriers/new": carrier_page.new_page(world),
        "/settings/carriers/{aid}": carrier_page.page(world),
        "/settings/lines": line_list.page(world),
        "/settings/lines/new": line_page.new_page(world),
        "/settings/lines/{lid}": line_page.page(world),
    }
