"""Short links over HTTP: counts the click and leads on, without a session."""

import logging

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from domain.problems import Problem
from domain.short_links import is_program
from storage import short_links
from ui.world import World

log = logging.getLogger(__name__)

HEADERS = {
    "cache-control": "no-store",  # every click comes here
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
}


def router(world: World) -> APIRouter:
    """`GET /l/{code}`."""
    routes = APIRouter()

    async def follow(code: str, request: Request) -> Response:
        try:
            target = await world.db.run(short_links.target, code)
        except Problem as problem:
            return PlainTextResponse(problem.text, status_code=404, headers=HEADERS)
        if _is_click(request):
            try:
                await world.db.run(short_links.count, code, world.clock())
            except Exception:
                log.exception("a click could not be counted")  # whoever clicked still gets there
        return RedirectResponse(target, status_code=302, headers=HEADERS)

    routes.add_api_route(
        short_links.PATH + "{code}", follow, methods=["GET", "HEAD"], include_in_schema=False
    )
    return routes


def _is_click(request: Request) -> bool:
    """Whether a person asks; browsers that load ahead and programs that look at links don't count."""
    headers = request.headers
    if request.method != "GET" or "prefetch" in headers.get("sec-purpose", headers.get("purpose", "")):
        return False
    return not is_program(headers.get("user-agent", ""))
