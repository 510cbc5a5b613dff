"""Which sessions live, and who they belong to: asked inside a transaction, before somebody's verb runs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from domain.access import Actor, Role
from domain.sessions import ABSOLUTE, IDLE, SignedOut
from storage.tables import BrowserSession, User


@dataclass(frozen=True, slots=True)
class Standing:
    """What must stay the same while a page is open."""

    who: tuple[int, str, Role]
    access: int


def require(session: Session, actor: Actor) -> None:
    """Raise `SignedOut` unless the actor's session lives and they are who they were when it was looked up.

    Which lines they may use is asked where it matters.
    """
    found = among(session, {actor.session_id or 0}).get(actor.session_id or 0)
    if found is None or found.who != standing(actor).who:
        raise SignedOut


def standing(actor: Actor) -> Standing:
    """How the actor stood when their page was made."""
    return Standing((actor.user_id, actor.name, actor.role), actor.access)


def among(session: Session, ids: Collection[int], now: datetime | None = None) -> dict[int, Standing]:
    """Those of the sessions that live, with the `standing` of who they belong to."""
    kept = BrowserSession
    query = (
        select(col(kept.id), col(User.id), col(User.name), col(User.role), col(User.access))
        .join(User, col(User.id) == col(kept.user_id))
        .where(col(kept.id).in_(ids), ~col(kept.halfway), col(User.active))
    )
    if now is not None:
        query = query.where(col(kept.created_at) > now - ABSOLUTE, col(kept.seen_at) > now - IDLE)
    return {
        number: Standing((user_id, name, Role(role)), access)
        for number, user_id, name, role, access in session.execute(query)
    }
