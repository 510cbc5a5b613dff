"""The review of a campaign to 1,000,000 people: how long, in how much memory, and pages meanwhile."""

import json
import multiprocessing
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from bench import contacts, served
from bench.latency import PAUSE, p95
from bench.measure import Bar, report
from bench.workspaces import seeded
from domain.access import Role
from domain.details import Details
from storage import api_keys, campaigns, messages, review, workspace
from storage.database import Database
from storage.demo import OWNER_EMAIL
from storage.messages import Change
from storage.tables import Line

PEOPLE = 1_000_000
LOADS = 60
PAGES = ("/campaigns/sms", "/contacts")
EVERYONE = 1000
"""The list that `contacts.fill` puts everybody on."""

TEXT = "Hi {first_name|there}, our sale begins today: see https://shop.example/sale. Reply STOP to opt out."
AGAIN = "Last call, {first_name|there}! The sale ends tonight."


def run(people: int = PEOPLE) -> str:
    """Measure, and give the table."""
    db = seeded("review")
    contacts.fill(db, people)
    campaign_id = _draft(db)
    seconds, grown = _alone(db.url, campaign_id)
    idle, busy, served_seconds, looks = _served(db, campaign_id)
    db.close()
    rows = [
        ["alone, in a process of its own", f"{seconds:.1f} s", f"{people / seconds:,.0f}", f"{grown:.0f} MB"],
        ["asked for on the web, pages being loaded", f"{served_seconds:.1f} s", "", ""],
    ]
    bars = [
        Bar("ms at p95 of a page while it is computed", busy * 1000, 200, at_least=False),
        Bar("MB of memory more", grown, 200, at_least=False),
    ]
    words = (
        f"Two messages with merge fields, {people:,} people in four zones, a line of 75 segments/s. "
        f"p95 of a page: {idle * 1000:.0f} ms before, and {busy * 1000:.0f} ms in {looks} loads meanwhile."
    )
    heads = ["review", "wall", "people/s", "memory more"]
    return report(f"Review of a campaign to {people:,} people on SQLite", words, heads, rows, bars)


def _draft(db: Database) -> int:
    actor, now = workspace.actor(db, OWNER_EMAIL), datetime.now(UTC)
    with db.write() as session:
        session.get_one(Line, 1).rate = 75.0
    form = Details("To everyone", "sms", 1, EVERYONE, actor.user_id, acknowledged=True)
    campaign_id = campaigns.create(db, actor, form, "America/New_York", now)
    for days, text in ((2, TEXT), (9, AGAIN)):
        when = now + timedelta(days=days)
        change = Change(text=text, local_date=f"{when:%Y-%m-%d}", local_time="10:00")
        messages.add(db, actor, campaign_id, now, change)
    return campaign_id


def _alone(url: str, campaign_id: int) -> tuple[float, float]:
    """Seconds, and MB more than the process had before, in a process that does nothing else."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_review, args=(url, campaign_id, theirs))
    process.start()
    found: tuple[float, float] = ours.recv()
    process.join()
    return found


def _review(url: str, campaign_id: int, pipe: Connection) -> None:
    db = Database(url)
    before, start = _peak(), time.perf_counter()
    review.review(db, campaign_id, datetime.now(UTC))
    pipe.send((time.perf_counter() - start, _peak() - before))
    db.close()


def _served(db: Database, campaign_id: int) -> tuple[float, float, float, int]:
    """Seconds at p95 of a page before and meanwhile, seconds that the review took, and loads meanwhile."""
    key = api_keys.create(db, "bench", Role.MANAGER, datetime.now(UTC))
    with served.serving(db) as program:
        idle = [_load(program) for _ in range(LOADS)]
        busy, start = [], time.perf_counter()
        while not _is_ready(program, campaign_id, key):
            busy += [_load(program) for _ in range(3)]
        seconds = time.perf_counter() - start
    return p95(idle), p95(busy), seconds, len(busy)


def _is_ready(program: served.Served, campaign_id: int, key: str) -> bool:
    program.connection.request(
        "GET", f"/api/v1/campaigns/{campaign_id}/preflight", headers={"Authorization": f"Bearer {key}"}
    )
    return bool(json.loads(program.connection.getresponse().read())["ready"])


def _load(program: served.Served) -> float:
    time.sleep(PAUSE)
    return max(program.seconds(path) for path in PAGES)


def _peak() -> float:
    """The most memory that this process had at a time, in MB; other counters begin with the parent's."""
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in one)
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    print(run())
