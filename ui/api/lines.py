"""/lines: the numbers and sender IDs that messages are sent from."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, FiniteFloat

from domain.line_kinds import LineKind
from domain.line_settings import MICROS, LineSettings
from storage import directory, line_settings
from storage.tables import Line
from ui.api import cursors
from ui.api.shapes import Cursor, Id, In, Limit, Name, Page, ZoneName
from ui.api.world import AtDesk

routes = APIRouter(tags=["Carriers and lines"])

Rate = Annotated[
    FiniteFloat | None,
    Field(gt=0, le=100_000, description="Segments a second; null for no limit of its own.", examples=[10]),
]
Price = Annotated[
    FiniteFloat | None, Field(ge=0, le=1_000, description="In dollars a segment.", examples=[0.0079])
]
Cap = Annotated[int | None, Field(ge=1, le=2**31 - 1)]
People = Annotated[
    list[Id] | None,
    Field(max_length=10_000, description="Who may send from it, by user id; null for everyone."),
]
_MINUTE = "Segments in any sixty seconds; null for no cap."
_DAY = "Segments a day; null for no cap."
_ZONE = "Where the day of the daily cap begins."


class NewLine(In):
    """A number or sender ID to send from."""

    label: Name = Field(examples=["Main number"])
    number: Name = Field(examples=["+14155550100"])
    carrier_id: Id
    kind: LineKind | None = Field(None, description="Left out: what the number looks like.")
    rate_per_second: Rate = None
    price_per_segment: Price = None
    minute_cap: Cap = Field(None, description=_MINUTE)
    daily_cap: Cap = Field(None, description=_DAY)
    day_zone: ZoneName = Field("UTC", description=_ZONE)
    people: People = None


class LineChange(In):
    """What is to change; what is left out stays."""

    label: Name | None = None
    number: Name | None = None
    carrier_id: Id | None = None
    kind: LineKind | None = None
    rate_per_second: Rate = None
    price_per_segment: Price = None
    minute_cap: Cap = Field(None, description=_MINUTE)
    daily_cap: Cap = Field(None, description=_DAY)
    day_zone: ZoneName | None = Field(None, description=_ZONE)
    people: People = None
    blocked: bool | None = Field(None, description="true lets nothing be sent from it; false opens it again.")


class LineShown(BaseModel):
    """A line."""

    id: int
    label: str
    number: str
    carrier_id: int
    kind: LineKind
    rate_per_second: float | None
    price_per_segment: float
    minute_cap: int | None
    daily_cap: int | None
    day_zone: str
    restricted: bool
    blocked_reason: str | None
    created_at: datetime


@routes.post("/lines", status_code=201, summary="Add a line")
async def add_line(desk: AtDesk, body: NewLine) -> LineShown:
    """Needs an admin's key. The number is a phone number, a short code or a name of 11 characters."""
    given = LineSettings(**_given(body.model_dump()))
    return _line(await desk.db.run(line_settings.create, desk.actor, given, desk.now))


@routes.get("/lines", summary="List lines")
async def list_lines(desk: AtDesk, cursor: Cursor = None, limit: Limit = 100) -> Page[LineShown]:
    """In the order in which they were made."""
    rows = await desk.db.run(directory.lines, cursors.number(cursor), limit + 1)
    return cursors.page(rows, limit, _line, lambda row: cursors.write(row.id))


@routes.get("/lines/{line_id}", summary="Get a line")
async def get_line(desk: AtDesk, line_id: Id) -> LineShown:
    """With why it is blocked, if it is."""
    return _line(await desk.db.run(line_settings.one, line_id))


@routes.patch("/lines/{line_id}", summary="Change a line")
async def change_line(desk: AtDesk, line_id: Id, body: LineChange) -> LineShown:
    """Needs an admin's key. New limits count from the next claim on."""
    changes = _given(body.model_dump(exclude_unset=True))
    if changes:
        await desk.db.run(line_settings.alter, desk.actor, line_id, changes, desk.now)
    if body.blocked is not None:
        verb = line_settings.hold if body.blocked else line_settings.unblock
        await desk.db.run(verb, desk.actor, line_id, desk.now)
    return _line(await desk.db.run(line_settings.one, line_id))


@routes.delete("/lines/{line_id}", status_code=204, summary="Delete a line")
async def delete_line(desk: AtDesk, line_id: Id) -> None:
    """Needs an admin's key; 409 when any campaign has it."""
    await desk.db.run(line_settings.delete, desk.actor, line_id, desk.now)


_OWN_NAMES = {"carrier_id": "account_id", "rate_per_second": "rate"}
_NEVER_NULL = frozenset({"label", "number", "carrier_id", "kind", "day_zone"})


def _given(body: dict[str, Any]) -> dict[str, Any]:
    """The body's fields as the line's settings are called."""
    values = {
        _OWN_NAMES.get(name, name): value
        for name, value in body.items()
        if name not in ("blocked", "people", "price_per_segment")
        and not (name in _NEVER_NULL and value is None)
    }
    if "price_per_segment" in body:
        values["price_micros"] = round((body["price_per_segment"] or 0) * MICROS)
    if "people" in body:
        values["restricted"] = body["people"] is not None
        values["people"] = frozenset(body["people"] or ())
    return values


def _line(row: Line) -> LineShown:
    return LineShown(
        id=row.id or 0,
        label=row.label,
        number=row.number,
        carrier_id=row.account_id,
        kind=row.kind,
        rate_per_second=row.rate,
        price_per_segment=row.price_micros / MICROS,
        minute_cap=row.minute_cap,
        daily_cap=row.daily_cap,
        day_zone=row.day_zone,
        restricted=row.restricted,
        blocked_reason=row.blocked_reason,
        created_at=row.created_at,
    )
