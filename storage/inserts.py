"""An INSERT that knows what to do about a row that is there already, for either database."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session


def insert_into(session: Session, table: Any) -> "postgresql.Insert | sqlite.Insert":
    """The INSERT of the session's database, with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
