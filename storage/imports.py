"""Imports of contacts: a job per file, checked before anything is written, then taken in chunk by chunk.

A chunk, the counts and the position are one commit, so a killed import goes on where it was and takes no
row twice.
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission, Role
from domain.contacts import clean_list_name
from domain.imports import Layout, check
from domain.problems import Conflict, NotFound
from storage import audit, consents, contacts, erasure, members, whereabouts
from storage.consents import Given, Via
from storage.database import Database
from storage.import_reader import Chunk, body_of
from storage.sheets import Form
from storage.tables import ContactList, ImportJob, ImportProblem, User

LEASE = timedelta(seconds=30)


class JobState(StrEnum):
    """Where an import stands."""

    UPLOADED = "uploaded"  # its columns are being chosen
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    CANCELED = "canceled"
    FAILED = "failed"


WORK = (JobState.CHECKING, JobState.RUNNING)
"""The states in which the importer has something to do."""


class ImportNotFound(NotFound):
    """This import does not exist."""


class ImportUnderWay(Conflict):
    """This import is under way or over. Choose the file again to import it anew."""


@dataclass(frozen=True, slots=True)
class Job:
    """An import as the page shows it."""

    id: int
    filename: str
    stored_name: str
    state: JobState
    form: Form
    layout: dict[str, Any]
    list_id: int | None
    list_name: str
    new_list: str  # the list that is made when the people are taken in
    total: int
    position: int
    added: int
    updated: int
    duplicates: int
    bad: int
    consents: int
    problem: str
    user: str

    @property
    def can_go_on(self) -> bool:
        """Whether it was canceled while people were being taken in."""
        return self.state is JobState.CANCELED and self.position < self.total

    @property
    def can_go_back(self) -> bool:
        """Whether nothing was taken in yet, so that its columns can be chosen anew."""
        return self.state is JobState.CHECKED or (self.state is JobState.FAILED and not self.total)


def create(db: Database, actor: Actor, filename: str, stored_name: str, form: Form, now: datetime) -> int:
    """Note an uploaded file."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        job = ImportJob(
            user_id=actor.user_id,
            filename=filename[:200],
            stored_name=stored_name,
            state=JobState.UPLOADED,
            form=asdict(form),
            created_at=now,
        )
        session.add(job)
        session.flush()
        return job.id or 0


def job(db: Database, job_id: int) -> Job:
    """An import; raises `ImportNotFound`."""
    query = (
        select(ImportJob, col(User.name), col(ContactList.name))
        .join(User, col(User.id) == col(ImportJob.user_id))
        .outerjoin(ContactList, col(ContactList.id) == col(ImportJob.list_id))
        .where(col(ImportJob.id) == job_id)
    )
    with db.read() as session:
        found = session.execute(query).one_or_none() if 0 < job_id < 2**31 else None
    if found is None:
        raise ImportNotFound
    return _job(*found)


def start_check(
    db: Database,
    actor: Actor,
    job_id: int,
    form: Form,
    layout: Layout,
    list_id: int | None = None,
    new_list: str | None = None,
) -> None:
    """Have the file read as it would be imported, without writing anything of it.

    The people go on the list `list_id`, or on one of the name `new_list`, which is made with the first of
    them; raises `ListNameTaken` and what `clean_list_name` does.
    """
    access.check(actor, Permission.EDIT)
    check(layout)
    name = "" if new_list is None else clean_list_name(new_list)
    with db.write() as session:
        row = _row(session, job_id)
        if row.state not in (JobState.UPLOADED, JobState.CHECKED, JobState.CHECKING):
            raise ImportUnderWay
        members.refuse_filter(session, list_id or 0)
        if name:
            contacts.check_free(session, name)
        row.form, row.layout, row.list_id, row.new_list = asdict(form), body_of(layout), list_id, name
        _begin(session, row, JobState.CHECKING)


def start(db: Database, actor: Actor, job_id: int, now: datetime) -> None:
    """Take a checked file in; raises `ListNameTaken` where somebody else has made the list meanwhile."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        row = _row(session, job_id)
        if row.state != JobState.CHECKED:
            raise ImportUnderWay
        if row.new_list:
            row.list_id, row.new_list = contacts.new_list(session, actor, row.new_list, now), ""
        _begin(session, row, JobState.RUNNING)
        audit.record(session, actor, now, "import", "import", job_id, after={"file": row.filename})


def go_back(db: Database, actor: Actor, job_id: int, now: datetime) -> None:
    """Return from a check to the choice of columns; raises `ImportUnderWay` once people are taken in."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        row = _row(session, job_id)
        if not _job(row, "", None).can_go_back:
            raise ImportUnderWay
        _begin(session, row, JobState.UPLOADED)
        row.problem, row.finished_at, row.created_at = "", None, now


def cancel(db: Database, actor: Actor, job_id: int, now: datetime) -> None:
    """End it; what was taken in stays. One that is over stays as it is."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        row = _row(session, job_id)
        if row.state in (*WORK, JobState.UPLOADED, JobState.CHECKED):
            row.state, row.finished_at, row.lease = JobState.CANCELED, now, ""
            audit.record(session, actor, now, "cancel import", "import", job_id)


def go_on(db: Database, actor: Actor, job_id: int, now: datetime) -> None:
    """Take in the rest of one that was canceled; raises `ImportUnderWay`."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        row = _row(session, job_id)
        if row.state != JobState.CANCELED or row.position >= row.total:
            raise ImportUnderWay
        row.state, row.finished_at, row.lease, row.lease_until = JobState.RUNNING, None, "", None
        audit.record(session, actor, now, "resume import", "import", job_id)


def claim(db: Database, owner: str, now: datetime) -> Job | None:
    """Take the oldest import that nobody works on; only one is worked on at a time in all processes."""
    free = or_(col(ImportJob.lease_until).is_(None), col(ImportJob.lease_until) < now)
    busy = select(col(ImportJob.id)).where(col(ImportJob.state).in_(WORK), ~free)
    waiting = (
        select(col(ImportJob.id))
        .where(col(ImportJob.state).in_(WORK), free)
        .order_by(col(ImportJob.id))
        .limit(1)
    )
    with db.read() as session:
        if session.scalar(waiting) is None:
            return None
    with db.write() as session:
        if session.scalar(busy) is not None or (job_id := session.scalar(waiting)) is None:
            return None
        taken = session.execute(
            update(ImportJob)
            .where(col(ImportJob.id) == job_id, free)
            .values(lease=owner, lease_until=now + LEASE)
            .execution_options(synchronize_session=False, preserve_rowcount=True)
        )
        if taken.rowcount == 0:  # type: ignore[attr-defined] # an UPDATE's result has one
            return None
    return job(db, job_id)


def take(db: Database, found: Job, owner: str, chunk: Chunk, now: datetime) -> bool:
    """Count a chunk, and write it if the import runs; False when it is no longer ours to do."""
    with db.write() as session:
        row = session.get(ImportJob, found.id, with_for_update=True)
        if row is None or row.lease != owner or row.state != found.state or row.position >= chunk.position:
            return False
        known = contacts.known(session, chunk.fresh)
        if row.state == JobState.RUNNING:
            _write(session, db, row, chunk, now)
        row.added += len(chunk.fresh) - known
        row.updated += known
        row.duplicates += chunk.duplicates
        row.bad += len(chunk.bad)
        if chunk.bad:
            problems = [{"job_id": row.id, "row": place, "reason": why} for place, why in chunk.bad]
            session.execute(insert(ImportProblem), problems)
        row.position = chunk.position
        row.lease_until = now + LEASE
        return True


def finish(db: Database, found: Job, owner: str, problem: str, now: datetime) -> None:
    """The file was read to its end, or can't be read any further."""
    with db.write() as session:
        row = session.get(ImportJob, found.id, with_for_update=True)
        if row is None or row.lease != owner or row.state != found.state:
            return
        row.lease, row.lease_until = "", None
        if problem:
            row.state, row.problem, row.finished_at = JobState.FAILED, problem, now
        elif row.state == JobState.CHECKING:
            row.state, row.total = JobState.CHECKED, row.position
        else:
            row.state, row.finished_at = JobState.DONE, now


def release(db: Database, owner: str = "") -> None:
    """Let go of what `owner` works on; of everything, where nobody else can be at work."""
    with db.write() as session:
        mine = update(ImportJob).where(col(ImportJob.lease) != "")
        session.execute(
            (mine.where(col(ImportJob.lease) == owner) if owner else mine)
            .values(lease="", lease_until=None)
            .execution_options(synchronize_session=False)
        )


def problems(db: Database, job_id: int, after: int = 0, limit: int = 50) -> list[tuple[int, str]]:
    """The bad rows behind a row, each with its number and what is wrong."""
    query = (
        select(col(ImportProblem.row), col(ImportProblem.reason))
        .where(col(ImportProblem.job_id) == job_id, col(ImportProblem.row) > after)
        .order_by(col(ImportProblem.row))
        .limit(limit)
    )
    with db.read() as session:
        return [(row, reason) for row, reason in session.execute(query)]


def new_owner() -> str:
    """A name for whoever works on imports."""
    return secrets.token_hex(8)


def _begin(session: Session, row: ImportJob, state: JobState) -> None:
    """Count from nothing; bad rows are noted again."""
    session.execute(delete(ImportProblem).where(col(ImportProblem.job_id) == row.id))
    row.state, row.position, row.lease, row.lease_until = state, 0, "", None
    if state != JobState.RUNNING:
        row.total = 0
    row.added = row.updated = row.duplicates = row.bad = row.consents = 0


def _write(session: Session, db: Database, row: ImportJob, chunk: Chunk, now: datetime) -> None:
    if chunk.people:
        upsert, at = (_SQLITE, f"{now:%Y-%m-%d %H:%M:%S.%f}") if db.is_sqlite else (_POSTGRESQL, now)
        # In the order of the index it is found by, which is the order of any other writer's locks too.
        people = sorted(chunk.people, key=itemgetter(0))
        with_zone = list({person[0] for person in people if person[4]})
        going_on = whereabouts.going_on(session) if with_zone else ()
        session.connection().exec_driver_sql(upsert, [(*person, at) for person in people])
        whereabouts.follow_zones(session, going_on, with_zone, now)
        erasure.recall(session, db, (person[0] for person in people), now)
    if row.list_id is not None:
        target = session.get(ContactList, row.list_id, with_for_update=True)
        if target is not None:
            phones = list({person[0] for person in chunk.people})
            target.size += contacts.join_list(session, row.list_id, phones)
    if chunk.consents:
        user = session.get_one(User, row.user_id)
        actor = Actor(row.user_id, user.name, Role(user.role))
        source = f"Import of {row.filename}"
        given = [
            Given(phone, at, where or source, wording, address)
            for phone, (at, where, wording, address) in chunk.consents
        ]
        row.consents += consents.record_all(session, actor, given, Via.IMPORT, now)


def _row(session: Session, job_id: int) -> ImportJob:
    found = session.get(ImportJob, job_id, with_for_update=True) if 0 < job_id < 2**31 else None
    if found is None:
        raise ImportNotFound
    return found


def _job(row: ImportJob, user: str, list_name: str | None) -> Job:
    return Job(
        row.id or 0,
        row.filename,
        row.stored_name,
        JobState(row.state),
        Form(**row.form),
        dict(row.layout),
        row.list_id,
        list_name or "",
        row.new_list,
        row.total,
        row.position,
        row.added,
        row.updated,
        row.duplicates,
        row.bad,
        row.consents,
        row.problem,
        user,
    )


_COLUMNS = (
    "phone, first_name, last_name, email, timezone, number_zone, fields, "
    "name_key, last_key, email_key, created_at"
)


def _upsert(mark: str, merged: str) -> str:
    return (
        f"INSERT INTO contact ({_COLUMNS}) VALUES ({', '.join([mark] * 11)}) "
        f"{contacts.ON_CONFLICT}, fields = {merged}"
    )


_SQLITE = _upsert("?", "json_patch(contact.fields, excluded.fields)")
_POSTGRESQL = _upsert("%s", "(contact.fields::jsonb || excluded.fields::jsonb)::json")
