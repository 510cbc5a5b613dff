"""/campaigns/{id}/schedule and its like: what can be done with a campaign; 409 says why it can't."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from storage import campaigns
from ui.api.campaigns import CampaignShown, read
from ui.api.shapes import In
from ui.api.world import AtDesk

routes = APIRouter(prefix="/campaigns/{campaign_id}", tags=["Campaign actions"])


class Resumption(In):
    """What to do with each message whose time passed while the campaign was paused, by its id."""

    overdue: dict[int, Literal["send_now", "skip"]] = Field(
        default_factory=dict, max_length=100, examples=[{"7": "send_now"}]
    )


@routes.post("/schedule", summary="Schedule a campaign")
async def schedule(desk: AtDesk, campaign_id: int) -> CampaignShown:
    """A draft, or a stopped campaign that was restarted and has new times."""
    await desk.db.run(campaigns.schedule, desk.actor, campaign_id, desk.now)
    return await read(desk, campaign_id)


@routes.post("/pause", summary="Pause a campaign")
async def pause(desk: AtDesk, campaign_id: int) -> CampaignShown:
    """Holds the rest of a running campaign; its schedule stays."""
    await desk.db.run(campaigns.pause, desk.actor, campaign_id, desk.now)
    return await read(desk, campaign_id)


@routes.post("/resume", summary="Resume a campaign")
async def resume(desk: AtDesk, campaign_id: int, body: Resumption | None = None) -> CampaignShown:
    """Goes on with those not sent to. 409 lists the messages whose time passed and nothing was said about."""
    overdue = body.overdue if body else {}
    await desk.db.run(campaigns.resume, desk.actor, campaign_id, desk.now, dict(overdue))
    return await read(desk, campaign_id)


@routes.post("/stop", summary="Stop a campaign")
async def stop(desk: AtDesk, campaign_id: int) -> CampaignShown:
    """Cancels every schedule that is left; what the carrier already has goes its way."""
    await desk.db.run(campaigns.stop, desk.actor, campaign_id, desk.now)
    return await read(desk, campaign_id)


@routes.post("/restart", summary="Restart a campaign")
async def restart(desk: AtDesk, campaign_id: int) -> CampaignShown:
    """Opens a stopped campaign's schedule: give its messages new times, then schedule it."""
    await desk.db.run(campaigns.restart, desk.actor, campaign_id, desk.now)
    return await read(desk, campaign_id)


@routes.post("/archive", summary="Archive a campaign")
async def archive(desk: AtDesk, campaign_id: int) -> CampaignShown:
    """Hides it from lists unless they ask for archived ones."""
    await desk.db.run(campaigns.archive, desk.actor, campaign_id, desk.now)
    return await read(desk, campaign_id)


@routes.post("/unarchive", summary="Unarchive a campaign")
async def unarchive(desk: AtDesk, campaign_id: int) -> CampaignShown:
    """Brings it back with its old status."""
    await desk.db.run(campaigns.unarchive, desk.actor, campaign_id, desk.now)
    return await read(desk, campaign_id)


@routes.post("/clone", summary="Clone a campaign")
async def clone(desk: AtDesk, campaign_id: int) -> CampaignShown:
    """Answers with the copy: a draft with the same texts and files and without times."""
    return await read(desk, await desk.db.run(campaigns.clone, desk.actor, campaign_id, desk.now))
