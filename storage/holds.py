"""The hold on all sending; every claim honours it, and only a release by an administrator ends it."""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.holds import Cause, Hold
from storage import audit
from storage.database import Database
from storage.tables import Setting

NAME = "hold"


def current(db: Database) -> Hold | None:
    """The hold, where there is one."""
    with db.read() as session:
        return _read(session)


def place(session: Session, cause: Cause, now: datetime) -> None:
    """Hold everything from this transaction's commit on."""
    session.merge(Setting(name=NAME, value={"cause": cause.value, "since": now.isoformat()}))


def release(db: Database, actor: Actor, now: datetime) -> bool:
    """Let everything be sent again; returns whether anything was held."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        hold = _read(session)
        if hold is None:
            return False
        session.delete(session.get_one(Setting, NAME))
        before = {"cause": hold.cause.value, "since": hold.since.isoformat()}
        audit.record(session, actor, now, "release sending", "setting", 0, before=before)
        return True


def none_placed() -> ColumnElement[bool]:
    """The condition that nothing is held, for a query that finds what may be begun or sent."""
    return ~select(col(Setting.name)).where(col(Setting.name) == NAME).exists()


def _read(session: Session) -> Hold | None:
    found = session.get(Setting, NAME)
    if found is None:
        return None
    return Hold(Cause(found.value["cause"]), datetime.fromisoformat(found.value["since"]))
