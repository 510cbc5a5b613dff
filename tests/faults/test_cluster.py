"""Workers on one PostgreSQL die, hang and lose their database: their lines go on, nobody is sent to twice."""

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text, update

from domain.campaigns import Status
from domain.deliveries import State
from storage import campaigns, results
from storage.database import Database
from storage.schema import upgrade
from storage.tables import Message
from tests import arrange, ledger, postgres, wait
from tests.faults.carrier import Sink
from tests.faults.conftest import Say
from tests.faults.program import Program
from tests.faults.scale import FULL, only_full, sized
from tests.faults.stage import HURRIED

pytestmark = pytest.mark.timeout(sized(180, 900))

LINES = 3
RATE = 20.0
BATCH = 40
"""Deliveries that a pump at this rate claims at most: what a kill leaves in doubt on a line."""

RESUMES_WITHIN = 120.0
BACK_WITHIN = sized(60.0, 15.0)


SOONER = sized({"set": HURRIED}, None)
"""In the short form a dead worker is found in seconds; in full within the time that people wait."""


@pytest.fixture(scope="module")
def server() -> postgres.OwnServer:
    return postgres.OwnServer()


@dataclass
class Cluster:
    """A database of its own, campaigns that are due on several lines, and the workers of a test."""

    db: Database
    carrier: Sink
    folder: Path
    workers: list[Program] = field(default_factory=list)
    campaign_ids: list[int] = field(default_factory=list)

    def start(self, count: int = 1) -> list[Program]:
        """Start workers, one beside the other."""
        settings = {"SMS_DATABASE_URL": self.db.url, "SMS_SECRET_KEY": "k" * 32}
        for _ in range(count):
            folder = self.folder / f"worker-{len(self.workers) + 1}"
            self.workers.append(Program(folder, settings, ("worker",), fault=SOONER))
            self.workers[-1].start(wait_until_ready=False)
        started = self.workers[-count:]
        for worker in started:
            wait.until(lambda worker=worker: worker.is_ready, 60, "the worker's start")  # type: ignore[misc]
        return started

    def plan(self, people: int) -> None:
        """A campaign on each line, due at once."""
        now = datetime.now(UTC)
        actor = arrange.person(self.db, now)
        for number in range(LINES):
            phones = arrange.numbers(people * LINES)[number::LINES]
            line_id = arrange.line(self.db, now, label=text_of(number), rate=RATE, base_url=self.carrier.url)
            list_id = arrange.contact_list(self.db, actor, now, phones, text_of(number))
            campaign_id = arrange.draft(
                self.db, actor, now, line_id, list_id, name=text_of(number), texts=[text_of(number)]
            )
            campaigns.schedule(self.db, actor, campaign_id, now)
            self.campaign_ids.append(campaign_id)
        with self.db.write() as session:
            session.execute(update(Message).values(send_at=now, begins_at=now))

    @property
    def counts(self) -> list[int]:
        """Messages that each line has brought to the carrier."""
        texts = [entry.text for entry in self.carrier.sent]
        return [texts.count(text_of(number)) for number in range(LINES)]

    def every_line_sends(self, more: int, seconds: float, what: str) -> float:
        """Wait until each line has sent so many more; how long that took."""
        goals = [count + more for count in self.counts]
        began = time.monotonic()
        wait.until(lambda: all(a >= b for a, b in zip(self.counts, goals, strict=True)), seconds, what)
        return time.monotonic() - began

    def jobs(self, status: str) -> int:
        """Jobs of the queue in that status."""
        query = text("SELECT count(*) FROM procrastinate_jobs WHERE status = :s")
        with self.db.read() as session:
            return int(session.execute(query, {"s": status}).scalar_one())

    def a_transaction_waits(self) -> bool:
        """Whether a worker that is stopped has one open, with the locks that it took."""
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND state = 'idle in transaction' "
            "AND query LIKE 'INSERT INTO tally%' AND state_change < now() - interval '0.2 s'"
        )
        Event().wait(0.25)
        with self.db.read() as session:
            return bool(session.execute(text(waiting)).scalar_one())

    def pumps_run_and_successors_wait(self) -> bool:
        return self.jobs("doing") == LINES and self.jobs("todo") == LINES

    def states(self) -> dict[str, State]:
        """Each person's state, over all campaigns."""
        found: dict[str, State] = {}
        for campaign_id in self.campaign_ids:
            found |= ledger.states(self.db, ledger.message_ids(self.db, campaign_id)[0])
        return found

    def is_sent_to_the_end(self) -> bool:
        """Nobody's turn is still to come."""
        return State.QUEUED not in self.states().values()

    def is_completed(self) -> bool:
        now = datetime.now(UTC)
        ends = (results.overview(self.db, number, now).standing.status for number in self.campaign_ids)
        return all(status is Status.COMPLETED for status in ends)

    def check(self, people: int, *, most_in_doubt: int) -> None:
        """What must hold at the end, whatever happened on the way."""
        wait.until(lambda: self.jobs("doing") + self.jobs("todo") == 0, 120, "the end of every job")
        assert self.carrier.twice == []
        ledger.check_tallies(self.db)
        states = self.states()
        assert len(states) == people * LINES
        doubt = {phone for phone, state in states.items() if state in (State.SENDING, State.UNKNOWN)}
        assert len(doubt) <= most_in_doubt
        reached = {entry.to for entry in self.carrier.sent}
        assert reached | doubt == set(states)
        assert all(states[phone] is State.SENT for phone in reached - doubt)


def text_of(number: int) -> str:
    return f"Line {number}. Reply STOP to opt out."


@pytest.fixture
def cluster(server: postgres.OwnServer, carrier: Sink, tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(Database(server.database("faults")), carrier, tmp_path)
    upgrade(made.db)
    arrange.any_hour(made.db)
    yield made
    for worker in made.workers:
        worker.end()
    made.db.close()


def test_the_lines_of_a_killed_worker_go_on_in_the_other(cluster: Cluster, say: Say) -> None:
    people = sized(200, 1_200)
    cluster.plan(people)
    (first,) = cluster.start()
    cluster.every_line_sends(20, 60, "sending")
    wait.until(cluster.pumps_run_and_successors_wait, 20, "a pump and its successor on every line")
    if FULL:  # beside a living one; in the short form there is less to send than its start may take
        cluster.start()
    first.kill()
    killed = time.monotonic()
    if not FULL:
        cluster.start()
    cluster.every_line_sends(1, RESUMES_WITHIN, "every line's going on")
    say(f"F4: every line went on {time.monotonic() - killed:.1f} s after the kill of one worker")
    wait.until(cluster.is_sent_to_the_end, 120, "the last delivery")
    if FULL:
        wait.until(cluster.is_completed, 420, "the campaigns' end")
    cluster.check(people, most_in_doubt=LINES * BATCH)


@only_full
def test_the_lines_of_all_workers_killed_at_once_go_on_in_new_ones(cluster: Cluster, say: Say) -> None:
    people = 400
    cluster.plan(people)
    workers = cluster.start(2)
    cluster.every_line_sends(20, 60, "sending")
    wait.until(cluster.pumps_run_and_successors_wait, 20, "a pump and its successor on every line")
    for worker in workers:
        worker.kill()
    killed = time.monotonic()
    cluster.start(2)
    cluster.every_line_sends(1, RESUMES_WITHIN, "every line's going on")
    say(f"F4: every line went on {time.monotonic() - killed:.1f} s after the kill of both workers")
    wait.until(cluster.is_completed, 420, "the campaigns' end")
    cluster.check(people, most_in_doubt=LINES * BATCH)


def test_workers_outlive_a_crash_of_the_database(
    cluster: Cluster, server: postgres.OwnServer, say: Say
) -> None:
    people, down = sized((300, 3.0), (600, 10.0))
    cluster.plan(people)
    workers = cluster.start(2)
    cluster.every_line_sends(40, 60, "sending")
    server.stop_at_once()
    came = time.monotonic() + down
    wait.until(lambda: time.monotonic() >= came, down + 5)
    server.start()
    took = cluster.every_line_sends(1, BACK_WITHIN, "every line's going on")
    say(f"F6: every line went on {took:.1f} s after the database was back")
    wait.until(cluster.is_sent_to_the_end, 90, "the last delivery")
    assert [worker.running.poll() for worker in workers] == [None, None]
    cluster.check(people, most_in_doubt=LINES * BATCH)
    assert [worker.terminate() for worker in workers] == [0, 0]


@only_full
@pytest.mark.parametrize("where", ["anywhere", "in a transaction"])
def test_a_worker_that_was_frozen_for_a_minute_doubles_nothing(
    cluster: Cluster, say: Say, where: str
) -> None:
    people = 1_400 if where == "anywhere" else 2_400
    cluster.plan(people)
    (first,) = cluster.start()
    cluster.every_line_sends(20, 60, "sending")
    wait.until(cluster.pumps_run_and_successors_wait, 20, "a pump and its successor on every line")
    cluster.start()
    first.running.send_signal(signal.SIGSTOP)
    while where != "anywhere" and not cluster.a_transaction_waits():
        first.running.send_signal(signal.SIGCONT)
        Event().wait(0.05)
        first.running.send_signal(signal.SIGSTOP)
    frozen = time.monotonic()
    took = cluster.every_line_sends(1, RESUMES_WITHIN, "every line's going on in the other")
    wait.until(lambda: time.monotonic() > frozen + 60, 70)
    before = sum(cluster.counts)
    first.running.send_signal(signal.SIGCONT)
    thawed = time.monotonic()
    wait.until(lambda: time.monotonic() > thawed + 30, 40)
    beside = sum(cluster.counts) - before
    assert beside <= 2 * RATE * LINES * 30 + LINES * BATCH
    allowed = RATE * LINES * 30
    say(
        f"F12 {where}: every line went on {took:.1f} s after a worker froze; {beside} sent in the 30 s "
        f"after it thawed, the lines' rates allow {allowed:.0f}"
    )
    wait.until(cluster.is_completed, 120, "the campaigns' end")
    assert first.running.poll() is None
    cluster.check(people, most_in_doubt=LINES * BATCH)  # what was on the wire, or being written down
