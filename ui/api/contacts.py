"""/contacts and /lists/{id}/contacts: people, as a search or a list finds them."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from storage import contact_grid, lists
from storage.tables import Contact
from ui.api import cursors
from ui.api.shapes import Blank, Cursor, Id, Limit, Name, Page
from ui.api.world import AtDesk, Desk

routes = APIRouter(tags=["Lists and contacts"])
Search = Annotated[
    Name | None, Blank, Query(description="Beginning of a name or an e-mail address, or a number.")
]


class ContactShown(BaseModel):
    """A person; `timezone` is theirs, or else their number's where it has just one."""

    id: int
    phone: str
    first_name: str
    last_name: str
    email: str
    timezone: str | None
    fields: dict[str, Any]
    invalid_reason: str | None
    created_at: datetime


@routes.get("/contacts", summary="List contacts")
async def list_contacts(
    desk: AtDesk, search: Search = None, cursor: Cursor = None, limit: Limit = 100
) -> Page[ContactShown]:
    """In the order in which they were added; a search finds numbers in any spelling."""
    return await _page(desk, contact_grid.Query(search=search or ""), cursor, limit)


@routes.get("/lists/{list_id}/contacts", summary="List the contacts on a list")
async def list_members(
    desk: AtDesk, list_id: Id, search: Search = None, cursor: Cursor = None, limit: Limit = 100
) -> Page[ContactShown]:
    """In the order in which they became contacts."""
    await desk.db.run(lists.one, list_id)
    return await _page(desk, contact_grid.Query(search=search or "", list_id=list_id), cursor, limit)


async def _page(desk: Desk, query: contact_grid.Query, cursor: str | None, limit: int) -> Page[ContactShown]:
    rows = await desk.db.run(contact_grid.after, query, cursors.number(cursor), limit + 1)
    return cursors.page(rows, limit, _contact, lambda row: cursors.write(row.id))


def _contact(row: Contact) -> ContactShown:
    return ContactShown(
        id=row.id or 0,
        phone=row.phone,
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        timezone=row.timezone or row.number_zone,
        fields=row.fields,
        invalid_reason=row.invalid_reason,
        created_at=row.created_at,
    )
