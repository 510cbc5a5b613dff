"""What a campaign would do (preflight), and what became of it (results, deliveries)."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from domain.audience import in_words
from domain.deliveries import State
from domain.messages import MessageState
from domain.preflight import MessagePlan, Review
from storage import ledger, results
from storage.ledger import Place
from storage.tables import Delivery
from ui import reviews
from ui.api import cursors
from ui.api.shapes import Blank, Cursor, Limit, Page
from ui.api.world import AtDesk
from ui.reviews import Progress

MICROS = 1_000_000

routes = APIRouter(prefix="/campaigns/{campaign_id}", tags=["Preflight and results"])


class AudienceShown(BaseModel):
    """Who is on the list, and how many of them would be sent to."""

    listed: int
    duplicates: int
    invalid: int
    opted_out: int
    no_consent: int
    to_send: int


class MessagePreflight(BaseModel):
    """One message as it would go out; `segments` says how many people get how many segments.

    `people` have their turn: of them quiet hours hold `held` back for a while, and `expiring` get nothing,
    as the message expires before they come up. `capped` are left out, as they will have had enough texts
    by then; `already` have it from before a stop.
    """

    id: int
    position: int
    encoding: str
    people: int
    segments: dict[int, int]
    cost: float
    starts_at: datetime
    ends_at: datetime
    held: int
    expiring: int
    capped: int
    already: int


class Preflight(BaseModel):
    """All that is to be known before scheduling; costs are in dollars."""

    audience: AudienceShown
    messages: list[MessagePreflight]
    cost: float
    warnings: list[str]
    ready: bool


class LinkClicks(BaseModel):
    """A link that was shortened, as it was written: the people who followed it, and their clicks."""

    url: str
    people: int
    clicks: int


class MessageResults(BaseModel):
    """One message and what became of it."""

    id: int
    position: int
    send_at: datetime | None
    state: MessageState
    tally: dict[State, int]
    links: list[LinkClicks]


class LineHeld(BaseModel):
    """Why the line sends nothing right now; without `until` a person must act."""

    reason: str
    until: datetime | None
    unreachable: bool
    used_up: bool  # its own cap of the day


class ResultsShown(BaseModel):
    """Counts a state, of each message and of all."""

    status: str
    line_held: LineHeld | None
    pause_reason: str | None
    audience: int | None
    left_out: dict[str, int]
    messages: list[MessageResults]
    tally: dict[State, int]


class DeliveryShown(BaseModel):
    """One message to one person."""

    phone: str
    message_id: int
    state: State
    reason: str | None
    error_code: str | None
    carrier_message_id: str | None
    attempts: int
    sent_at: datetime | None
    finished_at: datetime | None


@routes.get("/preflight", summary="Review a campaign before scheduling it")
async def preflight(desk: AtDesk, campaign_id: int) -> Preflight:
    """422 says what keeps the campaign from being scheduled. A large list takes a while: until `ready` is
    true only `listed` is known, and the same request again says how it goes on.
    """
    found = await reviews.look(desk.db, campaign_id, desk.now)
    return _computing(found) if isinstance(found, Progress) else _preflight(found)


@routes.get("/results", summary="Count a campaign's deliveries")
async def read(desk: AtDesk, campaign_id: int) -> ResultsShown:
    """Costs the same for a hundred deliveries and for a million."""
    found = await desk.db.run(results.overview, campaign_id, desk.now)
    total: Counter[State] = Counter()
    for message in found.messages:
        total.update(message.tally)
    return ResultsShown(
        status=found.standing.shown,
        line_held=LineHeld(
            reason=hold.reason, until=hold.until, unreachable=hold.unreachable, used_up=hold.used_up
        )
        if (hold := found.line_hold)
        else None,
        pause_reason=found.pause_reason,
        audience=found.audience,
        left_out=dict(found.left_out),
        messages=[
            MessageResults(
                id=message.id,
                position=message.position,
                send_at=message.send_at,
                state=message.state,
                tally=_tally(message.tally),
                links=[
                    LinkClicks(url=one.url, people=one.people, clicks=one.clicks) for one in message.links
                ],
            )
            for message in found.messages
        ],
        tally=_tally(total),
    )


@routes.get("/deliveries", summary="List a campaign's deliveries")
async def deliveries(
    desk: AtDesk,
    campaign_id: int,
    state: Annotated[State | None, Blank] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[DeliveryShown]:
    """One item a person and message, message by message."""
    place = Place()
    if cursor is not None:
        largest = cursors.LARGEST if state is None else cursors.LARGEST_DELIVERY
        filtered, message_id, row = cursors.read(cursor, (str,), (int,), (int,), largest=largest)
        if filtered != (state or "") or not isinstance(message_id, int) or not isinstance(row, int):
            raise cursors.BadCursor
        place = Place(message_id, row)
    rows = await desk.db.run(ledger.after, campaign_id, place, limit + 1, state)
    return cursors.page(
        rows,
        limit,
        lambda found: _delivery(found[0]),
        lambda found: cursors.write(state or "", found[1].message_id, found[1].row),
    )


def _computing(found: Progress) -> Preflight:
    who = AudienceShown(listed=found.total, duplicates=0, invalid=0, opted_out=0, no_consent=0, to_send=0)
    return Preflight(audience=who, messages=[], cost=0, warnings=[], ready=False)


def _preflight(found: Review) -> Preflight:
    who = found.audience
    return Preflight(
        audience=AudienceShown(
            listed=who.listed,
            duplicates=who.duplicates,
            invalid=who.invalid,
            opted_out=who.opted_out,
            no_consent=who.no_consent,
            to_send=who.to_send,
        ),
        messages=[_message(plan) for plan in found.messages],
        cost=found.cost_micros / MICROS,
        warnings=list(found.warnings),
        ready=True,
    )


def _message(plan: MessagePlan) -> MessagePreflight:
    return MessagePreflight(
        id=plan.id,
        position=plan.position,
        encoding=plan.encoding.value,
        people=plan.people,
        segments=dict(plan.segments),
        cost=plan.cost_micros / MICROS,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        held=plan.held,
        expiring=plan.expiring,
        capped=plan.capped,
        already=plan.already,
    )


def _tally(counts: Mapping[State, int]) -> dict[State, int]:
    """Every state with its count, zeros too."""
    return {state: counts.get(state, 0) for state in State}


def _delivery(row: Delivery) -> DeliveryShown:
    return DeliveryShown(
        phone=row.phone,
        message_id=row.message_id,
        state=row.state,
        reason=in_words(row.reason) if row.reason else None,
        error_code=row.code or None,
        carrier_message_id=row.carrier_message_id,
        attempts=row.attempts,
        sent_at=row.sent_at,
        finished_at=row.finished_at,
    )
