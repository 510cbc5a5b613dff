"""Points of progress: tallies that are noted now and then, so that a chart costs no count of deliveries."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sqlalchemy import func, select
from sqlmodel import col

from domain import progress
from domain.deliveries import State
from domain.progress import Hour, Moment, Point
from storage import found
from storage.database import Database
from storage.tables import Message, ProgressPoint
from storage.tallies import by_state, of_messages

LATEST = timedelta(seconds=5)
"""How old what a chart shows may be."""


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """What the charts of a campaign show. Read once for all who look, so it is equal only to itself."""

    moments: tuple[Moment, ...] = ()
    hours: tuple[Hour, ...] = ()


def note(db: Database, now: datetime) -> int:
    """Note the tallies that have changed since they were last noted, where it is time; returns how many."""
    with db.write() as session:
        query = select(col(Message.id), col(Message.began_at)).where(
            col(Message.began_at) > now - progress.FOLLOWED
        )
        began = {row.id: row.began_at for row in session.execute(query)}
        latest = (
            select(col(ProgressPoint.message_id), func.max(col(ProgressPoint.at)).label("at"))
            .where(col(ProgressPoint.message_id).in_(began))
            .group_by(col(ProgressPoint.message_id))
            .subquery()
        )
        points = select(ProgressPoint).join(
            latest,
            (latest.c.message_id == col(ProgressPoint.message_id)) & (latest.c.at == col(ProgressPoint.at)),
        )
        last = {point.message_id: point for point in session.scalars(points)}
        due = [
            message_id
            for message_id, at in began.items()
            if progress.is_due(last[message_id].at if message_id in last else None, at, now)
        ]
        noted = 0
        for message_id, counts in of_messages(session, due).items():
            stored = {state.value: count for state, count in by_state(counts).items()}
            before = last.get(message_id)
            if stored != (before.counts if before else {}):
                session.add(ProgressPoint(message_id=message_id, at=now, counts=stored))
                noted += 1
    return noted


def of(db: Database, campaign_id: int, now: datetime) -> Progress:
    """How the campaign has come along until a few seconds ago."""
    turn = now.timestamp() // LATEST.total_seconds()
    return _read(db, campaign_id, datetime.fromtimestamp(turn * LATEST.total_seconds(), UTC))


@lru_cache(maxsize=256)
def _read(db: Database, campaign_id: int, now: datetime) -> Progress:
    with db.read() as session:
        campaign = found.campaign(session, campaign_id)
        messages = found.messages(session, campaign_id)
        ids = [message.id or 0 for message in messages]
        query = (
            select(ProgressPoint)
            .where(col(ProgressPoint.message_id).in_(ids))
            .order_by(col(ProgressPoint.at))
        )
        points = {message.id or 0: [Point(message.began_at, {})] for message in messages if message.began_at}
        for row in session.scalars(query):
            noted = {State(state): count for state, count in row.counts.items()}
            points.setdefault(row.message_id, []).append(Point(row.at, noted))
        for message_id, counts in of_messages(session, ids).items():
            own = points.setdefault(message_id, [])
            latest = by_state(counts)
            if latest and (not own or (own[-1].counts != latest and own[-1].at < now)):
                own.append(Point(now, latest))
    return Progress(tuple(progress.moments(points)), tuple(progress.hours(points, campaign.timezone)))
