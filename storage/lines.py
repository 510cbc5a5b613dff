"""Lines as the sender needs them: which have work, what to send, and when they must wait."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlmodel import col

from domain.campaigns import Status
from domain.deliveries import State
from domain.messages import MessageState
from storage import credentials
from storage.attachments import of_campaign_messages
from storage.database import Database
from storage.tables import Campaign, CarrierAccount, Line, Message, Tally


@dataclass(frozen=True, slots=True)
class Text:
    """A message that is being sent on a line."""

    message_id: int
    text: str
    attachment_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """All that a pump needs to send a line's messages, earliest first."""

    line_id: int
    number: str
    rate: float | None
    account_id: int
    carrier_kind: str
    carrier_settings: Mapping[str, Any] = field(repr=False)  # opened: they hold credentials
    token: str = field(repr=False)
    texts: tuple[Text, ...]


def with_work(db: Database, now: datetime) -> list[int]:
    """The open lines on which a running campaign has something queued."""
    queued = exists().where(
        col(Tally.message_id) == col(Message.id), col(Tally.state) == State.QUEUED, col(Tally.count) > 0
    )
    query = (
        select(col(Campaign.line_id))
        .join(Message, col(Message.campaign_id) == col(Campaign.id))
        .join(Line, col(Line.id) == col(Campaign.line_id))
        .where(
            col(Campaign.status) == Status.RUNNING,
            col(Message.state) == MessageState.SENDING,
            queued,
            col(Line.blocked_reason).is_(None),
            or_(col(Line.paused_until).is_(None), col(Line.paused_until) <= now),
        )
        .distinct()
    )
    with db.read() as session:
        return list(session.scalars(query))


def work(db: Database, line_id: int) -> Work | None:
    """What there is to send on a line; None when nothing is."""
    with db.read() as session:
        line = session.get(Line, line_id)
        if line is None:
            return None
        query = (
            select(Message)
            .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
            .where(
                col(Campaign.line_id) == line_id,
                col(Campaign.status) == Status.RUNNING,
                col(Message.state) == MessageState.SENDING,
            )
            .order_by(col(Message.send_at), col(Message.id))
        )
        messages = session.scalars(query).all()
        files = of_campaign_messages(session, [message.id or 0 for message in messages])
        account = credentials.opened(db, session.get_one(CarrierAccount, line.account_id))
    if not messages:
        return None
    texts = tuple(Text(m.id or 0, m.text, tuple(f.id or 0 for f in files[m.id or 0])) for m in messages)
    return Work(
        line_id=line_id,
        number=line.number,
        rate=line.rate,
        account_id=account.id,
        carrier_kind=account.kind,
        carrier_settings=account.settings,
        token=account.token,
        texts=texts,
    )


def pause(db: Database, line_id: int, until: datetime) -> None:
    """Let nothing be claimed on the line until then; the carrier asked for it."""
    _set(db, line_id, paused_until=until)


def block(db: Database, line_id: int, reason: str, code: str, now: datetime) -> None:
    """Let nothing be claimed on the line until a person has acted; `code` is the carrier's word for why."""
    _set(db, line_id, blocked_reason=reason, blocked_code=code, blocked_by=None, blocked_at=now)


def _set(db: Database, line_id: int, **values: Any) -> None:
    with db.write() as session:
        session.execute(update(Line).where(col(Line.id) == line_id).values(**values))
