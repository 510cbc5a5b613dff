"""What the API is given by main, and what each request is given by the door."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from domain.access import Actor
from domain.rate_limits import Limits
from storage.api_keys import Caller
from storage.attachments import Files
from storage.database import Database
from ui.world import Carriers

VISIT = "sms.visit"
"""Under which name the door leaves the visit in a request's scope."""


@dataclass(frozen=True, slots=True)
class ApiWorld:
    """Handed down from main; the API keeps no state of its own beside it."""

    db: Database
    clock: Callable[[], datetime]
    files: Files
    carriers: Carriers
    demo: bool = False  # its own machine may be told of events
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True)
class Visit:
    """One request: who makes it, if their key is good, and whether it was refused unread."""

    world: ApiWorld
    caller: Caller | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """What an endpoint works with."""

    world: ApiWorld
    db: Database
    actor: Actor
    now: datetime


def desk(request: Request) -> Desk:
    """The desk of a caller whose key is good; 401 for everybody else."""
    visit: Visit = request.scope[VISIT]
    if visit.caller is None:
        raise HTTPException(401, UNKNOWN, {"WWW-Authenticate": 'Bearer realm="SMS Campaigns"'})
    return Desk(visit.world, visit.world.db, visit.caller.actor, visit.world.clock())


UNKNOWN = "Send a valid API key in the header: Authorization: Bearer KEY."
AtDesk = Annotated[Desk, Depends(desk)]
