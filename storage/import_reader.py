"""Reading an import's file; a large one in a process of its own, so that the web's process keeps its time
for people.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from domain.imports import MOST_ROWS, Layout, Person, Target, TooManyRows, person
from domain.problems import Problem
from domain.zones import zones_of_number
from storage.contacts import keys
from storage.sheets import Form, rows

CHUNK = 5_000
"""Rows committed together: what a kill repeats, and how long other writers wait."""

Row = tuple[str, str, str, str, str | None, str | None, str, str, str, str]
"""Phone, first and last name, e-mail, zone, the number's zone, fields as JSON, name, last and e-mail key."""


@dataclass(slots=True)
class Chunk:
    """What the next rows of a file hold; `position` counts the data rows up to its end."""

    position: int
    people: list[Row] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)  # numbers that no earlier row had
    duplicates: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)
    consents: list[tuple[str, Any]] = field(default_factory=list)


def read(path: Path, form: Form, layout: Layout, now: datetime, start: int = 0) -> Iterator[Chunk]:
    """The chunks from behind the row `start` on; raises `TooManyRows`.

    What lies before is read too: only so are later repetitions of its numbers known.
    """
    seen: set[int] = set()
    body = rows(path, form)
    next(body, None)  # the header
    position = 0
    while True:
        size = min(CHUNK, start - position) if position < start else CHUNK
        chunk = Chunk(position)
        for row in islice(body, size):
            chunk.position += 1
            _take(chunk, row, layout, now, seen)
        if chunk.position == position:
            return
        position = chunk.position
        if position > MOST_ROWS:
            raise TooManyRows
        if position > start:
            yield chunk


def told(path: Path, form: Form, layout: Layout, now: datetime, start: int) -> Iterator[Chunk | str]:
    """The chunks, and at last what is wrong with the file, or nothing."""
    problem = ""
    try:
        yield from read(path, form, layout, now, start)
    except Problem as found:
        problem = found.text
    yield problem


def send(path: Path, form: Form, layout: Layout, now: datetime, start: int, pipe: Connection) -> None:
    """The work of a process: all of it into the pipe."""
    os.nice(5)  # pages come first
    try:
        for got in told(path, form, layout, now, start):
            pipe.send(got)
    except ConnectionError:
        pass  # nobody wants the rest


def _take(chunk: Chunk, row: list[str], layout: Layout, now: datetime, seen: set[int]) -> None:
    try:
        found = person(row, layout, now)
    except Problem as problem:
        chunk.bad.append((chunk.position + 1, problem.text))
        return
    number = int(found.phone[1:])
    if number in seen:
        chunk.duplicates += 1
    else:
        seen.add(number)
        chunk.fresh.append(found.phone)
    chunk.people.append(_row(found))
    if found.consent:
        chunk.consents.append((found.phone, found.consent))


def _row(found: Person) -> Row:
    zones = zones_of_number(found.phone)
    folded = keys(found.first_name, found.last_name, found.email)
    return (
        found.phone,
        found.first_name,
        found.last_name,
        found.email,
        found.timezone,
        zones[0] if len(zones) == 1 else None,
        json.dumps(found.fields) if found.fields else "{}",
        folded["name_key"],
        folded["last_key"],
        folded["email_key"],
    )


def layout_of(body: dict[str, Any]) -> Layout:
    """A layout as the job keeps it."""
    return Layout(
        tuple(body["headers"]),
        tuple(Target(word) for word in body["targets"]),
        body["country"],
        body.get("source", ""),
    )


def body_of(layout: Layout) -> dict[str, Any]:
    """The same for the job."""
    return {
        "headers": list(layout.headers),
        "targets": [target.value for target in layout.targets],
        "country": layout.country,
        "source": layout.source,
    }
