"""Uploaded files: where every replica of the web reaches them, and when they go.

They lie in the data directory, and on PostgreSQL in the database too: a page and the importer may be of
replicas with directories of their own. One with bad rows stays a week, as these can be downloaded.
"""

import secrets
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import and_, delete, exists, func, insert, or_, select
from sqlmodel import col

from domain.problems import NotFound
from storage.database import Database
from storage.imports import WORK, JobState
from storage.tables import ImportJob, ImportPart

SUFFIX = ".upload"
"""What the names of uploaded files end with; nothing else is ever deleted."""

KEPT = timedelta(days=7)
"""For so long a file waits to be imported, or gone on with, and its bad rows to be downloaded."""

UPLOADING = timedelta(hours=1)
"""A younger file may not be noted yet."""


PART = 1_000_000
"""Bytes of a file in one row."""


class FileGone(NotFound):
    """The file of this import is not here any more. Choose it again."""


def share(db: Database, path: Path, now: datetime) -> None:
    """Put a file that was uploaded here where the other replicas find it."""
    if db.is_sqlite:
        return
    with path.open("rb") as file, db.write() as session:
        for place, body in enumerate(iter(partial(file.read, PART), b"")):
            part = {"stored_name": path.name, "place": place, "body": body, "created_at": now}
            session.execute(insert(ImportPart), part)


def fetch(db: Database, folder: Path, name: str) -> Path:
    """The file; one that another replica took in is written anew. Raises `FileGone`."""
    path = folder / name
    if path.is_file():
        return path
    places = select(col(ImportPart.place)).where(col(ImportPart.stored_name) == name)
    with db.read() as session:
        found = session.scalars(places.order_by(col(ImportPart.place))).all()
        if not found:
            raise FileGone
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{name}.{secrets.token_hex(8)}{SUFFIX}"
        with draft.open("wb") as file:
            for place in found:
                file.write(session.get_one(ImportPart, (name, place)).body)
                session.expunge_all()
        draft.rename(path)
    return path


def drop_unneeded(db: Database, folder: Path, now: datetime) -> int:
    """Delete the files that no import needs any more; returns how many."""
    needed = _needed(db, now)
    dropped = 0
    for path in folder.glob(f"*{SUFFIX}"):
        young = datetime.fromtimestamp(path.stat().st_mtime, UTC) > now - UPLOADING
        if path.name not in needed and not (young and not _noted(db, path.name)):
            path.unlink(missing_ok=True)
            dropped += 1
    _drop_parts(db, needed, now)
    return dropped


def _drop_parts(db: Database, needed: set[str], now: datetime) -> None:
    there = select(col(ImportPart.stored_name)).group_by(col(ImportPart.stored_name))
    young = func.max(col(ImportPart.created_at)) > now - UPLOADING
    known = exists().where(col(ImportJob.stored_name) == col(ImportPart.stored_name))
    with db.read() as session:
        names = set(session.scalars(there.having(or_(~young, known)))) - needed
    if names:
        with db.write() as session:
            session.execute(delete(ImportPart).where(col(ImportPart.stored_name).in_(names)))


def _needed(db: Database, now: datetime) -> set[str]:
    waiting = (JobState.UPLOADED, JobState.CHECKED)
    unfinished = and_(
        col(ImportJob.state) == JobState.CANCELED, col(ImportJob.position) < col(ImportJob.total)
    )
    failed_check = and_(col(ImportJob.state) == JobState.FAILED, col(ImportJob.total) == 0)
    query = select(col(ImportJob.stored_name)).where(
        or_(
            col(ImportJob.state).in_(WORK),
            and_(col(ImportJob.state).in_(waiting), col(ImportJob.created_at) > now - KEPT),
            and_(
                or_(col(ImportJob.bad) > 0, unfinished, failed_check), col(ImportJob.finished_at) > now - KEPT
            ),
        )
    )
    with db.read() as session:
        return set(session.scalars(query))


def _noted(db: Database, name: str) -> bool:
    query = select(col(ImportJob.id)).where(col(ImportJob.stored_name) == name)
    with db.read() as session:
        return session.scalar(query) is not None
