"""Rows in every table there is, made from the tables' own definitions, so that no new one is forgotten."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, LargeBinary, Table, delete, insert
from sqlmodel import Session

from storage.columns import UtcDateTime, Word
from storage.database import Database
from storage.tables import metadata

ROWS = 3


def fill(db: Database) -> None:
    """A few rows in each table; what refers to another table refers to its first rows."""
    made: dict[str, list[dict[str, Any]]] = {}
    with db.write() as session:
        for table in metadata.sorted_tables:
            made[table.name] = [_row(table, number, made) for number in range(ROWS)]
            _write(session, table, made[table.name])


def _write(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    session.execute(delete(table))  # what the migrations put there
    for row in rows:
        session.connection().execute(insert(table).values(row))


def _row(table: Table, number: int, made: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    row = {}
    for column in table.columns:
        for key in column.foreign_keys:
            target = made.get(key.column.table.name)
            row[column.name] = target[number][key.column.name] if target else None
        if column.name not in row:
            row[column.name] = _value(column, number)
    return row


def _value(column: Column[Any], number: int) -> Any:
    kind = column.type
    if column.nullable and number == 1:
        return None
    if isinstance(kind, JSON):
        return {"name": f"Zoë {number}", "of": [1, 2.5, True, None], "": {}}
    if isinstance(kind, Date):
        return date(2026, 11, 25) + timedelta(days=number)
    if isinstance(kind, LargeBinary):
        return bytes([0, 255, number])
    if isinstance(kind, UtcDateTime):
        return datetime(2026, 11, 25, 9, 30, tzinfo=UTC) + timedelta(microseconds=number * 1_000_001)
    if isinstance(kind, Word):
        return list(kind.words)[number % len(kind.words)]
    if isinstance(kind, Boolean):
        return number % 2 == 0
    if isinstance(kind, Integer):
        return 41 + number
    if isinstance(kind, Float):
        return number + 0.1
    return f"„{column.name}“ 🎈 {number}\n"
