"""The workspace's rules for claims, kept so that a claim reads them along with its line.

Where nobody chose any there is no row, and a claim is what it would be without them.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, cast, func, or_, select, text
from sqlmodel import Session, col

from domain.access import Actor
from domain.claim_rules import Cap, ClaimRules
from domain.deliveries import State
from storage import choices
from storage.columns import UtcDateTime
from storage.database import Database
from storage.prepared import Among
from storage.tables import Delivery, Message, Setting

NAME = "claim rules"
NO_RULES = ClaimRules()
_LOCK = 7_365_542

RULES = select(cast(col(Setting.value), Text)).where(col(Setting.name) == NAME).scalar_subquery()
"""The rules as a column, for `read`; NULL where nobody chose."""

GOT = (State.SENDING, State.UNKNOWN, State.SENT, State.NO_RECEIPT, State.DELIVERED, State.UNDELIVERED)
"""Deliveries in these states count as texts that a person got, or may have got."""


def of(session: Session) -> ClaimRules:
    """The rules that hold now."""
    return _rules(choices.chosen(session, NAME))


def read(raw: str | None) -> ClaimRules:
    """The rules from the column `RULES`."""
    return NO_RULES if raw is None else _rules(json.loads(raw))


def choose(db: Database, actor: Actor, rules: ClaimRules, now: datetime) -> None:
    """Decide for everybody; holds from the next claim on."""
    with db.write() as session:
        choose_in(session, actor, rules, now)


def choose_in(session: Session, actor: Actor, rules: ClaimRules, now: datetime) -> None:
    """`choose` inside a transaction."""
    if rules == of(session):
        return
    cap = {"most": rules.cap.most, "days": rules.cap.days} if rules.cap else {}
    choices.choose_in(session, actor, NAME, {"expire": rules.expire, **cap}, now)


def recent(session: Session, since: datetime) -> list[int]:
    """The messages of which something may have been sent since then."""
    query = select(col(Message.id)).where(
        col(Message.began_at).is_not(None),
        or_(col(Message.finished_at).is_(None), col(Message.finished_at) >= since),
    )
    return [number or 0 for number in session.scalars(query)]


def take_turn(session: Session) -> None:
    """Let claims that count people's texts go one after the other, until this one's end.

    Two lines that claim at once would not see each other's texts, and somebody would get one too many. SQLite
    has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def got_enough(contact_id: Any) -> ColumnElement[bool]:
    """Whether a person has had as many texts as `most`, of the messages `recent`, from `since` on."""
    other = Delivery.__table__.alias("other")  # type: ignore[attr-defined]
    count = (
        select(func.count())
        .where(
            Among(other.c.message_id, "recent"),
            other.c.contact_id == contact_id,
            other.c.sending_since >= bindparam("since", type_=UtcDateTime()),
            or_(*(other.c.state == state.value for state in GOT)),
        )
        .scalar_subquery()
    )
    return count >= bindparam("most")


def _rules(value: dict[str, Any]) -> ClaimRules:
    cap = Cap(int(value["most"]), int(value["days"])) if "most" in value else None
    return ClaimRules(bool(value.get("expire", False)), cap)
