"""The whole program in a process of its own, on a database that a benchmark has prepared."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from storage.database import Database

READY_SECONDS = 60


@dataclass
class Served:
    """`main.py serve`, ready."""

    process: subprocess.Popen[bytes]
    port: int
    connection: HTTPConnection

    def get(self, path: str, allowed: tuple[int, ...] = (200,)) -> str:
        """A page; an answer that is not allowed is an error."""
        try:
            self.connection.request("GET", path)
            answer = self.connection.getresponse()
        except HTTPException:  # it was idle for so long that the server closed it
            self.connection.close()
            self.connection.request("GET", path)
            answer = self.connection.getresponse()
        body = answer.read().decode()
        assert answer.status in allowed, (path, answer.status)
        return body

    def seconds(self, path: str) -> float:
        """How long a page takes; one that is given up (500 after 3 s) counts with that time."""
        start = time.perf_counter()
        self.get(path, (200, 500))
        return time.perf_counter() - start


@contextmanager
def serving(db: Database) -> Iterator[Served]:
    """Serve this SQLite database in demo mode."""
    folder = Path(str(db.engine.url.database)).parent
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"SMS_DATA_DIR": str(folder), "SMS_PORT": str(port), "SMS_DEMO": "1"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *os.environ.get("SERVE", "main.py serve").split()],
            env=os.environ | settings,
            stdout=log,
            stderr=log,
        )
    try:
        yield Served(process, port, _ready(port, process))
    finally:
        process.terminate()
        process.wait(60)


def _ready(port: int, process: subprocess.Popen[bytes]) -> HTTPConnection:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return connection
        except (OSError, HTTPException):
            time.sleep(0.1)
    raise RuntimeError("the program did not start")
