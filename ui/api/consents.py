"""/consents: the opt-ins that are on record."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from storage import consents
from storage.consents import Given, Via
from storage.tables import Consent
from ui.api.shapes import In, Instant, Name, String
from ui.api.world import AtDesk

routes = APIRouter(tags=["Consents"])


class NewConsent(In):
    """An opt-in with what proves it."""

    phone: Name = Field(examples=["+12125550123"])
    given_at: Instant = Field(examples=["2026-11-01T09:30:00Z"])
    source: Name = Field(examples=["shop.example/join"])
    text: String = Field("", max_length=4000, examples=["Yes, text me offers."])
    address: String = Field("", max_length=100, examples=["203.0.113.7"])


class ConsentShown(BaseModel):
    """An opt-in on record: when, where, to which words, from which address, and who recorded it."""

    phone: str
    given_at: datetime
    source: str
    text: str
    address: str
    recorded_by: str
    recorded_at: datetime


@routes.get("/consents/{phone}", summary="List the opt-ins of a number")
async def list_consents(desk: AtDesk, phone: str) -> list[ConsentShown]:
    """Newest first."""
    number = f"+{phone[1:]}" if phone.startswith(" ") else phone
    return [_consent(row) for row in await desk.db.run(consents.of_number, number)]


@routes.post("/consents", status_code=201, summary="Record an opt-in")
async def record(desk: AtDesk, body: NewConsent) -> ConsentShown:
    """The same number, time and source again changes nothing."""
    given = Given(body.phone, body.given_at, body.source, body.text, body.address)
    await desk.db.run(consents.record, desk.actor, given, Via.API, desk.now)
    kept = await desk.db.run(consents.of_number, body.phone)
    return next((_consent(row) for row in kept if row.given_at == body.given_at), _consent(kept[0]))


def _consent(row: Consent) -> ConsentShown:
    return ConsentShown(
        phone=row.phone,
        given_at=row.given_at,
        source=row.source,
        text=row.wording,
        address=row.address,
        recorded_by=row.entered_by,
        recorded_at=row.created_at,
    )
