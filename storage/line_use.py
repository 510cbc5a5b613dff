"""What a line has used of its caps: asked and counted inside the claim's own transaction."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlmodel import Session, col

from domain.line_time import Pace
from domain.pacing import day_in, minute_left, minute_spend
from storage.tables import Campaign, Line, LineDay, LineMinute, Message

NO_CAP = 1_000_000

Unspent = Counter[tuple[int, datetime]]
"""Segments by message and by when they were claimed."""


class OpenLine(NamedTuple):
    """What a claim reads of its line; `consent` says whether an opt-in is needed."""

    id: int
    minute_cap: int | None
    daily_cap: int | None
    day_zone: str
    consent: bool | None
    version: int  # of the message
    circuit_until: Any  # as the driver gives it; None while the carrier is well
    rules: str | None  # as `claim_rules.read` takes them; None where there are none
    list_id: int  # of the message's campaign
    fills_itself: bool  # whether that list is a filter


def room(session: Session, line: Line | OpenLine, now: datetime) -> int:
    """Segments that the line's caps leave; a line that has any is locked, so that claims count one by one."""
    if line.daily_cap is None and line.minute_cap is None:
        return NO_CAP
    session.execute(select(col(Line.id)).where(col(Line.id) == line.id).with_for_update())
    left = NO_CAP
    if line.daily_cap is not None:
        left = line.daily_cap - used_today(session, line, now)
    if line.minute_cap is not None:
        minute = session.get(LineMinute, line.id)
        left = min(left, minute_left(minute.spent if minute else {}, now, line.minute_cap))
    return max(0, left)


def spend(session: Session, line: Line | OpenLine, now: datetime, segments: int) -> None:
    """Count what was just claimed against the line's caps."""
    if not segments:
        return
    if line.daily_cap is not None:
        key = (line.id or 0, day_in(line.day_zone, now))
        day = session.get(LineDay, key) or LineDay(line_id=key[0], day=key[1])
        day.segments += segments
        session.add(day)
    if line.minute_cap is not None:
        minute = session.get(LineMinute, line.id) or LineMinute(line_id=line.id or 0)
        minute.spent = minute_spend(minute.spent, now, segments)
        session.add(minute)


def pace(session: Session, line: Line, now: datetime) -> Pace:
    """What holds a line back from now on, with what it has used of its day."""
    used = {day_in(line.day_zone, now): used_today(session, line, now)} if line.daily_cap else {}
    return Pace(line.rate, line.minute_cap, line.daily_cap, line.day_zone, used)


def give_back(session: Session, unspent: Unspent) -> None:
    """Take what was claimed but proved not sent off the line's day again."""
    if not unspent:
        return
    query = (
        select(col(Message.id), col(Line.id), col(Line.day_zone))
        .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
        .join(Line, col(Line.id) == col(Campaign.line_id))
        .where(col(Message.id).in_({message_id for message_id, _ in unspent}))
    )
    lines = {message_id: (line_id, zone) for message_id, line_id, zone in session.execute(query)}
    days: Counter[tuple[int, str]] = Counter()
    for (message_id, claimed_at), segments in unspent.items():
        line_id, zone = lines[message_id]
        days[line_id, day_in(zone, claimed_at)] += segments
    for (line_id, day), segments in sorted(days.items()):
        session.execute(
            update(LineDay)
            .where(col(LineDay.line_id) == line_id, col(LineDay.day) == day)
            .values(segments=LineDay.segments - segments)
            .execution_options(synchronize_session=False)
        )


def used_by(session: Session, lines: Sequence[Line], now: datetime) -> dict[int, int]:
    """The same of several lines at once, by the line's id; of those that have a daily cap."""
    today = {line.id or 0: day_in(line.day_zone, now) for line in lines if line.daily_cap is not None}
    if not today:
        return {}
    days = select(LineDay).where(col(LineDay.line_id).in_(today), col(LineDay.day).in_(set(today.values())))
    counts = {(day.line_id, day.day): day.segments for day in session.scalars(days)}
    return {line_id: counts.get((line_id, day), 0) for line_id, day in today.items()}


def used_today(session: Session, line: Line | OpenLine, now: datetime) -> int:
    """Segments of the line's day that are gone; counted only while it has a daily cap."""
    day = session.get(LineDay, (line.id, day_in(line.day_zone, now)))
    return day.segments if day else 0
