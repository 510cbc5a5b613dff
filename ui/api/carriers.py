"""/carriers and /lines: what administrators set up before anything can be sent."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, FiniteFloat

from storage import carriers, directory
from storage.tables import CarrierAccount, Line
from ui.api import cursors
from ui.api.shapes import Cursor, Id, In, Limit, Name, Page, String
from ui.api.world import AtDesk, Desk

routes = APIRouter(tags=["Carriers and lines"])


class NewCarrier(In):
    """An account at a carrier."""

    name: Name = Field(examples=["Main account"])
    kind: Name = Field(examples=["sandbox"])
    settings: dict[String, String | int | bool | FiniteFloat | None] = Field(
        default_factory=dict, max_length=50, examples=[{"delay_seconds": 1}]
    )


class Webhooks(BaseModel):
    """Where the carrier has to call."""

    status: str
    inbound: str


class Carrier(BaseModel):
    """An account at a carrier; its settings hold credentials and are never shown."""

    id: int
    name: str
    kind: str
    webhooks: Webhooks
    created_at: datetime


class NewLine(In):
    """A number or sender ID to send from."""

    label: Name = Field(examples=["Main number"])
    number: Name = Field(examples=["+14155550100"])
    carrier_id: Id
    rate_per_second: Annotated[FiniteFloat, Field(gt=0, le=100_000)] | None = Field(
        None, description="Segments a second; null for no limit of its own.", examples=[10]
    )
    price_per_segment: Annotated[FiniteFloat, Field(ge=0, le=1_000)] | None = Field(
        None, description="In dollars.", examples=[0.0079]
    )
    daily_cap: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="Segments a day in UTC; null for no cap."
    )


class LineShown(BaseModel):
    """A line."""

    id: int
    label: str
    number: str
    carrier_id: int
    rate_per_second: float | None
    price_per_segment: float
    daily_cap: int | None
    blocked_reason: str | None
    created_at: datetime


@routes.post("/carriers", status_code=201, summary="Add a carrier account")
async def add_carrier(desk: AtDesk, body: NewCarrier) -> Carrier:
    """Needs an admin's key. `base_url` among the settings may point at a test double for any kind."""
    given = {name: value for name, value in body.settings.items() if value is not None}
    desk.world.carriers.check(body.kind, {name: str(value) for name, value in given.items()})
    made = await desk.db.run(carriers.create_account, desk.actor, body.name, body.kind, given, desk.now)
    return _carrier(desk, made)


@routes.get("/carriers", summary="List carrier accounts")
async def list_carriers(desk: AtDesk, cursor: Cursor = None, limit: Limit = 100) -> Page[Carrier]:
    """In the order in which they were made."""
    rows = await desk.db.run(directory.accounts, cursors.number(cursor), limit + 1)
    return cursors.page(rows, limit, lambda row: _carrier(desk, row), lambda row: cursors.write(row.id))


@routes.post("/lines", status_code=201, summary="Add a line")
async def add_line(desk: AtDesk, body: NewLine) -> LineShown:
    """Needs an admin's key. The number is a phone number, a short code or a name of 11 characters."""
    made = await desk.db.run(
        carriers.create_line,
        desk.actor,
        body.label,
        body.number,
        body.carrier_id,
        desk.now,
        rate=body.rate_per_second,
        price_micros=round((body.price_per_segment or 0) * carriers.MICROS),
        daily_cap=body.daily_cap,
    )
    return _line(made)


@routes.get("/lines", summary="List lines")
async def list_lines(desk: AtDesk, cursor: Cursor = None, limit: Limit = 100) -> Page[LineShown]:
    """In the order in which they were made."""
    rows = await desk.db.run(directory.lines, cursors.number(cursor), limit + 1)
    return cursors.page(rows, limit, _line, lambda row: cursors.write(row.id))


def _carrier(desk: Desk, row: CarrierAccount) -> Carrier:
    address = desk.world.carriers.webhook
    hooks = Webhooks(
        status=address(row.kind, row.token, "status"), inbound=address(row.kind, row.token, "inbound")
    )
    return Carrier(id=row.id or 0, name=row.name, kind=row.kind, webhooks=hooks, created_at=row.created_at)


def _line(row: Line) -> LineShown:
    return LineShown(
        id=row.id or 0,
        label=row.label,
        number=row.number,
        carrier_id=row.account_id,
        rate_per_second=row.rate,
        price_per_segment=row.price_micros / carriers.MICROS,
        daily_cap=row.daily_cap,
        blocked_reason=row.blocked_reason,
        created_at=row.created_at,
    )
