"""/audit: who changed what, and when."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from storage import audit
from storage.tables import AuditEntry
from ui.api import cursors
from ui.api.shapes import Cursor, Limit, Page
from ui.api.world import AtDesk

routes = APIRouter(tags=["Audit"])


class EntryShown(BaseModel):
    """One change; `before` and `after` hold only what changed."""

    id: int
    at: datetime
    user_id: int
    user: str
    address: str
    action: str
    kind: str
    object_id: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@routes.get("/audit", summary="List changes")
async def list_entries(desk: AtDesk, cursor: Cursor = None, limit: Limit = 100) -> Page[EntryShown]:
    """Newest first. Needs an admin's key."""
    start = cursors.number(cursor, cursors.LARGEST)
    rows = await desk.db.run(audit.before, desk.actor, start, limit + 1)
    return cursors.page(rows, limit, _entry, lambda row: cursors.write(row.id))


def _entry(row: AuditEntry) -> EntryShown:
    return EntryShown(
        id=row.id or 0,
        at=row.at,
        user_id=row.user_id,
        user=row.user_name,
        address=row.address,
        action=row.action,
        kind=row.kind,
        object_id=row.object_id,
        before=row.before,
        after=row.after,
    )
