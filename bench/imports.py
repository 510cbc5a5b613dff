"""An import of 1,000,000 rows against a bare csv.reader with executemany, in the same run."""

import csv
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from bench import served
from bench.measure import Bar, Turn, report
from bench.workspaces import seeded
from domain.imports import Layout, guess
from storage import imports, lists, sheets, workspace
from storage.database import Database
from storage.demo import OWNER_EMAIL
from storage.importer import Importer
from storage.imports import JobState

ROWS = 1_000_000
LOADS = 60
WARM_UP = 10
"""Loads of a program that has just started, which do not count."""

PAUSE = 0.02
"""Seconds between two loads, as a few people at work would make."""

HEADER = ("phone", "first name", "last name", "email")
FIRST = ("Maya", "Liam", "Noor", "Ana", "Kofi", "Ines", "Jun", "Priya", "Omar", "Lena", "Zoe", "Ruth")
LAST = ("Okafor", "Silva", "Chen", "Novak", "Haddad", "Kim", "Rossi", "Meyer", "Patel", "Diaz", "Larsen")


def run(count: int = ROWS) -> str:
    """Measure, and give the table."""
    folder = Path(tempfile.mkdtemp(prefix="bench-import-"))
    path = folder / "people.csv"
    _write(path, count)
    bare = _bare(path, folder)
    before = _peak(resource.RUSAGE_SELF)
    db = seeded("import")
    checked, taken = _ours(db, path, folder)
    grown = _peak(resource.RUSAGE_SELF) - before
    beside = 2 * (_peak(resource.RUSAGE_CHILDREN) - _idle_process())  # two of them, and this is the larger's
    idle, busy = _pages(db, count)
    rows = [
        [
            what,
            f"{turn.seconds:.1f} s",
            f"{turn.rate:,.0f}",
            f"{turn.cpu:.1f}",
            f"{turn.rate / bare.rate:.2f}",
        ]
        for what, turn in (("bare", bare), ("check", checked), ("import", taken))
    ]
    bars = [
        Bar("of the bare rate while importing", taken.rate / bare.rate, 0.2),
        Bar("MB of memory more, in the web's process and the two beside it", grown + beside, 200, False),
        Bar("ms at p95 of a page while importing", busy * 1000, 200, False),
    ]
    words = (
        f"Bare is csv.reader with executemany into a table with the phone as its key. With so many contacts "
        f"a page took {idle * 1000:.0f} ms at p95, and {busy * 1000:.0f} ms while {count // 10:,} more were "
        "imported."
    )
    heads = ["what", "wall", "rows/s", "µs of CPU a row", "of the bare rate"]
    return report(f"Import of {count:,} rows on SQLite", words, heads, rows, bars)


def _write(path: Path, count: int, first_number: int = 0) -> None:
    random = Random(3)  # noqa: S311
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(first_number, first_number + count):
            phone = f"+1646{number * 7_919 % 8_000_000 + 2_000_000:07d}"
            first, last = random.choice(FIRST), random.choice(LAST)
            writer.writerow((phone, first, last, f"{first}.{last}.{number}@example.com".lower()))


def _bare(path: Path, folder: Path) -> Turn:
    """Rows as they are into a table with the phone as its key, in the same chunks."""
    connection = sqlite3.connect(folder / "bare.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE p (phone TEXT PRIMARY KEY, first TEXT, last TEXT, email TEXT)")
    with _timed(path) as turn, path.open(newline="") as file:
        reader = csv.reader(file)
        next(reader)
        while rows := list(islice(reader, 5_000)):
            with connection:
                connection.executemany("INSERT INTO p VALUES (?, ?, ?, ?)", rows)
    connection.close()
    return turn


def _ours(db: Database, path: Path, folder: Path) -> tuple[Turn, Turn]:
    importer = Importer(db, folder, _now)
    actor = workspace.actor(db, OWNER_EMAIL)
    with _timed(path) as checked:
        job_id = _checking(db, path)
        importer.work()
    with _timed(path) as taken:
        imports.start(db, actor, job_id, _now())
        importer.work()
    done = imports.job(db, job_id)
    if done.added != done.total:
        raise RuntimeError(f"not every row was taken in: {done}")
    return checked, taken


def _checking(db: Database, path: Path) -> int:
    actor = workspace.actor(db, OWNER_EMAIL)
    list_id = lists.create(db, actor, f"Imported from {path.name}", _now())
    form = sheets.detect(path)
    job_id = imports.create(db, actor, path.name, path.name, form, _now())
    imports.start_check(db, actor, job_id, form, Layout(HEADER, guess(HEADER)), list_id)
    return job_id


def _pages(db: Database, people: int) -> tuple[float, float]:
    """Seconds at p95 of the campaigns and the contacts page, before and while the program imports more."""
    path = Path(str(db.engine.url.database)).parent / "imports" / "more.csv"
    path.parent.mkdir()
    _write(path, people // 10, people)
    job_id = _checking(db, path)
    with served.serving(db) as program:
        _until(db, job_id, JobState.CHECKED)
        idle = [_load(program) for _ in range(LOADS + WARM_UP)][WARM_UP:]
        imports.start(db, workspace.actor(db, OWNER_EMAIL), job_id, _now())
        busy = []
        while imports.job(db, job_id).state is JobState.RUNNING:
            busy.append(_load(program))
    db.close()
    return _p95(idle), _p95(busy)


def _load(program: served.Served) -> float:
    time.sleep(PAUSE)
    return max(program.seconds(path) for path in ("/campaigns/sms", "/contacts"))


def _until(db: Database, job_id: int, state: JobState) -> None:
    end = time.monotonic() + 300
    while imports.job(db, job_id).state is not state:
        if time.monotonic() > end:
            raise RuntimeError("the import does not get on")
        time.sleep(0.1)


@contextmanager
def _timed(path: Path) -> Iterator[Turn]:
    """Time what is done with every row, with the CPU of this process and of those it started."""
    with path.open() as file:
        turn = Turn(sum(1 for _ in file) - 1)
    start, before = time.perf_counter(), _cpu()
    yield turn
    turn.seconds, turn.cpu_seconds = time.perf_counter() - start, _cpu() - before


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peak(who: int) -> float:
    """The most memory that a process had at a time, in MB."""
    return resource.getrusage(who).ru_maxrss / 1024


def _idle_process() -> float:
    """What a process beside has before it does anything."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    reader = context.Process(target=_say_peak, args=(theirs,))
    reader.start()
    peak: float = ours.recv()
    reader.join()
    return peak


def _say_peak(pipe: Connection) -> None:
    pipe.send(_peak(resource.RUSAGE_SELF))


def _p95(taken: list[float]) -> float:
    return sorted(taken)[len(taken) * 95 // 100]


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    print(run())
