"""/carriers: the accounts that messages are sent by. Secrets go in and never come out."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field, FiniteFloat

from storage import carriers, directory
from storage.tables import CarrierAccount
from ui.api import cursors
from ui.api.shapes import Cursor, Id, In, Limit, Name, Page, String
from ui.api.world import AtDesk, Desk

routes = APIRouter(tags=["Carriers and lines"])

Value = String | int | bool | FiniteFloat | None


class NewCarrier(In):
    """An account at a carrier."""

    name: Name = Field(examples=["Main account"])
    kind: Name = Field(examples=["sandbox"])
    settings: dict[String, Value] = Field(
        default_factory=dict, max_length=50, examples=[{"delay_seconds": 1}]
    )


class CarrierChange(In):
    """What is to change; what is left out stays."""

    name: Name | None = None
    settings: dict[String, Value] = Field(
        default_factory=dict,
        max_length=50,
        description="Only those that change; null takes one that is not required away. "
        "With another host in `base_url`, send the secrets again.",
    )


class Webhooks(BaseModel):
    """Where the carrier has to call."""

    status: str
    inbound: str


class Carrier(BaseModel):
    """An account at a carrier; secrets among its settings are never shown."""

    id: int
    name: str
    kind: str
    webhooks: Webhooks
    created_at: datetime


class CarrierInFull(Carrier):
    """An account with the settings that are no secret."""

    settings: dict[str, str]


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


@routes.get("/carriers/{carrier_id}", summary="Get a carrier account")
async def get_carrier(desk: AtDesk, carrier_id: Id) -> CarrierInFull:
    """Needs an admin's key."""
    found = await desk.db.run(carriers.account, desk.actor, carrier_id)
    return CarrierInFull(
        id=found.id,
        name=found.name,
        kind=found.kind,
        webhooks=_webhooks(desk, found.kind, found.token),
        created_at=found.created_at,
        settings=dict(found.settings),
    )


@routes.patch("/carriers/{carrier_id}", summary="Change a carrier account")
async def change_carrier(desk: AtDesk, carrier_id: Id, body: CarrierChange) -> CarrierInFull:
    """Needs an admin's key. New credentials count within seconds."""
    now = await desk.db.run(carriers.account, desk.actor, carrier_id)
    given = {name: "" if value is None else str(value) for name, value in body.settings.items()}
    name = now.name if body.name is None else body.name
    made = await desk.db.run(carriers.change_account, desk.actor, carrier_id, name, given, desk.now)
    return await get_carrier(desk, made.id or 0)


@routes.delete("/carriers/{carrier_id}", status_code=204, summary="Delete a carrier account")
async def delete_carrier(desk: AtDesk, carrier_id: Id) -> None:
    """Needs an admin's key; 409 while lines or received texts belong to it."""
    await desk.db.run(carriers.delete_account, desk.actor, carrier_id, desk.now)


def _carrier(desk: Desk, row: CarrierAccount) -> Carrier:
    hooks = _webhooks(desk, row.kind, row.token)
    return Carrier(id=row.id or 0, name=row.name, kind=row.kind, webhooks=hooks, created_at=row.created_at)


def _webhooks(desk: Desk, kind: str, token: str) -> Webhooks:
    address = desk.world.carriers.webhook
    return Webhooks(status=address(kind, token, "status"), inbound=address(kind, token, "inbound"))
