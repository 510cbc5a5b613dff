"""The API as one app behind its door; `ui.app` serves it under /api."""

from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Security
from fastapi.responses import HTMLResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from starlette.types import ASGIApp

from ui.api import (
    attachments,
    audit,
    campaigns,
    carriers,
    consents,
    contacts,
    examples,
    inbound,
    lines,
    lists,
    messages,
    problems,
    reference,
    results,
    suppressions,
    transitions,
    webhooks,
)
from ui.api.door import Door
from ui.api.world import ApiWorld, desk

VERSION = "/v1"
ROOMS = (
    carriers,
    lines,
    lists,
    contacts,
    campaigns,
    messages,
    transitions,
    attachments,
    results,
    suppressions,
    consents,
    inbound,
    webhooks,
    audit,
)
INTRODUCTION = """Send `Authorization: Bearer KEY` with every request; make a key with
`python main.py create-api-key --name NAME --role admin|manager|viewer`.

Lists come in pages: ask for the next one with `cursor`, until `next` is null.

A POST with an `Idempotency-Key` is carried out once in 24 hours; a repetition gets the same answer, with the
header `Idempotent-Replay: true`.

Each answer says in `RateLimit` how many requests are left (`r`) and in how many seconds all are back (`t`).

Times are instants in ISO 8601, with their offset."""


class ProblemDocument(BaseModel):
    """An error (RFC 9457); `code` is its name for programs, `detail` says what to do."""

    type: str
    title: str
    status: int
    detail: str
    code: str


class Api(FastAPI):
    """The app, whose document has an example of everything."""

    def openapi(self) -> dict[str, Any]:
        """The document."""
        return examples.illustrate(super().openapi())


def create_api(world: ApiWorld) -> ASGIApp:
    """The app for /api: version 1, its reference and its OpenAPI document."""
    return Door(_app(), world)


@cache
def _app() -> FastAPI:
    """All but the world, which each request is given by the door: to wire it takes a while."""
    app = Api(
        title="SMS Campaigns API",
        version="1",
        description=INTRODUCTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    bearer = HTTPBearer(auto_error=False, description="An API key: sck_…")
    routes = APIRouter(prefix=VERSION, dependencies=[Security(bearer), Security(desk)], responses=_errors())
    for room in ROOMS:
        routes.include_router(room.routes)
    app.include_router(routes)
    page: list[str] = []

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        """The reference as a page that needs nothing from elsewhere."""
        if not page:
            page.append(reference.page(app.openapi()))
        return HTMLResponse(page[0])

    return app


def _errors() -> dict[int | str, dict[str, Any]]:
    words = {
        401: "The key is missing or not valid.",
        403: "The key's role does not allow this.",
        404: "It does not exist.",
        409: "Its state does not allow this, or a request with this Idempotency-Key is under way.",
        422: "A value is not valid, or breaks a rule.",
        429: "Too many requests; `Retry-After` says for how many seconds to wait.",
    }
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    return {
        status: {
            "description": text,
            "model": ProblemDocument,
            "content": {problems.MEDIA_TYPE: {"schema": schema}},
        }
        for status, text in words.items()
    }
