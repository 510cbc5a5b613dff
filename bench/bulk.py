"""Bulk actions and saved filters with 1,000,000 contacts, and how long others wait to write meanwhile."""

import threading
import time
from datetime import UTC, datetime

from bench import contacts
from bench.measure import Bar, Turn, report, timed
from bench.workspaces import in_postgres, seeded
from domain.access import Actor
from domain.bulk import Action, Task
from storage import bulk, lists, saved_filters, workspace
from storage.contact_grid import Query
from storage.database import Database
from storage.demo import OWNER_EMAIL

PEOPLE = 1_000_000
PAUSE = 0.05
LONGEST = 1.0


def run(people: int = PEOPLE) -> str:
    """Measure on both databases, and give the tables."""
    databases = {"SQLite": seeded("bulk"), "PostgreSQL": in_postgres("bulk")}
    return "\n".join(_measured(name, db, people) for name, db in databases.items())


def _measured(kind: str, db: Database, people: int) -> str:
    contacts.fill(db, people)
    actor = workspace.actor(db, OWNER_EMAIL)
    list_id = lists.create(db, actor, "Chosen", _now())
    everybody, zone = Query(list_id=1000), Query(timezone="America/Denver")
    waits: list[float] = []
    turns: dict[str, Turn] = {}
    stop = threading.Event()
    other = threading.Thread(target=_write_now_and_then, args=(db, stop, waits))
    other.start()
    try:
        for name, query, count, task in (
            ("set the time zone of all", everybody, people, Task(Action.ZONE, value="America/Denver")),
            ("set a field of all", everybody, people, Task(Action.FIELD, name="plan", value="gold")),
            ("put all on a list", everybody, people, Task(Action.ADD, list_id=list_id)),
            ("put all of a time zone on it, again", zone, people, Task(Action.ADD, list_id=list_id)),
        ):
            job_id = 0
            with timed(count) as turns[name]:
                job_id = _done(db, bulk.start(db, actor, task, query, _now()))
            if count == people and name.startswith("put all"):
                with timed(count) as turns["undo it"]:
                    _undone(db, actor, job_id)
    finally:
        stop.set()
        other.join()
    with timed(people) as turns["save a filter that finds all, and count it"]:
        saved_filters.save(db, actor, "Gold", Query(field="plan", value="gold"), _now())
    rows = [[name, f"{turn.seconds:.1f} s", f"{turn.rate:,.0f}"] for name, turn in turns.items()]
    waits.sort()
    words = f"{people:,} contacts. Somebody else wrote {len(waits):,} times meanwhile."
    bar = Bar("s that somebody else waited at most to write", waits[-1], LONGEST, at_least=False)
    db.close()
    return report(f"Bulk actions on {kind}", words, ["what", "wall", "contacts/s"], rows, [bar])


def _done(db: Database, job_id: int) -> int:
    while bulk.advance(db, job_id, _now()):
        pass
    return job_id


def _undone(db: Database, actor: Actor, job_id: int) -> None:
    bulk.undo(db, actor, job_id, _now())
    _done(db, job_id)


def _write_now_and_then(db: Database, stop: threading.Event, waits: list[float]) -> None:
    actor = workspace.actor(db, OWNER_EMAIL)
    while not stop.wait(PAUSE):
        start = time.perf_counter()
        workspace.keep_form(db, actor, "bench", {"typed": str(start)}, _now())
        waits.append(time.perf_counter() - start)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    print(run())
