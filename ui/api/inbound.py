"""/inbound: what people texted to our lines."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from domain.keywords import Kind
from storage import replies
from storage.replies import Received
from ui.api import cursors
from ui.api.shapes import Cursor, Limit, Page
from ui.api.world import AtDesk

routes = APIRouter(tags=["Inbound"])


class InboundShown(BaseModel):
    """A text from a person; `campaign_id` is the campaign that it most likely answers."""

    id: int
    sender: str = Field(serialization_alias="from")
    to: str
    text: str
    received_at: datetime
    campaign_id: int | None
    kind: Kind


@routes.get("/inbound", summary="List inbound texts")
async def list_inbound(desk: AtDesk, cursor: Cursor = None, limit: Limit = 100) -> Page[InboundShown]:
    """Newest first."""
    rows = await desk.db.run(replies.before, cursors.number(cursor, cursors.LARGEST), limit + 1)
    return cursors.page(rows, limit, _inbound, lambda row: cursors.write(row.inbound.id))


def _inbound(row: Received) -> InboundShown:
    text = row.inbound
    return InboundShown(
        id=text.id or 0,
        sender=text.from_phone,
        to=text.to_number,
        text=text.text,
        received_at=text.received_at,
        campaign_id=row.campaign_id,
        kind=Kind(text.kind),
    )
