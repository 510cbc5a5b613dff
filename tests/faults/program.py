"""The real program as a subprocess: started, killed, stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import forked, wait
from tests.forked import Forked
from tests.ports import free_port

MAIN = Path(__file__).parents[2] / "main.py"


@dataclass
class Program:
    """`python main.py` with a data directory and a port of its own.

    With a `fault` it is started by `tests.faults.launcher`, which says what there is. Its own modules are
    imported anew then, so that all see what is wrapped.
    """

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    fault: Mapping[str, Any] | None = None
    process: Forked | None = None

    def start(self, *, wait_until_ready: bool = True) -> None:
        """Start it; its output goes to files beside the data."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path("out").write_bytes(b"")
        what = ("main:main",) if self.fault is None else ("tests.faults.launcher:start", dict(self.fault))
        self.process = forked.start(
            *what,
            self.arguments,
            modules=forked.PROGRAM if self.fault is None else forked.LIBRARIES,
            folder=self.folder.parent,
            out=self.path("out"),
            err=self.path("err"),
            environment=self.environment,
        )
        if wait_until_ready:
            self.wait_until_ready()

    def wait_until_ready(self, seconds: float = 90.0) -> None:
        """Until it says so."""
        wait.until(lambda: self.is_ready or not self.alive, seconds, "the start")
        assert self.is_ready, self.log[-2000:]

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SMS_")}
        ours = {"SMS_DEMO": "0", "SMS_DATA_DIR": str(self.folder), "SMS_PORT": str(self.port)}
        return {**kept, **ours, **self.settings}

    @property
    def running(self) -> Forked:
        assert self.process is not None
        return self.process

    @property
    def is_ready(self) -> bool:
        return b"is ready" in self.path("out").read_bytes()

    def path(self, name: str) -> Path:
        return self.folder.parent / f"{self.folder.name}.{name}"

    def kill(self) -> None:
        """kill -9: no handler runs, nothing is flushed."""
        self.running.kill()
        self.running.wait(10)

    def wait_for_death(self, seconds: float = 60.0) -> None:
        """Until it has killed itself, as its fault says."""
        assert self.running.wait(seconds) == -signal.SIGKILL, self.path("err").read_text()[-2000:]

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.path("err").read_text()

    def terminate(self, seconds: float = 30.0) -> int:
        """SIGTERM, and the exit code."""
        self.running.send_signal(signal.SIGTERM)
        return self.running.wait(seconds)

    def end(self) -> None:
        """Whatever happened, leave nothing behind."""
        if self.process is not None and self.process.poll() is None:
            self.kill()


def start(programs: Sequence[Program]) -> None:
    """Start those that don't run, side by side."""
    fresh = [program for program in programs if not program.alive]
    for program in fresh:
        program.start(wait_until_ready=False)
    for program in fresh:
        program.wait_until_ready()


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end, as with a mistake in its settings."""
    program = Program(folder, settings)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, str(MAIN), *arguments],
        cwd=folder.parent,
        env=program.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
