"""/lists: contact lists, and adding many people at once."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, FiniteFloat

from storage import contacts, directory
from storage.contacts import Entry
from storage.tables import ContactList
from ui.api import cursors
from ui.api.shapes import Cursor, In, Limit, Name, Page, String
from ui.api.world import AtDesk

MOST_CONTACTS = 10_000

routes = APIRouter(tags=["Lists and contacts"])


class NewList(In):
    """A list to make."""

    name: Name = Field(examples=["Spring leads"])


class ListShown(BaseModel):
    """A contact list; `size` is the number of its members."""

    id: int
    name: str
    size: int
    created_at: datetime


class NewContact(In):
    """A person to add, known by the number."""

    phone: String = Field(examples=["+12125550123"])
    first_name: Name | None = Field(None, examples=["Maya"])
    last_name: Name | None = None
    email: Name | None = None
    timezone: Name | None = Field(None, examples=["America/New_York"])
    fields: dict[String, String | int | bool | FiniteFloat | None] = Field(
        default_factory=dict, max_length=100, examples=[{"plan": "gold"}]
    )


class InvalidContact(BaseModel):
    """An entry that was not added; `index` counts from 0."""

    index: int
    phone: str
    reason: str


class AddedContacts(BaseModel):
    """What came of it: `added` are new to the list, `updated` were on it."""

    added: int
    updated: int
    invalid: list[InvalidContact]


@routes.post("/lists", status_code=201, summary="Make a contact list")
async def add_list(desk: AtDesk, body: NewList) -> ListShown:
    """The list is empty; its name must be new."""
    list_id = await desk.db.run(contacts.create_list, desk.actor, body.name, desk.now)
    return ListShown(id=list_id, name=body.name, size=0, created_at=desk.now)


@routes.get("/lists", summary="List contact lists")
async def list_lists(desk: AtDesk, cursor: Cursor = None, limit: Limit = 100) -> Page[ListShown]:
    """In the order in which they were made."""
    rows = await desk.db.run(directory.lists, cursors.number(cursor), limit + 1)
    return cursors.page(rows, limit, _list, lambda row: cursors.write(row.id))


@routes.post("/lists/{list_id}/contacts", summary="Add contacts to a list")
async def add_contacts(
    desk: AtDesk, list_id: int, body: Annotated[list[NewContact], Field(max_length=MOST_CONTACTS)]
) -> AddedContacts:
    """Up to 10,000 a call. Who is known by the number is updated; entries that can't be are reported."""
    entries = [
        Entry(
            item.phone,
            item.first_name or "",
            item.last_name or "",
            item.email or "",
            item.timezone,
            item.fields,
        )
        for item in body
    ]
    done = await desk.db.run(contacts.add, desk.actor, list_id, entries, desk.now)
    invalid = [InvalidContact(index=i.index, phone=i.phone, reason=i.reason) for i in done.invalid]
    return AddedContacts(added=done.added, updated=done.updated, invalid=invalid)


def _list(row: ContactList) -> ListShown:
    return ListShown(id=row.id or 0, name=row.name, size=row.size, created_at=row.created_at)
