"""/exports/…: files to download, streamed: no file is ever whole in memory."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from domain.access import Actor
from domain.problems import NotAllowed, NotFound, Problem
from domain.spreadsheets import Reader, cell
from storage import audit_log, contact_export, exports
from storage.database import Database
from storage.exports import Coded, Part
from ui import contact_state, suppression_state, view_state
from ui.world import World

BOM = "\ufeff"
"""Tells spreadsheets that the file is Unicode."""

Read = Callable[[Any], Any]


def router(world: World) -> APIRouter:
    """Contacts, suppressions, results and an import's bad rows."""
    routes = APIRouter(prefix="/exports", include_in_schema=False)

    @routes.get("/contacts.csv")
    async def contacts(request: Request) -> Response:
        query = contact_state.read(request.query_params).query
        fields = await world.db.run(contact_export.fields, query)
        return await _answer(
            request,
            world,
            ("contact", 0),
            "contacts",
            (*contact_export.COLUMNS, *fields),
            lambda after: world.db.run(exports.contacts_part, world.actor(), query, fields, after),
        )

    @routes.get("/suppressions.csv")
    async def suppressions(request: Request) -> Response:
        state = suppression_state.read(request.query_params)

        def part(db: Database, actor: Actor, after: Any) -> Part:
            return exports.suppressions_part(db, actor, after, search=state.search, source=state.source)

        return await _answer(
            request,
            world,
            ("suppression", 0),
            "suppressions",
            exports.SUPPRESSION_COLUMNS,
            lambda after: world.db.run(part, world.actor(), after),
        )

    @routes.get("/results/{campaign_id}.csv")
    async def results(request: Request, campaign_id: str) -> Response:
        number = view_state.number(campaign_id) or 0
        return await _answer(
            request,
            world,
            ("campaign", number),
            f"campaign-{number}",
            exports.RESULT_COLUMNS,
            lambda after: world.db.run(exports.results_part, world.actor(), number, after, world.clock()),
        )

    @routes.get("/import-problems/{job_id}.csv")
    async def problems(request: Request, job_id: str) -> Response:
        actor, number = world.actor(), view_state.number(job_id) or 0
        rows = exports.import_problems(world.db, actor, number, world.imports)
        try:
            first = await asyncio.to_thread(next, rows, None)
            await world.db.run(audit_log.note_export, actor, "import", number, world.clock())
        except (Problem, OSError) as problem:
            return _refusal(problem if isinstance(problem, Problem) else NotFound())

        async def body() -> AsyncIterator[str]:
            part = first
            yield BOM
            while part is not None:
                yield lines(part, Reader.SPREADSHEETS)
                part = await asyncio.to_thread(next, rows, None)

        return _stream(body(), "rows-with-problems")

    return routes


async def _answer(
    request: Request, world: World, what: tuple[str, int], name: str, columns: tuple[str, ...], read: Read
) -> Response:
    """Stream part after part; the first is read before anything is answered, so a refusal has its status.

    The audit remembers `what` was taken.
    """
    reader = _reader(request.query_params)
    try:
        first: Part = await read(None)
        await world.db.run(audit_log.note_export, world.actor(), *what, world.clock())
    except Problem as problem:
        return _refusal(problem)

    async def body() -> AsyncIterator[str]:
        yield (BOM if reader is Reader.SPREADSHEETS else "") + lines([columns], reader)
        part = first
        while True:
            yield lines(part.rows, reader)
            if part.next is None:
                return
            part = await read(part.next)

    return _stream(body(), f"{name}-{world.clock():%Y-%m-%d}")


def _reader(parameters: Mapping[str, str]) -> Reader:
    wanted = parameters.get("for")
    return Reader.MACHINES if wanted == Reader.MACHINES else Reader.SPREADSHEETS


def _refusal(problem: Problem) -> Response:
    status = 403 if isinstance(problem, NotAllowed) else 404 if isinstance(problem, NotFound) else 422
    return PlainTextResponse(problem.text, status)


def _stream(body: AsyncIterator[str], name: str) -> Response:
    return StreamingResponse(body, media_type="text/csv; charset=utf-8", headers=attachment(f"{name}.csv"))


def attachment(name: str) -> dict[str, str]:
    """Headers of a file that is saved and not shown."""
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}


def lines(rows: Iterable[Sequence[object]], reader: Reader) -> str:
    """Rows as CSV; what is None is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell(_text(value, reader), reader) for value in row])
    return out.getvalue()


def _text(value: object, reader: Reader) -> str:
    """Times in UTC as each of the readers takes them for times, codes for the one and words for the other."""
    if isinstance(value, Coded):
        return value.words if reader is Reader.SPREADSHEETS else value.code
    if isinstance(value, datetime):
        at = value.astimezone(UTC)
        return (
            f"{at:%Y-%m-%d %H:%M:%S}" if reader is Reader.SPREADSHEETS else at.isoformat(timespec="seconds")
        )
    return "" if value is None else str(value)
