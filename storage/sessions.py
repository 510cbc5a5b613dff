"""The browsers in which people are signed in: begun, found by their cookie, listed, ended."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, Executable, delete, or_, select, update
from sqlmodel import Session, col

from domain.access import Actor, Role
from domain.sessions import ABSOLUTE, HALFWAY, IDLE, SignedOut, has_ended
from storage import audit, living_sessions, tokens
from storage.database import Database
from storage.living_sessions import Standing
from storage.tables import BrowserSession, OneTimeLink, User

NOTED_EVERY = timedelta(minutes=1)
"""How exact the time of the last use is; finer would cost a write with every page."""


@dataclass(frozen=True, slots=True)
class Found:
    """Who a cookie belongs to; `halfway` while the second step is missing."""

    actor: Actor
    halfway: bool


@dataclass(frozen=True, slots=True)
class Open:
    """A browser in the list of one's own."""

    id: int
    browser: str
    address: str
    created_at: datetime
    seen_at: datetime


def begin(
    session: Session, user_id: int, now: datetime, *, address: str, browser: str, halfway: bool = False
) -> str:
    """Sign somebody in; returns the cookie's value, which is kept nowhere."""
    token = tokens.new()
    session.add(
        BrowserSession(
            user_id=user_id,
            token_hash=tokens.hashed(token),
            halfway=halfway,
            address=address,
            browser=browser,
            created_at=now,
            seen_at=now,
        )
    )
    return token


def resume(db: Database, token: str, now: datetime, address: str = "") -> Found:
    """Who comes back with this cookie; raises `SignedOut`."""
    query = select(BrowserSession, User).join(User, col(User.id) == col(BrowserSession.user_id))
    with db.read() as session:
        row = session.execute(query.where(col(BrowserSession.token_hash) == tokens.hashed(token))).first()
    if row is None:
        raise SignedOut
    kept, user = row
    if not user.active or has_ended(kept.created_at, kept.seen_at, now, halfway=kept.halfway):
        raise SignedOut
    if now - kept.seen_at >= NOTED_EVERY and not kept.halfway:
        note(db, [kept.id], now)
    who = Actor(user.id or 0, user.name, Role(user.role), address, kept.id, user.access)
    return Found(who, kept.halfway)


def note(db: Database, ids: Collection[int], now: datetime) -> None:
    """These were used just now."""
    with db.write() as session:
        session.execute(
            update(BrowserSession).where(col(BrowserSession.id).in_(ids)).values(seen_at=now),
            execution_options={"synchronize_session": False},
        )


def alive(db: Database, ids: Collection[int], now: datetime) -> dict[int, Standing]:
    """Those of the sessions that live, with the `standing` of who they belong to."""
    with db.read() as session:
        return living_sessions.among(session, ids, now)


def own(db: Database, actor: Actor, now: datetime) -> list[Open]:
    """Where the actor is signed in, the newest first."""
    kept = BrowserSession
    with db.read() as session:
        rows = session.scalars(
            select(kept)
            .where(col(kept.user_id) == actor.user_id, ~col(kept.halfway))
            .where(col(kept.created_at) > now - ABSOLUTE, col(kept.seen_at) > now - IDLE)
            .order_by(col(kept.id).desc())
        ).all()
    return [Open(row.id or 0, row.browser, row.address, row.created_at, row.seen_at) for row in rows]


def end(db: Database, actor: Actor, session_id: int, now: datetime) -> None:
    """Sign one of one's own browsers out; one that is gone already is no mistake."""
    with db.write() as session:
        gone = delete(BrowserSession).where(
            col(BrowserSession.id) == session_id, col(BrowserSession.user_id) == actor.user_id
        )
        if _count(session, gone):
            audit.record(session, actor, now, "sign out", "session", session_id)


def end_others(db: Database, actor: Actor, now: datetime) -> int:
    """Sign all of one's own browsers out but this one; returns how many those were."""
    with db.write() as session:
        ended = end_all(session, actor.user_id, but=actor.session_id)
        if ended:
            audit.record(
                session, actor, now, "sign out elsewhere", "user", actor.user_id, after={"sessions": ended}
            )
        return ended


def end_all(session: Session, user_id: int, *, but: int | None = None) -> int:
    """Sign somebody out everywhere, inside a transaction; returns from how many browsers."""
    gone = delete(BrowserSession).where(col(BrowserSession.user_id) == user_id)
    if but is not None:
        gone = gone.where(col(BrowserSession.id) != but)
    return _count(session, gone)


def forget_all(session: Session) -> None:
    """Sign everybody out and take every link back: neither may return with a backup that is restored."""
    session.execute(delete(BrowserSession))
    session.execute(delete(OneTimeLink))


def sweep(db: Database, now: datetime) -> None:
    """Forget the sessions that are over."""
    kept = BrowserSession
    over = or_(
        col(kept.created_at) <= now - ABSOLUTE,
        col(kept.seen_at) <= now - IDLE,
        col(kept.halfway) & (col(kept.created_at) <= now - HALFWAY),
    )
    with db.write() as session:
        _count(session, delete(kept).where(over))


def _count(session: Session, statement: Executable) -> int:
    done = session.execute(statement, execution_options={"synchronize_session": False})
    return done.rowcount if isinstance(done, CursorResult) else 0
