"""/campaigns/{id}/messages: the texts of a campaign, and when each goes out."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from domain.attachments import MAX_FILES
from domain.messages import Choice, MessageState
from storage import messages, missed, plans, unconfirmed
from storage.messages import KEPT_CHARACTERS, Change
from storage.plans import PlannedMessage
from ui.api import attachments
from ui.api.attachments import AttachmentShown
from ui.api.shapes import Id, In, Instant, String
from ui.api.world import AtDesk

routes = APIRouter(prefix="/campaigns/{campaign_id}/messages", tags=["Messages"])

Text = Annotated[String, Field(max_length=KEPT_CHARACTERS)]
Expiry = Annotated[int, Field(ge=1, le=7 * 24 * 60)]
AttachmentIds = Annotated[list[Id], Field(max_length=10 * MAX_FILES)]


class NewMessage(In):
    """A message; its time is an instant, kept to the second."""

    text: Text = Field("", examples=["Doors open at 9. Reply STOP to opt out."])
    send_at: Instant | None = Field(None, examples=["2026-11-30T09:30:00Z"])
    recipient_local: bool = Field(
        False, description="At the wall-clock time that `send_at` is in the campaign's zone, for each person."
    )
    expire_after_minutes: Expiry | None = None
    attachment_ids: AttachmentIds = Field(default_factory=list)
    shorten_links: bool = Field(
        False, description="Links become short ones of this program, one a person, and clicks are counted."
    )


class MessageChange(In):
    """What to change; a field that is not named stays. `send_at` null takes the time away."""

    text: Text | None = None
    send_at: Instant | None = Field(None, examples=["2026-11-30T09:30:00Z"])
    recipient_local: bool | None = None
    expire_after_minutes: Expiry | None = None
    attachment_ids: AttachmentIds | None = None
    shorten_links: bool | None = None


class MessageShown(BaseModel):
    """A message of a campaign."""

    id: int
    campaign_id: int
    position: int
    text: str
    send_at: datetime | None
    recipient_local: bool
    expire_after_minutes: int
    shorten_links: bool
    state: MessageState
    attachments: list[AttachmentShown]


@routes.post("", status_code=201, summary="Add a message")
async def add(desk: AtDesk, campaign_id: int, body: NewMessage) -> MessageShown:
    """At the end of a draft's sequence. The order of the messages is the order of their times."""
    change = Change(
        text=body.text,
        at=body.send_at,
        recipient_local=body.recipient_local or None,
        expire_after_minutes=body.expire_after_minutes,
        attachment_ids=body.attachment_ids,
        shorten_links=body.shorten_links,
    )
    made = await desk.db.run(messages.add, desk.actor, campaign_id, desk.now, change)
    return shown(await desk.db.run(plans.message, campaign_id, made.id or 0))


@routes.get("/{message_id}", summary="Read a message")
async def read(desk: AtDesk, campaign_id: int, message_id: int) -> MessageShown:
    """As it is now."""
    return shown(await desk.db.run(plans.message, campaign_id, message_id))


@routes.patch("/{message_id}", summary="Change a message")
async def change(desk: AtDesk, campaign_id: int, message_id: int, body: MessageChange) -> MessageShown:
    """Its time until it is sent; its text and its files in a draft or while the campaign is paused."""
    await desk.db.run(plans.message, campaign_id, message_id)
    cleared = "send_at" in body.model_fields_set and body.send_at is None
    new = Change(
        text=body.text,
        at=body.send_at,
        local_date="" if cleared else None,
        local_time="" if cleared else None,
        recipient_local=body.recipient_local,
        expire_after_minutes=body.expire_after_minutes,
        attachment_ids=body.attachment_ids,
        shorten_links=body.shorten_links,
    )
    await desk.db.run(messages.save, desk.actor, message_id, new, desk.now)
    return shown(await desk.db.run(plans.message, campaign_id, message_id))


@routes.delete("/{message_id}", status_code=204, summary="Remove a message")
async def remove(desk: AtDesk, campaign_id: int, message_id: int) -> None:
    """From a draft; the ones behind move up."""
    await desk.db.run(plans.message, campaign_id, message_id)
    await desk.db.run(messages.remove, desk.actor, message_id, desk.now)


class Decision(In):
    """What becomes of a missed message; to give it a new time, change its `send_at`."""

    choice: Choice = Field(examples=["send_now"])


class Queued(BaseModel):
    """How many deliveries were queued for a new attempt."""

    queued: int


@routes.post("/{message_id}/decide", summary="Decide about a missed message")
async def decide(desk: AtDesk, campaign_id: int, message_id: int, body: Decision) -> MessageShown:
    """A message that is an hour late waits for this, its state being `missed`; 409 when it does not wait."""
    await desk.db.run(missed.decide, desk.actor, campaign_id, message_id, body.choice, desk.now)
    return shown(await desk.db.run(plans.message, campaign_id, message_id))


@routes.post("/{message_id}/send-again", summary="Send again to unconfirmed people")
async def send_again(desk: AtDesk, campaign_id: int, message_id: int) -> Queued:
    """Some of them may get it twice, as nobody knows which first tries arrived. 409 says why it can't be."""
    queued = await desk.db.run(unconfirmed.send_again, desk.actor, campaign_id, message_id, desk.now)
    return Queued(queued=queued)


def shown(planned: PlannedMessage) -> MessageShown:
    """The message as programs see it."""
    row = planned.message
    return MessageShown(
        id=row.id or 0,
        campaign_id=row.campaign_id,
        position=row.position,
        text=row.text,
        send_at=row.send_at,
        recipient_local=row.recipient_local,
        expire_after_minutes=row.expire_after_minutes,
        shorten_links=row.shorten_links,
        state=row.state,
        attachments=[attachments.shown(file) for file in planned.attachments],
    )
