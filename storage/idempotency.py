"""Requests named by an Idempotency-Key: carried out once, answered the same way for a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from domain.problems import Conflict, Problem
from storage.database import Database
from storage.tables import Idempotency

KEPT = timedelta(hours=24)


class KeyReused(Problem):
    """This Idempotency-Key was used for a different request. Use a new key for a new request."""


class StillRunning(Conflict):
    """The first request with this Idempotency-Key has no answer yet. Look what came of it, or try again."""


@dataclass(frozen=True, slots=True)
class Named:
    """A request as its sender named it: which API key, which Idempotency-Key, and what it asks for."""

    key_id: int
    key: str
    request: str  # method and path
    body_hash: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer that was given."""

    status: int
    body: str


def begin(db: Database, named: Named, now: datetime) -> Answer | None:
    """Claim the key for this request; returns the answer when it was carried out before.

    Raises `KeyReused` for another request under the same key, `StillRunning` while the first one is being
    carried out. A request whose process died stays claimed: whether it was carried out can't be known.
    """
    try:
        with db.write() as session:
            session.execute(delete(Idempotency).where(col(Idempotency.created_at) <= now - KEPT))
            known = session.get(Idempotency, (named.key_id, named.key))
            if known is None:
                session.add(
                    Idempotency(
                        key_id=named.key_id,
                        key=named.key,
                        request=named.request,
                        body_hash=named.body_hash,
                        created_at=now,
                    )
                )
    except IntegrityError:  # another request with the key was faster
        raise StillRunning from None
    if known is None:
        return None
    if (known.request, known.body_hash) != (named.request, named.body_hash):
        raise KeyReused
    if known.status is None:
        raise StillRunning
    return Answer(known.status, known.body)


def finish(db: Database, named: Named, answer: Answer) -> None:
    """Keep the answer for whoever repeats the request."""
    with db.write() as session:
        session.execute(
            update(Idempotency)
            .where(col(Idempotency.key_id) == named.key_id, col(Idempotency.key) == named.key)
            .values(status=answer.status, body=answer.body)
        )


def forget(db: Database, named: Named) -> None:
    """Give the key back: the request was refused before anything was done."""
    with db.write() as session:
        session.execute(
            delete(Idempotency).where(
                col(Idempotency.key_id) == named.key_id, col(Idempotency.key) == named.key
            )
        )
