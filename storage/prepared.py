"""Statements of the hot paths: compiled once per dialect, then run on the driver with nothing in between.

A batch has some dozen rows, and the ordinary way costs about 100 µs a statement and 1 to 2 µs a value, which
would be most of what such a batch costs. What comes back are the driver's own values: see `instant`.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, Dialect, Row, Table, Text, bindparam
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator, TypeEngine

Process = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement as one driver takes it."""

    sql: str
    order: Sequence[str] | None  # of the parameters; None where the driver takes them by name
    constants: Mapping[str, Any]
    processes: Mapping[str, Process]

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them."""
        found = {**self.constants, **values}
        for name, process in self.processes.items():
            found[name] = process(found[name])
        return found if self.order is None else tuple(found[name] for name in self.order)


class Prepared:
    """A Core statement with `bindparam`s."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._forms: dict[str, _Form] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """Run it and give what it returns."""
        form = self._form(connection)
        return connection.exec_driver_sql(form.sql, form.parameters(values)).all()

    def tuples(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """The same as the driver's own tuples."""
        form = self._form(connection)
        with _on_driver(connection) as cursor:
            cursor.execute(form.sql, form.parameters(values))
            return cursor.fetchall()

    def each(self, connection: Connection, many: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each of `many`."""
        if not many:
            return
        form = self._form(connection)
        with _on_driver(connection) as cursor:
            cursor.executemany(form.sql, [form.parameters(values) for values in many])

    def _form(self, connection: Connection) -> _Form:
        dialect = connection.dialect
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = _compiled(self._statement, dialect)
        return form


class _OfRows(ABC):
    """A statement about many rows of a table, whose values stand in the order of some columns."""

    def __init__(self, table: Table, names: Sequence[str]) -> None:
        self._table = table
        self._names = names
        self._forms: dict[str, tuple[str, list[tuple[int, Process]]]] = {}

    def _written(self, dialect: Dialect, rows: Sequence[tuple[Any, ...]]) -> tuple[str, Sequence[Any]]:
        """The statement, and the rows as the driver takes them: for PostgreSQL all as one JSON text."""
        form = self._forms.get(dialect.name)
        if form is None:
            kinds = [self._table.c[name].type for name in self._names]
            found = ((place, _process(kind, dialect)) for place, kind in enumerate(kinds))
            processes = [(place, process) for place, process in found if process]
            named = zip(self._names, kinds, strict=True)
            columns = ", ".join(f"{name} {kind.compile(dialect)}" for name, kind in named)
            given = f"json_to_recordset(%s::json) AS given ({columns})"
            form = self._forms[dialect.name] = self._sql(dialect, given), processes
        values: list[Any] = list(zip(*rows, strict=True))
        for place, process in form[1]:
            values[place] = map(process, values[place])
        written = zip(*values, strict=True)
        if dialect.name != "postgresql":
            return form[0], list(written)
        # psycopg writes arrays in Python, value by value, which was most of a statement's cost here.
        told = [dict(zip(self._names, row, strict=True)) for row in written]
        return form[0], (json.dumps(told, ensure_ascii=False, default=datetime.isoformat),)

    @abstractmethod
    def _sql(self, dialect: Dialect, given: str) -> str:
        """For PostgreSQL about all rows, which are `given`; else about one row."""


class Rewrite(_OfRows):
    """New values for some columns of many rows, found by their id."""

    def __init__(self, table: Table, *names: str) -> None:
        super().__init__(table, (*names, "id"))

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Give each row its values: those of the columns, beside the `id`."""
        self.write(connection, [tuple(row[name] for name in self._names) for row in rows])

    def write(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """The same for rows that have the columns' values in their order, and then the id."""
        if not rows:
            return
        sql, written = self._written(connection.dialect, rows)
        with _on_driver(connection) as cursor:
            if connection.dialect.name == "postgresql":
                cursor.execute(sql, written)
            else:
                cursor.executemany(sql, written)

    def _sql(self, dialect: Dialect, given: str) -> str:
        table, names = self._table.name, self._names[:-1]
        if dialect.name == "postgresql":
            values = ", ".join(f"{name} = given.{name}" for name in names)
            return f"UPDATE {table} SET {values} FROM {given} WHERE {table}.id = given.id"
        return f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?"


class Insert(_OfRows):
    """New rows of a table, without those that a unique constraint keeps out."""

    def __init__(self, table: Table, names: Sequence[str], returning: Sequence[str]) -> None:
        super().__init__(table, names)
        self._returning = ", ".join(returning)

    def run(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
        """Insert rows whose values stand in the order of the names; what is returned of the new ones."""
        if not rows:
            return ()
        sql, written = self._written(connection.dialect, rows)
        with _on_driver(connection) as cursor:
            if connection.dialect.name == "postgresql":
                cursor.execute(sql, written)
                return cursor.fetchall()
            new: list[tuple[Any, ...]] = []
            for row in written:
                cursor.execute(sql, row)
                new += cursor.fetchall()
            return new

    def _sql(self, dialect: Dialect, given: str) -> str:
        """One INSERT of all rows: a text that is as long for one as for many."""
        many = dialect.name == "postgresql"
        rows = f"SELECT * FROM {given}" if many else f"VALUES ({', '.join('?' for _ in self._names)})"
        return (
            f"INSERT INTO {self._table.name} ({', '.join(self._names)}) {rows} "
            f"ON CONFLICT DO NOTHING RETURNING {self._returning}"
        )


class Numbers(TypeDecorator[Sequence[int]]):
    """Whole numbers as one parameter."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array where there are arrays, else JSON."""
        return dialect.type_descriptor(ARRAY(BigInteger()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        """To the database."""
        return list(value or ()) if dialect.name == "postgresql" else json.dumps(value)


class Among(ColumnElement[bool]):
    """Whether a column is one of the numbers bound to `name`: the same text however many they are."""

    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.numbers = bindparam(name, type_=Numbers())


@compiles(Among, "sqlite")
def _among_json(element: Among, compiler: SQLCompiler, **words: Any) -> str:
    column, numbers = compiler.process(element.column, **words), compiler.process(element.numbers, **words)
    return f"{column} IN (SELECT value FROM json_each({numbers}))"


@compiles(Among, "postgresql")
def _among_array(element: Among, compiler: SQLCompiler, **words: Any) -> str:
    return f"{compiler.process(element.column, **words)} = ANY ({compiler.process(element.numbers, **words)})"


@lru_cache(maxsize=4096)  # the people of a message share theirs
def instant(raw: Any) -> datetime:
    """An instant as the driver gave it: SQLite gives a text without its zone, which is UTC."""
    if isinstance(raw, datetime):
        return raw.astimezone(UTC)
    return datetime.fromisoformat(raw).replace(tzinfo=UTC)


@contextmanager
def _on_driver(connection: Connection) -> Iterator[DBAPICursor]:
    """A cursor of the driver in the connection's transaction; its errors come as SQLAlchemy's do."""
    driver = connection.connection
    cursor = driver.cursor()
    try:
        yield cursor
    except connection.dialect.loaded_dbapi.Error as error:
        base = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(None, None, error, base, hide_parameters=True) from error
    finally:
        cursor.close()


def _compiled(statement: Executable, dialect: Dialect) -> _Form:
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    if "POSTCOMPILE" in str(compiled):
        raise ValueError("a list has no fixed length: use Among")
    constants, processes = {}, {}
    for name, value in compiled.params.items():
        bind = compiled.binds[name]
        process = _process(bind.type, dialect)
        if not bind.required:
            constants[name] = process(value) if process and value is not None else value
        elif process:
            processes[name] = process
    return _Form(str(compiled), compiled.positiontup, constants, processes)


def _process(kind: TypeEngine[Any], dialect: Dialect) -> Process | None:
    """What turns a value of this type into the driver's; None where it is the driver's already."""
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return None
    return process if isinstance(kind, Numbers) else lru_cache(maxsize=4096)(process)
