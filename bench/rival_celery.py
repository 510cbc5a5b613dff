"""Celery as most would use it for this: a task a message, requests to post it, a commit for its outcome."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

from bench.measure import Turn, cpu_seconds, timed

MESSAGES = 600
TEXT = "Hello from Harbor & Pine. Reply STOP to opt out."


def app(redis_port: int) -> Any:
    """The Celery application, in the worker and here."""
    from celery import Celery

    made = Celery("rival", broker=f"redis://127.0.0.1:{redis_port}/0")
    made.conf.update(task_ignore_result=True, worker_hijack_root_logger=False)
    made.task(name="send")(_send)
    return made


def _send(url: str, number: int, database: str) -> None:
    """One message: post it, record what came of it."""
    session, outcomes = _kept(database)
    body = {"from": "+14155550100", "to": f"+1212600{number:04d}", "text": TEXT, "media": [], "callback": url}
    answer = session.post(url + "/messages", json=body, timeout=20)
    with outcomes:
        query = "UPDATE delivery SET state = 'sent', carrier_message_id = ? WHERE id = ?"
        outcomes.execute(query, (answer.json()["id"], number))


@cache
def _kept(database: str) -> tuple[Any, sqlite3.Connection]:
    """The worker's connections, to the carrier and to the database, opened once."""
    import requests

    outcomes = sqlite3.connect(database)
    outcomes.execute("PRAGMA synchronous=FULL")
    return requests.Session(), outcomes


def turn(url: str) -> Turn:
    """Queue the messages, then let a worker with one process take them."""
    folder = Path(tempfile.mkdtemp(prefix="bench-celery-"))
    database = str(folder / "outcomes.db")
    outcomes = sqlite3.connect(database)
    outcomes.execute("PRAGMA journal_mode=WAL")
    outcomes.execute("CREATE TABLE delivery (id INTEGER PRIMARY KEY, state TEXT, carrier_message_id TEXT)")
    with outcomes:
        rows = [(number, "queued") for number in range(MESSAGES)]
        outcomes.executemany("INSERT INTO delivery (id, state) VALUES (?, ?)", rows)
    port = free_port()
    redis = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    worker = None
    try:
        listening(port)
        celery = app(port)
        worker = _worker(port, folder)
        end = time.monotonic() + 120
        while not celery.control.ping(timeout=0.5):
            assert time.monotonic() < end, "the Celery worker did not start"
        celery.control.cancel_consumer("celery", reply=True)
        for number in range(MESSAGES):
            celery.send_task("send", (url, number, database))
        with timed(MESSAGES) as measured:
            pids = [redis.pid, worker.pid, *_children(worker.pid)]
            before = sum(map(cpu_seconds, pids))
            celery.control.add_consumer("celery")
            query = "SELECT count(*) FROM delivery WHERE state = 'sent'"
            while outcomes.execute(query).fetchone()[0] < MESSAGES:
                assert time.monotonic() < end, "Celery did not send everything"
                time.sleep(0.01)
            used = sum(map(cpu_seconds, pids)) - before
        measured.cpu_seconds = used
        return measured
    finally:
        for process in (worker, redis):
            if process is not None:
                process.send_signal(signal.SIGTERM)
                process.wait(60)
        outcomes.close()
        shutil.rmtree(folder, ignore_errors=True)


def _worker(port: int, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bench.rival_celery", str(port)]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"C_FORCE_ROOT": "1"})


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def listening(port: int) -> None:
    """Wait until something listens there."""
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < end, "nothing listens"
            time.sleep(0.05)


if __name__ == "__main__":
    app(int(sys.argv[1])).worker_main(
        [
            "worker",
            "--pool=prefork",
            "--concurrency=1",
            "--loglevel=warning",
            "--without-gossip",
            "--without-mingle",
        ]
    )
