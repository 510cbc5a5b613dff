"""Lines as administrators set them up, hold them and open them again."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete as delete_from
from sqlalchemy import select
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.campaigns import Status
from domain.line_settings import BadLineSetting, LineBusy, LineInUse, LineSettings, check
from domain.names import tidy
from storage import audit, line_access
from storage.carriers import AccountNotFound
from storage.database import Database
from storage.line_holds import LineNotFound
from storage.tables import Campaign, CarrierAccount, Line, LineDay, User

_LARGEST = 2**31 - 1
Verb = Callable[[Database, Actor, int, datetime], object]
"""What is done with a line, by its id."""


def create(db: Database, actor: Actor, given: LineSettings, now: datetime) -> Line:
    """Add a line to an account; raises `BadLineSetting`."""
    access.check(actor, Permission.ADMINISTER)
    wanted = check(given)
    with db.write() as session:
        _check_references(session, wanted)
        line = Line(**_columns(wanted), created_at=now)
        session.add(line)
        session.flush()
        line_access.choose(session, line.id or 0, wanted.people)
        audit.record(session, actor, now, "create", "line", line.id or 0, after=_seen(wanted))
        return line


def change(db: Database, actor: Actor, line_id: int, given: LineSettings, now: datetime) -> Line:
    """Give a line new settings; they count from the next claim on.

    Raises `LineNotFound`, `BadLineSetting`, or `LineBusy` for another number or carrier while it sends.
    """
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        return _change(session, actor, found(session, line_id), given, now)


def alter(db: Database, actor: Actor, line_id: int, changes: Mapping[str, Any], now: datetime) -> Line:
    """The same for some of the settings, by their names in `LineSettings`."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        line = found(session, line_id)
        kept = settings_of(line, line_access.chosen(session, line_id))
        if "number" in changes and "kind" not in changes:
            kept = replace(kept, kind=None)
        return _change(session, actor, line, replace(kept, **changes), now)


def hold(db: Database, actor: Actor, line_id: int, now: datetime, reason: str = "") -> None:
    """Let nothing be claimed on the line until somebody opens it again; what waits, waits."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        line = found(session, line_id)
        line.blocked_reason = tidy(reason)[:200] or f"{actor.name} paused this line."
        line.blocked_code, line.blocked_by, line.blocked_at = "", actor.name, now
        audit.record(session, actor, now, "pause", "line", line_id, after={"reason": line.blocked_reason})


def unblock(db: Database, actor: Actor, line_id: int, now: datetime) -> None:
    """Open a line that was blocked or paused; what waited goes out."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        _open(session, actor, found(session, line_id), now)


def unblock_account(db: Database, actor: Actor, account_id: int, now: datetime) -> int:
    """Open every line of an account that the carrier's answers blocked; returns how many."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        query = select(Line).where(
            col(Line.account_id) == account_id,
            col(Line.blocked_reason).is_not(None),
            col(Line.blocked_by).is_(None),
        )
        lines = session.scalars(query.order_by(col(Line.id)).with_for_update()).all()
        for line in lines:
            _open(session, actor, line, now)
        return len(lines)


def delete(db: Database, actor: Actor, line_id: int, now: datetime) -> None:
    """Take a line away; raises `LineInUse` when any campaign has it."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        line = found(session, line_id)
        if _has_campaigns(session, line_id):
            raise LineInUse
        before = {"label": line.label, "number": line.number}
        session.execute(delete_from(LineDay).where(col(LineDay.line_id) == line_id))
        session.delete(line)
        audit.record(session, actor, now, "delete", "line", line_id, before=before)


def found(session: Session, line_id: int) -> Line:
    """The line, locked; raises `LineNotFound`."""
    query = select(Line).where(col(Line.id) == line_id).with_for_update()
    line = session.scalars(query).one_or_none() if 0 < line_id <= _LARGEST else None
    if line is None:
        raise LineNotFound
    return line


def settings_of(line: Line, people: frozenset[int]) -> LineSettings:
    """A line's settings as the form has them."""
    return LineSettings(
        label=line.label,
        number=line.number,
        account_id=line.account_id,
        kind=line.kind,
        rate=line.rate,
        minute_cap=line.minute_cap,
        daily_cap=line.daily_cap,
        day_zone=line.day_zone,
        price_micros=line.price_micros,
        restricted=line.restricted,
        people=people,
    )


def one(db: Database, line_id: int) -> Line:
    """The line's row; raises `LineNotFound`."""
    with db.read() as session:
        line = session.get(Line, line_id) if 0 < line_id <= _LARGEST else None
    if line is None:
        raise LineNotFound
    return line


def exists(db: Database, line_id: int) -> bool:
    """Whether there is such a line."""
    with db.read() as session:
        return 0 < line_id <= _LARGEST and session.get(Line, line_id) is not None


def _change(session: Session, actor: Actor, line: Line, given: LineSettings, now: datetime) -> Line:
    wanted = check(given)
    _check_references(session, wanted)
    line_id = line.id or 0
    kept = settings_of(line, line_access.chosen(session, line_id))
    before = _seen(kept)
    moved = (line.number, line.account_id) != (wanted.number, wanted.account_id)
    if moved and _has_campaigns(session, line_id, Status.RUNNING):
        raise LineBusy
    line.sqlmodel_update(_columns(wanted))
    line_access.choose(session, line_id, wanted.people)
    line_access.tell(session, _who_may(kept), _who_may(wanted))
    after = _seen(wanted)
    old = {name: before[name] for name in after if after[name] != before[name]}
    if old:
        new = {name: after[name] for name in old}
        audit.record(session, actor, now, "edit", "line", line_id, before=old, after=new)
    return line


def _open(session: Session, actor: Actor, line: Line, now: datetime) -> None:
    before = {"reason": line.blocked_reason}
    line.blocked_reason, line.blocked_code = None, ""
    line.blocked_by = line.blocked_at = line.paused_until = None
    line.circuit_until, line.circuit_trips = None, 0
    audit.record(session, actor, now, "unblock", "line", line.id or 0, before=before)


def _has_campaigns(session: Session, line_id: int, status: Status | None = None) -> bool:
    query = select(col(Campaign.id)).where(col(Campaign.line_id) == line_id).limit(1)
    if status is not None:
        query = query.where(col(Campaign.status) == status)
    return session.scalar(query) is not None


def _check_references(session: Session, wanted: LineSettings) -> None:
    account_id = wanted.account_id or 0
    if not 0 < account_id <= _LARGEST or session.get(CarrierAccount, account_id) is None:
        raise AccountNotFound
    known = set(session.scalars(select(col(User.id)).where(col(User.id).in_(wanted.people))))
    if wanted.people - known:
        raise BadLineSetting("Some of the chosen people do not exist any more. Choose again.", "people")


def _columns(wanted: LineSettings) -> dict[str, Any]:
    names = ("label", "number", "account_id", "kind", "rate", "minute_cap", "daily_cap")
    more = ("day_zone", "price_micros", "restricted")
    return {name: getattr(wanted, name) for name in (*names, *more)}


def _who_may(settings: LineSettings) -> frozenset[int] | None:
    return settings.people if settings.restricted else None


def _seen(settings: LineSettings) -> dict[str, Any]:
    """The settings as the audit keeps them."""
    kind = settings.kind.value if settings.kind else None
    return _columns(settings) | {"kind": kind, "people": sorted(settings.people)}
