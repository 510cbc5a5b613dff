"""/healthz and /readyz: for whoever keeps the process alive."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from storage import measures
from storage.database import Database

MOST_LATE = 30.0
"""Seconds without a beat after which the scheduler counts as stuck."""


def router(
    db: Database, clock: Callable[[], datetime], late_by: Callable[[], float | None] | None
) -> APIRouter:
    """The two routes; `late_by` tells how long ago the scheduler's last beat was, None where none runs."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/healthz")
    async def healthz() -> PlainTextResponse:
        """The process lives."""
        return PlainTextResponse("ok\n")

    @routes.get("/readyz")
    async def readyz() -> PlainTextResponse:
        """The database answers, the scheduler beats, what is due is sent; 503 with the reason otherwise."""
        try:
            stuck = await db.run(measures.stuck_for, clock())
        except Exception as error:
            return PlainTextResponse(f"the database does not answer: {type(error).__name__}\n", 503)
        late = 0.0 if late_by is None else late_by()
        if late is None or late > MOST_LATE:
            return PlainTextResponse("the scheduler has not run for 30 seconds\n", 503)
        if stuck:
            minutes = round(stuck / 60)
            return PlainTextResponse(
                f"texts have been due for {minutes} minutes and nothing sends them\n", 503
            )
        return PlainTextResponse("ready\n")

    return routes
