"""Texts that people send to our lines; a STOP holds from the next claim on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import col

from domain.keywords import Kind, kind_of
from storage.contacts import suppress_number as suppress
from storage.database import Database
from storage.deliveries import CARRIER
from storage.tables import Inbound, Suppression


@dataclass(frozen=True, slots=True)
class Reply:
    """A verified inbound text as a webhook took it in."""

    account_id: int
    dedupe_key: str
    from_phone: str
    to_number: str
    text: str


def take(db: Database, reply: Reply, now: datetime) -> Kind:
    """Keep the text once; a STOP puts the number on the suppression list, a START takes it off again.

    START undoes what a keyword did or the carrier reported, never what a person of the team put there.
    """
    kind = kind_of(reply.text)
    with db.write() as session:
        seen = select(col(Inbound.id)).where(
            col(Inbound.account_id) == reply.account_id, col(Inbound.dedupe_key) == reply.dedupe_key
        )
        if session.scalar(seen) is not None:
            return kind
        session.add(
            Inbound(
                account_id=reply.account_id,
                dedupe_key=reply.dedupe_key,
                from_phone=reply.from_phone,
                to_number=reply.to_number,
                text=reply.text,
                kind=kind.value,
                received_at=now,
            )
        )
        if kind is Kind.STOP:
            suppress(session, reply.from_phone, "Replied STOP", KEYWORD, now)
        if kind is Kind.START:
            session.execute(
                delete(Suppression).where(
                    col(Suppression.phone) == reply.from_phone,
                    col(Suppression.source).in_((KEYWORD, CARRIER)),
                )
            )
    return kind


KEYWORD = "keyword"
"""The source of a suppression that the person asked for by a reply."""
