"""/suppressions: the numbers never to text."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field

from storage import contacts, suppressions
from storage.tables import Suppression
from ui.api import cursors
from ui.api.shapes import Blank, Cursor, In, Limit, Name, Page
from ui.api.world import AtDesk

SOURCE = "api"

routes = APIRouter(tags=["Suppressions"])


class NewSuppression(In):
    """A number to put on the list."""

    phone: Name = Field(examples=["+12125550123"])
    reason: Name = Field("Added by API", examples=["Asked by phone"])


class LiftedSuppression(In):
    """A number to take off the list."""

    phone: Name = Field(examples=["+12125550123"])


class SuppressionShown(BaseModel):
    """A number that is never sent to."""

    phone: str
    reason: str
    source: str
    created_at: datetime


@routes.get("/suppressions", summary="List suppressed numbers")
async def list_suppressions(
    desk: AtDesk, cursor: Cursor = None, limit: Limit = 100
) -> Page[SuppressionShown]:
    """In the order of the numbers."""
    place = "" if cursor is None else str(cursors.read(cursor, (str,))[0])
    rows = await desk.db.run(suppressions.after, place, limit + 1)
    return cursors.page(rows, limit, _suppression, lambda row: cursors.write(row.phone))


@routes.post("/suppressions", status_code=201, summary="Suppress a number")
async def suppress(desk: AtDesk, body: NewSuppression) -> SuppressionShown:
    """Holds from the next claim on. A number that is on the list keeps its first reason."""
    await desk.db.run(contacts.suppress, desk.actor, body.phone, body.reason, SOURCE, desk.now)
    return _suppression(await desk.db.run(suppressions.of_number, body.phone))


@routes.delete("/suppressions", status_code=204, summary="Lift a suppression")
async def lift(
    desk: AtDesk,
    body: LiftedSuppression | None = None,
    phone: Annotated[str | None, Blank, Query(description="Instead of a body.")] = None,
) -> None:
    """Name the number in the body or in the query. Only with the person's new consent."""
    named = body.phone if body else phone
    if named is None:
        raise RequestValidationError([{"loc": ("query", "phone"), "msg": "Field required"}])
    await _lift(desk, named)


@routes.delete("/suppressions/{phone}", status_code=204, summary="Lift a suppression by its address")
async def lift_by_address(desk: AtDesk, phone: str) -> None:
    """The same with the number in the path."""
    await _lift(desk, phone)


async def _lift(desk: AtDesk, phone: str) -> None:
    # In an address an unescaped + means a space.
    number = f"+{phone[1:]}" if phone.startswith(" ") else phone
    await desk.db.run(suppressions.lift, desk.actor, number, desk.now)


def _suppression(row: Suppression) -> SuppressionShown:
    return SuppressionShown(phone=row.phone, reason=row.reason, source=row.source, created_at=row.created_at)
