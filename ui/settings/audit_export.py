"""/exports/audit.csv: the audit as a file, streamed."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from domain.problems import NotAllowed
from domain.spreadsheets import Reader
from storage import audit_log
from storage.audit_log import COLUMNS, Entry
from ui.downloads import BOM, attachment, lines
from ui.settings.audit_state import EXPORT, read
from ui.world import World


def router(world: World) -> APIRouter:
    """The one route; that the file was taken is an entry itself."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(EXPORT)
    async def audit(request: Request) -> Response:
        filters = read(request.query_params).filters(request.query_params.get("zone", "UTC"))
        try:
            actor = world.actor()
            first = await world.db.run(audit_log.part, actor, filters, None)
            await world.db.run(audit_log.note_export, actor, "audit", 0, world.clock())
        except NotAllowed as problem:
            return PlainTextResponse(problem.text, status_code=403)

        async def body() -> AsyncIterator[str]:
            yield BOM + lines([COLUMNS], Reader.SPREADSHEETS)
            part = first
            while part:
                yield lines(map(_cells, part), Reader.SPREADSHEETS)
                part = await world.db.run(audit_log.part, actor, filters, part[-1].id)

        name = f"audit-{world.clock():%Y-%m-%d}.csv"
        return StreamingResponse(body(), media_type="text/csv; charset=utf-8", headers=attachment(name))

    return routes


def _cells(entry: Entry) -> tuple[str, ...]:
    return (
        f"{entry.at:%Y-%m-%dT%H:%M:%SZ}",
        entry.who,
        entry.action,
        entry.kind,
        str(entry.object_id),
        _json(entry.before),
        _json(entry.after),
        entry.address,
    )


def _json(value: Mapping[str, Any] | None) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""
