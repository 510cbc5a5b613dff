"""An import of 1,000,000 rows against a bare csv.reader with executemany, in the same run."""

import csv
import resource
import sqlite3
import tempfile
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random

from bench.measure import Figure, table
from bench.workspaces import seeded
from domain.imports import Layout, guess
from storage import imports, lists, sheets, workspace
from storage.demo import OWNER_EMAIL
from storage.importer import Importer

ROWS = 1_000_000
HEADER = ("phone", "first name", "last name", "email")
FIRST = ("Maya", "Liam", "Noor", "Ana", "Kofi", "Ines", "Jun", "Priya", "Omar", "Lena", "Zoe", "Ruth")
LAST = ("Okafor", "Silva", "Chen", "Novak", "Haddad", "Kim", "Rossi", "Meyer", "Patel", "Diaz", "Larsen")


def run(count: int = ROWS) -> str:
    """Measure, and give the table."""
    folder = Path(tempfile.mkdtemp(prefix="bench-import-"))
    path = folder / "people.csv"
    _write(path, count)
    bare = _bare(path, folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    checked, taken = _ours(path, folder)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    note = f"{count / taken:,.0f} rows/s; memory grew {grown:.0f} MB, the reader's peak {child:.0f} MB"
    figures = [
        Figure("check", checked * 1000, bare / checked, f"{count / checked:,.0f} rows/s"),
        Figure("import", taken * 1000, bare / taken, note),
    ]
    baseline = f"bare csv.reader + executemany, {bare:.2f} s; the ratio is of the rates"
    return table(f"Import of {count:,} rows on SQLite", baseline, figures)


def _write(path: Path, count: int) -> None:
    random = Random(3)  # noqa: S311
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(count):
            phone = f"+1646{number * 7_919 % 8_000_000 + 2_000_000:07d}"
            first, last = random.choice(FIRST), random.choice(LAST)
            writer.writerow((phone, first, last, f"{first}.{last}.{number}@example.com".lower()))


def _bare(path: Path, folder: Path) -> float:
    """Rows as they are into a table with the phone as its key, in the same chunks."""
    began = time.perf_counter()
    connection = sqlite3.connect(folder / "bare.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE p (phone TEXT PRIMARY KEY, first TEXT, last TEXT, email TEXT)")
    with path.open(newline="") as file:
        reader = csv.reader(file)
        next(reader)
        while rows := list(islice(reader, 5_000)):
            with connection:
                connection.executemany("INSERT INTO p VALUES (?, ?, ?, ?)", rows)
    connection.close()
    return time.perf_counter() - began


def _ours(path: Path, folder: Path) -> tuple[float, float]:
    db = seeded("import")
    now = datetime.now(UTC)
    actor = workspace.actor(db, OWNER_EMAIL)
    list_id = lists.create(db, actor, "Imported", now)
    importer = Importer(db, folder, lambda: datetime.now(UTC))
    form = sheets.detect(path)
    job_id = imports.create(db, actor, path.name, path.name, form, now)
    began = time.perf_counter()
    imports.start_check(db, actor, job_id, form, Layout(HEADER, guess(HEADER)), list_id)
    importer.work()
    checked = time.perf_counter() - began
    began = time.perf_counter()
    imports.start(db, actor, job_id, now)
    importer.work()
    taken = time.perf_counter() - began
    done = imports.job(db, job_id)
    if done.added != done.total:
        raise RuntimeError(f"not every row was taken in: {done}")
    db.close()
    return checked, taken


if __name__ == "__main__":
    print(run())
