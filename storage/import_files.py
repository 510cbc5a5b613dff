"""Uploaded files go when their import is over; one with bad rows stays a week, as these can be downloaded."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import and_, or_, select
from sqlmodel import col

from storage.database import Database
from storage.imports import WORK, JobState
from storage.tables import ImportJob

SUFFIX = ".upload"
"""What the names of uploaded files end with; nothing else is ever deleted."""

KEPT = timedelta(days=7)
"""For so long a file waits to be imported, and its bad rows to be downloaded."""

UPLOADING = timedelta(hours=1)
"""A younger file may not be noted yet."""


def drop_unneeded(db: Database, folder: Path, now: datetime) -> int:
    """Delete the files that no import needs any more; returns how many."""
    needed = _needed(db, now)
    dropped = 0
    for path in folder.glob(f"*{SUFFIX}"):
        young = datetime.fromtimestamp(path.stat().st_mtime, UTC) > now - UPLOADING
        if path.name not in needed and not (young and not _noted(db, path.name)):
            path.unlink(missing_ok=True)
            dropped += 1
    return dropped


def _needed(db: Database, now: datetime) -> set[str]:
    waiting = (JobState.UPLOADED, JobState.CHECKED)
    query = select(col(ImportJob.stored_name)).where(
        or_(
            col(ImportJob.state).in_(WORK),
            and_(col(ImportJob.state).in_(waiting), col(ImportJob.created_at) > now - KEPT),
            and_(col(ImportJob.bad) > 0, col(ImportJob.finished_at) > now - KEPT),
        )
    )
    with db.read() as session:
        return set(session.scalars(query))


def _noted(db: Database, name: str) -> bool:
    query = select(col(ImportJob.id)).where(col(ImportJob.stored_name) == name)
    with db.read() as session:
        return session.scalar(query) is not None
