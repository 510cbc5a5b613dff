"""/campaigns: making, finding, reading and changing campaigns."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StrictBool

from domain.campaigns import ARCHIVED, Status
from domain.deliveries import State
from domain.details import Details
from domain.problems import Problem
from storage import campaigns, grid, plans
from storage.grid import Place, Row
from storage.plans import Plan
from ui.api import cursors, messages
from ui.api.messages import MessageShown
from ui.api.shapes import (
    Blank,
    Cursor,
    Day,
    Id,
    In,
    Instant,
    Limit,
    Name,
    Page,
    ZoneName,
    instant_behind,
    instant_of,
)
from ui.api.world import AtDesk

STATUSES = frozenset({*(status.value for status in Status), ARCHIVED})
SORTS: dict[str, grid.Column] = {
    "status": "status",
    "name": "name",
    "start": "start",
    "start_at": "start",
    "created_by": "created_by",
    "messages": "messages",
    "message_count": "messages",
    "list": "list",
    "list_name": "list",
}

routes = APIRouter(prefix="/campaigns", tags=["Campaigns"])


class BadFilter(Problem):
    """This filter can't be understood."""


class NewCampaign(In):
    """A campaign's details. `opt_in_acknowledged` true says: I understand that I am required to obtain
    and store opt-in approval for every mobile number texted.
    """

    name: Name = Field(examples=["Spring sale"])
    channel: Literal["sms"]
    line_id: Id
    list_id: Id
    owner_id: Id | None = Field(None, description="A user's id; the key's own user unless given.")
    opt_in_acknowledged: StrictBool = Field(False, examples=[True])
    timezone: ZoneName = Field("UTC", examples=["America/New_York"])


class DetailsChange(In):
    """A draft's details to change; a field that is not named stays."""

    name: Name | None = None
    line_id: Id | None = None
    list_id: Id | None = None
    owner_id: Id | None = None
    timezone: ZoneName | None = None


class CampaignRow(BaseModel):
    """A campaign as the SMS tab lists it."""

    id: int
    name: str
    status: str
    start_at: datetime | None
    timezone: str
    created_by: str
    message_count: int
    list_name: str
    line_label: str
    actions: list[str]
    tally: dict[State, int] = Field(description="Of all its messages while it runs or is paused, else empty.")


class CampaignShown(BaseModel):
    """A campaign with its messages; an archived one's status is "archived"."""

    id: int
    name: str
    channel: str
    status: str
    archived: bool
    pause_reason: str | None
    line_id: int
    line_label: str
    list_id: int
    list_name: str
    owner_id: int
    owner: str
    created_by: str
    opt_in_acknowledged: bool
    timezone: str
    start_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    message_count: int
    actions: list[str]
    messages: list[MessageShown]


@routes.post("", status_code=201, summary="Make a campaign")
async def add(desk: AtDesk, body: NewCampaign) -> CampaignShown:
    """A draft. Its name must be new, and the opt-in acknowledged."""
    form = Details(
        name=body.name,
        channel=body.channel,
        line_id=body.line_id,
        list_id=body.list_id,
        owner_id=body.owner_id or desk.actor.user_id,
        acknowledged=body.opt_in_acknowledged,
    )
    campaign_id = await desk.db.run(campaigns.create, desk.actor, form, body.timezone, desk.now)
    return await read(desk, campaign_id)


@routes.get("", summary="Find campaigns")
async def find(
    desk: AtDesk,
    status: Annotated[
        list[str] | None, Query(description="Any of these; all but archived when none.")
    ] = None,
    search: Annotated[str, Query(max_length=200)] = "",
    line_id: Annotated[Id | None, Blank] = None,
    start_from: Annotated[Instant | Day | None, Blank] = None,
    start_to: Annotated[Instant | Day | None, Blank] = None,
    sort: Annotated[str | None, Blank, Query(description="A column, with - in front for descending.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[CampaignRow]:
    """The rows of the SMS tab. Days are in UTC, and the last one counts."""
    query = grid.Query(
        search=search.replace("\0", ""),
        statuses=_statuses(status or []),
        line_id=line_id,
        start_from=_start(start_from),
        start_before=None if start_to is None else instant_behind(start_to),
        sort=_column(sort or "-start"),
        descending=(sort or "-start").startswith("-"),
        size=limit + 1,
    )
    rows = await desk.db.run(grid.after, query, _place(cursor, query), desk.now)
    return cursors.page(rows, limit, lambda found: _row(found[0]), lambda found: _cursor(query, found[1]))


@routes.get("/{campaign_id}", summary="Read a campaign")
async def read(desk: AtDesk, campaign_id: int) -> CampaignShown:
    """With its messages in their order."""
    return shown(await desk.db.run(plans.read, campaign_id, desk.now))


@routes.patch("/{campaign_id}", summary="Change a draft's details")
async def change(desk: AtDesk, campaign_id: int, body: DetailsChange) -> CampaignShown:
    """409 once the campaign is more than a draft."""
    now = (await desk.db.run(plans.read, campaign_id, desk.now)).campaign
    form = Details(
        name=now.name if body.name is None else body.name,
        line_id=body.line_id or now.line_id,
        list_id=body.list_id or now.list_id,
        owner_id=body.owner_id or now.owner_id,
        acknowledged=True,
    )
    await desk.db.run(campaigns.save_details, desk.actor, campaign_id, form, desk.now)
    if body.timezone is not None:
        await desk.db.run(campaigns.set_zone, desk.actor, campaign_id, body.timezone, desk.now)
    return await read(desk, campaign_id)


@routes.delete("/{campaign_id}", status_code=204, summary="Delete a draft")
async def delete(desk: AtDesk, campaign_id: int) -> None:
    """For good; 409 once the campaign is more than a draft."""
    await desk.db.run(campaigns.delete, desk.actor, campaign_id, desk.now)


def shown(plan: Plan) -> CampaignShown:
    """The campaign as programs see it."""
    row = plan.campaign
    return CampaignShown(
        id=row.id or 0,
        name=row.name,
        channel=row.channel,
        status=plan.status,
        archived=row.archived,
        pause_reason=row.pause_reason,
        line_id=row.line_id,
        line_label=plan.line_label,
        list_id=row.list_id,
        list_name=plan.list_name,
        owner_id=row.owner_id,
        owner=plan.owner,
        created_by=plan.created_by,
        opt_in_acknowledged=True,
        timezone=row.timezone,
        start_at=row.start_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
        created_at=row.created_at,
        message_count=row.message_count,
        actions=[action.value for action in plan.actions],
        messages=[messages.shown(message) for message in plan.messages],
    )


def _row(row: Row) -> CampaignRow:
    return CampaignRow(
        id=row.id,
        name=row.name,
        status=row.status,
        start_at=row.start_at,
        timezone=row.timezone,
        created_by=row.created_by,
        message_count=row.message_count,
        list_name=row.list_name,
        line_label=row.line_label,
        actions=[action.value for action in row.actions],
        tally=dict(row.tally),
    )


def _statuses(given: list[str]) -> tuple[str, ...]:
    words = [word.strip().lower() for text in given for word in text.split(",") if word.strip()]
    for word in words:
        if word not in STATUSES:
            raise BadFilter(f"There is no status “{word[:40]}”; there is {', '.join(sorted(STATUSES))}.")
    return tuple(words)


def _column(sort: str) -> grid.Column:
    column = SORTS.get(sort.removeprefix("-"))
    if column is None:
        raise BadFilter(f"There is no column “{sort[:40]}” to sort by; there is {', '.join(SORTS)}.")
    return column


def _start(given: datetime | date | None) -> datetime | None:
    return None if given is None else instant_of(given)


def _cursor(query: grid.Query, place: Place) -> str:
    value = place.value.isoformat() if isinstance(place.value, datetime) else place.value
    return cursors.write(query.sort, int(query.descending), value, place.id)


def _place(cursor: str | None, query: grid.Query) -> Place | None:
    """The place that a cursor of the same order holds."""
    if cursor is None:
        return None
    kinds = {"start": (str, type(None)), "messages": (int,)}.get(query.sort, (str,))
    sort, descending, value, row_id = cursors.read(cursor, (str,), (int,), kinds, (int,))
    if (sort, descending) != (query.sort, int(query.descending)) or not isinstance(row_id, int):
        raise cursors.BadCursor
    if query.sort != "start" or value is None:
        return Place(value, row_id)
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        raise cursors.BadCursor from None
    if instant.tzinfo is None:
        raise cursors.BadCursor
    return Place(instant, row_id)
