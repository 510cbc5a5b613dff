"""Attachments over HTTP: a signed link opens one file, for thumbnails here and for carriers."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import FileResponse, PlainTextResponse, Response

from domain import media
from domain.problems import Problem
from storage import attachments
from ui.world import World

HEADERS = {"cache-control": "private, max-age=86400", "x-content-type-options": "nosniff"}


def router(world: World) -> APIRouter:
    """`GET /media/{token}`."""
    routes = APIRouter()

    async def file(token: str) -> Response:
        try:
            attachment_id = media.read(world.secret, token, world.clock())
            kept = await world.db.run(attachments.stored, attachment_id)
        except Problem as problem:
            return PlainTextResponse(problem.text, status_code=404)
        path = world.files.path(kept.stored_name)
        if not path.is_file():
            return PlainTextResponse(attachments.AttachmentNotFound().text, status_code=404)
        return FileResponse(
            path,
            media_type=kept.content_type,
            filename=kept.filename,
            content_disposition_type="inline",
            headers=HEADERS,
        )

    routes.add_api_route("/media/{token}", file, methods=["GET", "HEAD"], include_in_schema=False)
    return routes


def link(world: World, attachment_id: int) -> str:
    """An address for a thumbnail; the same all day, so that browsers keep the picture."""
    return f"/media/{media.token(world.secret, attachment_id, _until(world.clock()))}"


def _until(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
