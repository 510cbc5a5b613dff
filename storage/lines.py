"""Lines as the sender needs them: which have work, and what to send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlmodel import col

from domain.campaigns import Status
from domain.deliveries import State
from domain.messages import MessageState
from storage import credentials, holds, line_holds, short_links
from storage.attachments import of_campaign_messages
from storage.database import Database
from storage.tables import Campaign, CarrierAccount, Line, Message, Tally


@dataclass(frozen=True, slots=True)
class Text:
    """A message that is being sent on a line."""

    message_id: int
    text: str
    attachment_ids: tuple[int, ...]
    version: int  # of the message; a claim for an older one takes nobody
    links: str = ""  # the address below which its short links are; "" where it has none


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
    probing: bool = False  # its carrier was in trouble; one message shows whether it is back


def with_work(db: Database, now: datetime) -> list[int]:
    """The open lines on which a running campaign has something queued; none while all sending is held."""
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
            holds.none_placed(),
            line_holds.is_open(now),
        )
        .distinct()
    )
    with db.read() as session:
        return list(session.scalars(query))


def work(db: Database, line_id: int, now: datetime) -> Work | None:
    """What there is to send on a line; None when nothing is. `rate` is what it may send now."""
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
        links = short_links.base(session) if any(message.shorten_links for message in messages) else ""
    if not messages:
        return None
    texts = tuple(
        Text(
            m.id or 0,
            m.text,
            tuple(f.id or 0 for f in files[m.id or 0]),
            m.version,
            links if m.shorten_links else "",
        )
        for m in messages
    )
    return Work(
        line_id=line_id,
        number=line.number,
        rate=line_holds.rate(line, now),
        account_id=account.id,
        carrier_kind=account.kind,
        carrier_settings=account.settings,
        token=account.token,
        texts=texts,
        probing=line.circuit_until is not None,
    )
