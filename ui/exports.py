"""Files to download, streamed: no export is ever whole in memory."""

import csv
import io
from collections.abc import Iterable, Iterator

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from domain.problems import NotAllowed
from domain.spreadsheets import harmless
from storage import audit_log, suppressions
from storage.database import Database
from ui.world import World

CSV = "text/csv; charset=utf-8"


def router(world: World) -> APIRouter:
    """`GET /suppressions/export.csv`."""
    routes = APIRouter()

    async def suppressed() -> Response:
        try:
            await world.db.run(audit_log.note_export, world.actor(), "suppression", 0, world.clock())
        except NotAllowed as problem:
            return PlainTextResponse(problem.text, status_code=403)
        name = f"suppressions-{world.clock():%Y-%m-%d}.csv"
        return StreamingResponse(_suppressions(world.db), media_type=CSV, headers=attachment(name))

    routes.add_api_route("/suppressions/export.csv", suppressed, methods=["GET"], include_in_schema=False)
    return routes


def attachment(name: str) -> dict[str, str]:
    """Headers of a file that is saved and not shown."""
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}


def lines(rows: Iterable[Iterable[str]]) -> str:
    """Rows as CSV; cells that a spreadsheet would take for formulas are made harmless."""
    text = io.StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _suppressions(db: Database) -> Iterator[str]:
    yield lines([("phone", "reason", "source", "since")])
    for chunk in suppressions.everybody(db):
        yield lines(
            (row.phone, row.reason, row.source, f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}") for row in chunk
        )
