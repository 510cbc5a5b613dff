"""Starting the program as a fork of a process that has its imports: `tests.forker`, seen from a test."""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LIBRARIES = (
    "alembic.context",
    "alembic.runtime.migration",
    "apscheduler.schedulers.asyncio",
    "httpx",
    "nicegui.ui",
    "phonenumbers",
    "procrastinate",
    "prometheus_client",
    "psycopg",
    "pyreqwest.client",
    "sqlmodel",
    "uvicorn.loops.auto",
)
"""What takes long to import: enough for a program whose own modules are to be wrapped before their import."""

PROGRAM = (
    *LIBRARIES,
    "main",
    "storage.commands",
    "storage.demo",
    "storage.importer",
    "storage.opening",
    "sender.dispatcher",
    "sender.webhooks",
    "ui.metrics",
    "ui.server",
    "ui.web",
)


class Forked:
    """A program that runs; the part of `subprocess.Popen` that tests need."""

    def __init__(self, forker: "Forker", pid: int) -> None:
        self._forker, self.pid = forker, pid
        self.returncode: int | None = None
        self._handle = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        if self.returncode is None:
            self.returncode = self._forker.ask({"ended": self.pid})
            if self.returncode is not None:
                os.close(self._handle)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code once it has ended; raises `subprocess.TimeoutExpired` after so many seconds."""
        if self.poll() is None:
            select.select([self._handle], [], [], timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(f"the program, process {self.pid}", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """To nobody once it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)


class Forker:
    """One `tests.forker` with its modules, for as long as the tests run."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._turn = threading.Lock()
        environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forker", *modules],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.end)

    def ask(self, request: Mapping[str, Any]) -> Any:
        """Its answer."""
        sent, came = self._process.stdin, self._process.stdout
        assert sent is not None
        assert came is not None
        with self._turn:
            sent.write(json.dumps(request) + "\n")
            sent.flush()
            return json.loads(came.readline())

    def end(self) -> None:
        """Let it go."""
        self._process.communicate()


@cache
def forker(modules: Sequence[str]) -> Forker:
    """The one that has these modules."""
    return Forker(modules)


def start(
    run: str,
    *arguments: Any,
    modules: Sequence[str],
    folder: Path,
    out: Path,
    err: Path,
    environment: Mapping[str, str],
) -> Forked:
    """Run "module:function" with these arguments in a folder; what it says is added to the two files."""
    one = forker(tuple(modules))
    what = {"run": run, "arguments": arguments, "environment": dict(environment)}
    where = {"folder": str(folder), "out": str(out), "err": str(err)}
    return Forked(one, one.ask({"start": what | where}))
