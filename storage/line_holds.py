"""What keeps a line from sending: a carrier that wants less, can't be reached or says no, or a day's cap."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlmodel import Session, col

from domain import circuit, pacing
from domain.circuit import Mode
from domain.pacing import Slowed
from domain.problems import NotFound
from storage.database import Database
from storage.tables import Line


class LineNotFound(NotFound):
    """This line does not exist. It may have been removed."""


@dataclass(frozen=True, slots=True)
class LineHold:
    """Why a line sends nothing now. `until` is when it tries again by itself; None: a person must act."""

    reason: str  # the carrier's words for a blocked line; "" where there are none
    until: datetime | None = None
    unreachable: bool = False  # the carrier's own trouble, not its wish
    used_up: bool = False  # neither: the line's own cap of the day


def of(line: Line, now: datetime, used_today: int = 0) -> LineHold | None:
    """What holds the line now; None when it may send. `used_today` counts towards its cap of the day."""
    if line.blocked_reason:
        return LineHold(line.blocked_reason)
    if line.circuit_until and line.circuit_until > now:
        return LineHold("", line.circuit_until, unreachable=True)
    if line.paused_until and line.paused_until > now:
        return LineHold("", line.paused_until)
    if line.daily_cap is not None and used_today >= line.daily_cap:
        return LineHold("", pacing.day_ends(line.day_zone, now), used_up=True)
    return None


def is_open(now: Any) -> ColumnElement[bool]:
    """The same as a condition: that nothing holds the line. `now` may be a bound parameter."""
    paused, resting = col(Line.paused_until), col(Line.circuit_until)
    return (
        col(Line.blocked_reason).is_(None)
        & or_(paused.is_(None), paused <= now)
        & or_(resting.is_(None), resting <= now)
    )


def rate(line: Line, now: datetime) -> float | None:
    """The segments a second that the line may send now."""
    return pacing.allowed(line.rate, _slowed(line), now)


def too_fast(db: Database, line_id: int, asked: float | None, sent: float, now: datetime) -> datetime:
    """Pause and slow a line whose carrier said "too fast"; returns until when.

    `asked` are the seconds that the carrier named, `sent` what the line really sent in segments a second.
    While the line is paused already, further such answers only make the pause longer.
    """
    with db.write() as session:
        line = _locked(session, line_id)
        paused = line.paused_until if line.paused_until and line.paused_until > now else None
        if paused is None:
            slowed = pacing.slowed_again(line.rate, _slowed(line), line.paused_until, sent, now)
            line.slowed_rate, line.slowed_full = slowed.rate, slowed.full
            line.slowed_at, line.slowed_times = slowed.at, slowed.times
        until = now + timedelta(seconds=pacing.pause(asked, line.slowed_times))
        line.paused_until = max(paused, until) if paused else until
        return line.paused_until


def block(db: Database, line_id: int, reason: str, code: str, now: datetime) -> None:
    """Let nothing be claimed on the line until a person has acted; `code` is the carrier's word for why."""
    values = {"blocked_reason": reason, "blocked_code": code, "blocked_by": None, "blocked_at": now}
    with db.write() as session:
        session.execute(update(Line).where(col(Line.id) == line_id).values(**values))


def trip(db: Database, line_id: int, now: datetime) -> datetime:
    """Leave a carrier in trouble alone, each time in a row for longer; returns until when."""
    with db.write() as session:
        line = _locked(session, line_id)
        line.circuit_trips += 1
        line.circuit_until = now + circuit.rest(line.circuit_trips)
        return line.circuit_until


def close(db: Database, line_id: int) -> None:
    """The carrier is back: send as usual."""
    values: dict[str, Any] = {"circuit_until": None, "circuit_trips": 0}
    with db.write() as session:
        session.execute(update(Line).where(col(Line.id) == line_id).values(**values))


def probes_left(session: Session, line_id: int, now: datetime) -> int:
    """How many may be claimed on a line whose carrier was in trouble: one, until that is answered.

    Locks the line, so that two claims can't both probe it.
    """
    line = _locked(session, line_id)
    return {Mode.CLOSED: 1, Mode.HALF_OPEN: 1, Mode.OPEN: 0}[circuit.mode(line.circuit_until, now)]


def note_probe(session: Session, line_id: int, now: datetime) -> None:
    """A probe is on its way: nothing more is claimed until it is answered."""
    line = session.get_one(Line, line_id)
    if line.circuit_until is not None:
        line.circuit_until = now + circuit.PROBE_LASTS


def _locked(session: Session, line_id: int) -> Line:
    line = session.scalars(select(Line).where(col(Line.id) == line_id).with_for_update()).one_or_none()
    if line is None:
        raise LineNotFound
    return line


def _slowed(line: Line) -> Slowed | None:
    if line.slowed_rate is None or line.slowed_full is None or line.slowed_at is None:
        return None
    return Slowed(line.slowed_rate, line.slowed_full, line.slowed_at, line.slowed_times)
