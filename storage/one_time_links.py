"""Links that work once: made, looked at by whoever opens them, and used up."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session, col

from domain.access import Role
from domain.links import LASTS, LinkWorthless, Purpose
from storage import tokens
from storage.tables import OneTimeLink


def make(
    session: Session,
    purpose: Purpose,
    now: datetime,
    made_by: str,
    *,
    email: str = "",
    role: Role | None = None,
    user_id: int | None = None,
) -> str:
    """A new link's token, which is kept nowhere; an older one for the same end is taken back."""
    if purpose is not Purpose.SETUP:  # each process prints one of its own
        same = delete(OneTimeLink).where(
            col(OneTimeLink.purpose) == purpose.value,
            col(OneTimeLink.email) == email,
            col(OneTimeLink.user_id).is_(user_id) if user_id is None else col(OneTimeLink.user_id) == user_id,
        )
        session.execute(same)
    token = tokens.new()
    session.add(
        OneTimeLink(
            purpose=purpose.value,
            token_hash=tokens.hashed(token),
            email=email,
            role=role.value if role else "",
            user_id=user_id,
            made_by=made_by,
            created_at=now,
            expires_at=now + LASTS[purpose],
        )
    )
    return token


def look(session: Session, purpose: Purpose, token: str, now: datetime) -> OneTimeLink:
    """The link that the token opens, without using it up; raises `LinkWorthless`."""
    found = session.scalars(
        select(OneTimeLink).where(
            col(OneTimeLink.token_hash) == tokens.hashed(token),
            col(OneTimeLink.purpose) == purpose.value,
            col(OneTimeLink.expires_at) > now,
        )
    ).one_or_none()
    if found is None:
        raise LinkWorthless
    return found


def use(session: Session, purpose: Purpose, token: str, now: datetime) -> OneTimeLink:
    """The link, used up: of two who come at once, one gets it. Raises `LinkWorthless`."""
    found = look(session, purpose, token, now)
    gone = delete(OneTimeLink).where(col(OneTimeLink.id) == found.id).returning(col(OneTimeLink.id))
    if session.execute(gone, execution_options={"synchronize_session": False}).first() is None:
        raise LinkWorthless
    session.expunge(found)
    return found


def hold(session: Session, purpose: Purpose) -> None:
    """Let nobody else use a link for this before the session ends: all are locked, in one order."""
    every = select(col(OneTimeLink.id)).where(col(OneTimeLink.purpose) == purpose.value)
    session.execute(every.order_by(col(OneTimeLink.id)).with_for_update())
