"""/webhooks: addresses elsewhere that are told of events, and the log of the calls to them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from domain.outgoing_webhooks import CallState, Kind
from storage import outgoing_webhooks
from storage.outgoing_webhooks import Webhook
from storage.tables import WebhookCall
from ui.api import cursors
from ui.api.shapes import Cursor, Id, In, Limit, Name, Page
from ui.api.world import AtDesk

routes = APIRouter(tags=["Webhooks"])
CallId = Annotated[int, Path(ge=1, le=cursors.LARGEST_DELIVERY)]


class NewWebhook(In):
    """An address that is to be told of events."""

    url: Name = Field(examples=["https://example.com/sms-events"])
    kinds: list[Kind] = Field(min_length=1, max_length=len(Kind), examples=[[Kind.CAMPAIGN.value]])


class WebhookShown(BaseModel):
    """An address, and how many of its calls wait or failed for good."""

    id: int
    url: str
    kinds: list[Kind]
    active: bool
    waiting: int
    failed: int
    created_at: datetime
    switched_off_at: datetime | None
    switched_off_why: str | None


class WebhookMade(BaseModel):
    """A new one; `secret` checks the signatures and is shown this once."""

    id: int
    secret: str


class WebhookChange(In):
    """What is to change."""

    active: bool


class CallShown(BaseModel):
    """One event on its way to one address; `event_id` is the same at every try."""

    id: int
    event_id: str
    kind: Kind
    state: CallState
    attempts: int
    status: int | None
    detail: str
    created_at: datetime
    finished_at: datetime | None


@routes.get("/webhooks", summary="List outgoing webhooks")
async def list_webhooks(desk: AtDesk) -> list[WebhookShown]:
    """All of them. Needs an admin's key, like everything about webhooks."""
    return [_webhook(one) for one in await desk.db.run(outgoing_webhooks.listed, desk.actor)]


@routes.post("/webhooks", status_code=201, summary="Add an outgoing webhook")
async def add_webhook(desk: AtDesk, body: NewWebhook) -> WebhookMade:
    """Calls are signed as Standard Webhooks says. Only public https:// addresses are called."""
    kinds = [kind.value for kind in body.kinds]
    number, secret = await desk.db.run(
        outgoing_webhooks.add, desk.actor, body.url, kinds, desk.now, local=desk.world.demo
    )
    return WebhookMade(id=number, secret=secret)


@routes.patch("/webhooks/{webhook_id}", status_code=204, summary="Pause or resume an outgoing webhook")
async def change_webhook(desk: AtDesk, webhook_id: Id, body: WebhookChange) -> None:
    """While it is paused nothing is written down for it; calls that wait are made later.

    One that no call reached for three days was switched off by itself; `true` switches it on again.
    """
    await desk.db.run(outgoing_webhooks.switch, desk.actor, webhook_id, body.active, desk.now)


@routes.delete("/webhooks/{webhook_id}", status_code=204, summary="Remove an outgoing webhook")
async def remove_webhook(desk: AtDesk, webhook_id: Id) -> None:
    """With the calls that wait and its log."""
    await desk.db.run(outgoing_webhooks.remove, desk.actor, webhook_id, desk.now)


@routes.get("/webhooks/{webhook_id}/calls", summary="List the calls of an outgoing webhook")
async def list_calls(
    desk: AtDesk, webhook_id: Id, cursor: Cursor = None, limit: Limit = 100
) -> Page[CallShown]:
    """Newest first; finished ones stay for 30 days."""
    largest = cursors.LARGEST_DELIVERY
    start = int(cursors.read(cursor, (int,), largest=largest)[0] or 0) if cursor else largest
    rows = await desk.db.run(outgoing_webhooks.calls, desk.actor, webhook_id, limit + 1, start)
    return cursors.page(rows, limit, _call, lambda row: cursors.write(row.id))


@routes.post("/webhooks/calls/{call_id}/replay", status_code=204, summary="Make a call again")
async def replay(desk: AtDesk, call_id: CallId) -> None:
    """With the same event id, whatever came of it before."""
    await desk.db.run(outgoing_webhooks.replay, desk.actor, call_id, desk.now)


def _webhook(one: Webhook) -> WebhookShown:
    return WebhookShown(
        id=one.id,
        url=one.url,
        kinds=[Kind(kind) for kind in one.kinds],
        active=one.active,
        waiting=one.waiting,
        failed=one.failed,
        created_at=one.created_at,
        switched_off_at=one.off_at,
        switched_off_why=one.off_why or None,
    )


def _call(row: WebhookCall) -> CallShown:
    return CallShown(
        id=row.id or 0,
        event_id=row.event_id,
        kind=Kind(row.kind),
        state=CallState(row.state),
        attempts=row.attempts,
        status=row.status,
        detail=row.detail,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
