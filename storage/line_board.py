"""Lines as the settings show them: how they stand, what they used today, and who depends on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.campaigns import Status
from domain.line_settings import LineSettings
from storage import line_holds, line_use
from storage.database import Database
from storage.line_holds import LineHold, LineNotFound
from storage.line_settings import settings_of
from storage.line_troubles import in_words
from storage.tables import Campaign, CarrierAccount, Line, LineAccess

_LIVE = (Status.SCHEDULED, Status.RUNNING, Status.PAUSED)
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line with what stands around it."""

    id: int
    settings: LineSettings
    account: str  # the carrier account's name
    carrier: str  # its kind
    campaigns: int  # scheduled, running or paused on it
    used_today: int | None  # segments; None where nothing is counted, for want of a daily cap
    blocked_reason: str | None
    blocked_words: tuple[str, str]  # what happened, and what to do
    blocked_by: str | None
    blocked_at: datetime | None
    hold: LineHold | None  # what keeps it from sending now
    rate_now: float | None  # segments a second, after the carrier asked for less


def lines(db: Database, actor: Actor, now: datetime) -> list[LineRow]:
    """Every line by its name."""
    access.check(actor, Permission.ADMINISTER)
    with db.read() as session:
        return _rows(session, session.scalars(select(Line).order_by(col(Line.label))).all(), now)


def line(db: Database, actor: Actor, line_id: int, now: datetime) -> LineRow:
    """One line; raises `LineNotFound`."""
    access.check(actor, Permission.ADMINISTER)
    with db.read() as session:
        row = session.get(Line, line_id) if 0 < line_id <= _LARGEST else None
        if row is None:
            raise LineNotFound
        return _rows(session, [row], now)[0]


def _rows(session: Session, found: Sequence[Line], now: datetime) -> list[LineRow]:
    accounts = {
        account.id: account
        for account in session.scalars(
            select(CarrierAccount).where(col(CarrierAccount.id).in_({row.account_id for row in found}))
        )
    }
    live = (
        select(col(Campaign.line_id), func.count())
        .where(col(Campaign.status).in_(_LIVE), ~col(Campaign.archived))
        .group_by(col(Campaign.line_id))
    )
    campaigns = {row[0]: row[1] for row in session.execute(live)}
    people: dict[int, set[int]] = {}
    for chosen in session.scalars(select(LineAccess)):
        people.setdefault(chosen.line_id, set()).add(chosen.user_id)
    used = line_use.used_by(session, found, now)
    return [
        LineRow(
            id=row.id or 0,
            settings=settings_of(row, frozenset(people.get(row.id or 0, ()))),
            account=accounts[row.account_id].name,
            carrier=accounts[row.account_id].kind,
            campaigns=campaigns.get(row.id or 0, 0),
            used_today=used.get(row.id or 0),
            blocked_reason=row.blocked_reason,
            blocked_words=in_words(row, accounts[row.account_id].kind),
            blocked_by=row.blocked_by,
            blocked_at=row.blocked_at,
            hold=line_holds.of(row, now, used.get(row.id or 0, 0)),
            rate_now=line_holds.rate(row, now),
        )
        for row in found
    ]
