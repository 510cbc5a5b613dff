"""The evidence of one person as a ZIP: an index to read, and a CSV file for each of its tables."""

import tempfile
import zipfile
from collections.abc import Iterator
from html import escape
from typing import IO

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from domain import access
from domain.access import Permission
from domain.problems import NotAllowed, NotFound
from domain.spreadsheets import Reader
from storage import audit_log, evidence
from storage.evidence import Evidence, Sheet
from ui.downloads import BOM, attachment, lines
from ui.formats import phone
from ui.world import World

CHUNK = 64 * 1024
IN_MEMORY = 4_000_000
"""Bytes of a pack up to which no file is needed."""

STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#1b1b1f}table{border-collapse:collapse}"
    "th,td{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top;"
    "white-space:pre-wrap;overflow-wrap:break-word}th{background:#f3f3f6;white-space:nowrap}"
    "h2{margin-top:2rem}"
)


def router(world: World) -> APIRouter:
    """`GET /contacts/{id}/evidence.zip`."""
    routes = APIRouter()

    async def pack(contact_id: int) -> Response:
        try:
            access.check(world.actor(), Permission.EDIT)
            found = await world.db.run(evidence.of_contact, contact_id, world.clock())
            await world.db.run(audit_log.note_export, world.actor(), "contact", contact_id, world.clock())
        except NotAllowed as problem:
            return PlainTextResponse(problem.text, status_code=403)
        except NotFound as problem:
            return PlainTextResponse(problem.text, status_code=404)
        name = f"evidence-{found.phone.lstrip('+')}-{found.gathered_at:%Y-%m-%d}.zip"
        return StreamingResponse(packed(found), media_type="application/zip", headers=attachment(name))

    routes.add_api_route(
        "/contacts/{contact_id:int}/evidence.zip", pack, methods=["GET"], include_in_schema=False
    )
    return routes


def packed(found: Evidence) -> Iterator[bytes]:
    """The ZIP's bytes, piece by piece."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        write(found, file)
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece


def write(found: Evidence, file: IO[bytes]) -> None:
    """Write the ZIP."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("index.html", index(found))
        for sheet in found.sheets:
            table = BOM + lines([sheet.heads, *sheet.rows], Reader.SPREADSHEETS)
            pack.writestr(f"{sheet.name}.csv", table)


def index(found: Evidence) -> str:
    """All tables on one page that any browser shows; what people wrote is shown as text, never as markup."""
    who = f"{found.name} · {phone(found.phone)}" if found.name else phone(found.phone)
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        f"<title>Evidence: {escape(who)}</title><style>{STYLE}</style>",
        f"<h1>Evidence: <bdi>{escape(who)}</bdi></h1>",
        f"<p>Gathered at {found.gathered_at:%Y-%m-%d %H:%M:%S} UTC. All times are in UTC. ",
        "Each table is also a CSV file beside this page.</p>",
        *(_table(sheet) for sheet in found.sheets),
        "</html>",
    ]
    return "".join(parts)


def _table(sheet: Sheet) -> str:
    title = f"<h2 id={sheet.name}>{escape(sheet.title)} ({len(sheet.rows)})</h2>"
    if not sheet.rows:
        return f"{title}<p>Nothing is recorded.</p>"
    heads = "".join(f"<th scope=col>{escape(head)}</th>" for head in sheet.heads)
    rows = "".join(
        "<tr>" + "".join(f"<td dir=auto>{escape(cell)}</td>" for cell in row) + "</tr>" for row in sheet.rows
    )
    return f"{title}<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
