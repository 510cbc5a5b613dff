"""One action for many contacts: done in the background chunk by chunk, and undone in the same way.

A chunk, what it changed and how far it came are one commit. Whoever does the next chunk holds the job's
row, so any number of processes may try, and a killed one is gone on for by the next.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from domain import access, bulk
from domain.access import Actor, Permission, Role
from domain.bulk import (
    GOING,
    OVER,
    UNDO_FOR,
    UNDOABLE,
    Action,
    CannotBeUndone,
    JobState,
    NothingSelected,
    Task,
)
from domain.problems import NotFound
from storage import audit, contact_grid, members
from storage.bulk_changes import apply, take_back
from storage.contact_grid import Query
from storage.contacts import ListNotFound
from storage.database import Database
from storage.tables import BulkChange, BulkJob, Contact, ContactList, User

CHUNK = 2_000
"""Contacts changed in one transaction: short enough that other writers hardly wait."""

AT_ONCE = 20
"""Chunks until whoever works looks up, such as to see that the program is to end."""

Selection = Sequence[int] | Query
"""These contacts, or everybody whom a view finds."""


class BulkJobNotFound(NotFound):
    """This is not remembered any more."""


@dataclass(frozen=True, slots=True)
class Job:
    """The work as a page shows it."""

    id: int
    task: Task
    list_name: str
    state: JobState
    total: int | None  # known once somebody has counted
    seen: int
    changed: int
    undoable: bool


def start(db: Database, actor: Actor, task: Task, selection: Selection, now: datetime) -> int:
    """Begin to do it; whoever is added later is not meant."""
    access.check(actor, Permission.EDIT)
    wanted = bulk.checked(task)
    meant = asdict(selection) if isinstance(selection, Query) else {"ids": sorted(set(selection))}
    with db.write() as session:
        last = session.scalar(select(func.max(col(Contact.id)))) or 0
        if not last or meant.get("ids") == []:
            raise NothingSelected
        if wanted.action in (Action.ADD, Action.REMOVE):
            if session.get(ContactList, wanted.list_id) is None:
                raise ListNotFound
            members.refuse_filter(session, wanted.list_id)
        job = BulkJob(
            user_id=actor.user_id,
            action=wanted.action.value,
            task={"list_id": wanted.list_id, "name": wanted.name, "value": wanted.value},
            selection=meant,
            state=JobState.RUNNING.value,
            last_id=last,
            created_at=now,
        )
        session.add(job)
        session.flush()
        after = {"what": job.task, "whom": meant}
        audit.record(
            session, actor, now, f"{wanted.action.value} (many)", "contacts", job.id or 0, after=after
        )
        return job.id or 0


def job(db: Database, job_id: int) -> Job:
    """The work as it stands; raises `BulkJobNotFound`."""
    with db.read() as session:
        row = session.get(BulkJob, job_id)
        if row is None:
            raise BulkJobNotFound
        return _job(session, row)


def latest(db: Database, actor: Actor, now: datetime) -> Job | None:
    """What the person began last, as long as they have not put it away."""
    query = (
        select(BulkJob)
        .where(
            col(BulkJob.user_id) == actor.user_id,
            ~col(BulkJob.dismissed),
            col(BulkJob.created_at) > now - UNDO_FOR,
        )
        .order_by(col(BulkJob.id).desc())
        .limit(1)
    )
    with db.read() as session:
        row = session.scalars(query).one_or_none()
        return _job(session, row) if row else None


def stop(db: Database, actor: Actor, job_id: int, now: datetime) -> None:
    """Do no more of it; what is done stays, and can be undone."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        row = _row(session, job_id)
        if row.state == JobState.RUNNING:
            row.state, row.finished_at, row.selection = JobState.STOPPED.value, now, {}
            audit.record(
                session, actor, now, "stop (many)", "contacts", job_id, after={"changed": row.changed}
            )


def undo(db: Database, actor: Actor, job_id: int, now: datetime) -> None:
    """Take it back, where nobody has changed the same thing since; raises `CannotBeUndone`."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        row = _row(session, job_id)
        if not _undoable(row) or row.created_at <= now - UNDO_FOR:
            raise CannotBeUndone
        row.state, row.total, row.seen, row.cursor = JobState.UNDOING.value, row.changed, 0, 0
        row.changed = 0
        audit.record(session, actor, now, "undo (many)", "contacts", job_id, after={"what": row.action})


def dismiss(db: Database, actor: Actor, job_id: int) -> None:
    """Show it no more."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        _row(session, job_id).dismissed = True


def work(db: Database, now: datetime) -> None:
    """Do some of what waits to be done."""
    left = AT_ONCE
    for job_id in _waiting(db):
        while left and advance(db, job_id, now):
            left -= 1


def advance(db: Database, job_id: int, now: datetime) -> bool:
    """Do the next chunk; returns whether there may be more. Found by reading, so that the write is short."""
    with db.read() as session:
        seen = session.get(BulkJob, job_id)
        if seen is None or seen.state not in GOING:
            return False
        total = _count(session, seen) if seen.total is None else seen.total
        ids = _next(session, seen)
    with db.write() as session:
        row = _row(session, job_id)
        if (row.state, row.cursor) != (seen.state, seen.cursor):
            return True  # another process did this chunk, or somebody stopped it
        row.total = total
        if row.state == JobState.UNDOING:
            row.changed += take_back(session, row, ids, now)
        else:
            changes = apply(session, row, ids, now)
            row.changed += len(changes)
            if changes and Action(row.action) in UNDOABLE:
                session.execute(
                    insert(BulkChange),
                    [{"job_id": job_id, "contact_id": who, "before": was} for who, was in changes],
                )
        row.seen += len(ids)
        if len(ids) == CHUNK:
            row.cursor = ids[-1]
            return True
        row.state = (JobState.UNDONE if row.state == JobState.UNDOING else JobState.DONE).value
        row.finished_at, row.selection = now, {}
        user = session.get_one(User, row.user_id)
        actor = Actor(row.user_id, user.name, Role(user.role))
        ended = {"state": row.state, "changed": row.changed}
        audit.record(session, actor, now, f"{row.action} (many)", "contacts", job_id, after=ended)
        return False


def _waiting(db: Database) -> list[int]:
    query = select(col(BulkJob.id)).where(col(BulkJob.state).in_(GOING)).order_by(col(BulkJob.id))
    with db.read() as session:
        return [job_id or 0 for job_id in session.scalars(query)]


def _next(session: Session, row: BulkJob) -> list[int]:
    """Whose turn it is."""
    if row.state == JobState.UNDOING:
        column = col(BulkChange.contact_id)
        query = select(column).where(col(BulkChange.job_id) == row.id)
    else:
        column = cast("Mapped[int]", col(Contact.id))
        query = select(column).where(_meant(session, row))
    return list(session.scalars(query.where(column > row.cursor).order_by(column).limit(CHUNK)))


def _count(session: Session, row: BulkJob) -> int:
    return session.scalar(select(func.count()).select_from(Contact).where(_meant(session, row))) or 0


def _meant(session: Session, row: BulkJob) -> ColumnElement[bool]:
    ids: list[int] | None = row.selection.get("ids")
    if ids is not None:
        return col(Contact.id).in_(ids)
    found = contact_grid.matching(session, Query(**row.selection), cap=None, many=True)
    return found & (col(Contact.id) <= row.last_id)


def forget(db: Database, now: datetime) -> None:
    """Forget some of what can't be undone any more."""
    change = BulkChange
    old = select(col(BulkJob.id)).where(col(BulkJob.created_at) <= now - UNDO_FOR)
    with db.read() as session:
        job_id = session.scalar(select(col(change.job_id)).where(col(change.job_id).in_(old)).limit(1))
        some = select(col(change.contact_id)).where(col(change.job_id) == job_id).limit(CHUNK)
        ids = session.scalars(some).all() if job_id else []
    if ids:
        gone = delete(change).where(col(change.job_id) == job_id, col(change.contact_id).in_(ids))
        with db.write() as session:
            session.execute(gone.execution_options(synchronize_session=False))


def _row(session: Session, job_id: int) -> BulkJob:
    found = session.get(BulkJob, job_id, with_for_update=True)
    if found is None:
        raise BulkJobNotFound
    return found


def _undoable(row: BulkJob) -> bool:
    return row.state in OVER and row.changed > 0 and Action(row.action) in UNDOABLE


def _job(session: Session, row: BulkJob) -> Job:
    task: dict[str, Any] = row.task
    target = session.get(ContactList, task["list_id"]) if task["list_id"] else None
    return Job(
        row.id or 0,
        Task(Action(row.action), task["list_id"], task["name"], task["value"]),
        target.name if target else "",
        JobState(row.state),
        row.total,
        row.seen,
        row.changed,
        _undoable(row),
    )
