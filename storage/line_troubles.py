"""The lines that are blocked while campaigns need them: what happened, and what to do."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlmodel import col

from domain.campaigns import Status
from domain.carrier_errors import Kind, explain
from storage.database import Database
from storage.tables import Campaign, CarrierAccount, Line

_LIVE = (Status.SCHEDULED, Status.RUNNING, Status.PAUSED)
HELD = "Messages wait until somebody opens it again."
CHECK = "Look at the line and its carrier account in the settings."


@dataclass(frozen=True, slots=True)
class LineTrouble:
    """One blocked line in words."""

    line_id: int
    label: str
    title: str  # what happened
    advice: str  # what to do
    by_person: bool  # somebody paused it on purpose


def blocked(db: Database) -> tuple[LineTrouble, ...]:
    """Every blocked line that a scheduled, running or paused campaign is sent from, by name."""
    live = exists().where(
        col(Campaign.line_id) == col(Line.id), col(Campaign.status).in_(_LIVE), ~col(Campaign.archived)
    )
    query = (
        select(Line, col(CarrierAccount.kind))
        .join(CarrierAccount, col(CarrierAccount.id) == col(Line.account_id))
        .where(col(Line.blocked_reason).is_not(None), live)
        .order_by(col(Line.label), col(Line.id))
    )
    with db.read() as session:
        return tuple(_trouble(line, kind) for line, kind in session.execute(query))


def _trouble(line: Line, carrier: str) -> LineTrouble:
    title, advice = in_words(line, carrier)
    return LineTrouble(line.id or 0, line.label, title, advice, line.blocked_by is not None)


def in_words(line: Line, carrier: str) -> tuple[str, str]:
    """What happened to a blocked line, and what to do about it."""
    reason = (line.blocked_reason or "").strip()
    if line.blocked_by:
        return reason, HELD
    told = explain(carrier, line.blocked_code)
    if line.blocked_code and told.kind is not Kind.UNKNOWN:
        return told.title, told.advice
    return reason, CHECK
