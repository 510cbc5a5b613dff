"""The sink's handle: start it, tell it how to behave, read its journal."""

import contextlib
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from tests import wait

ROOT = Path(__file__).parents[2]


class Entry(NamedTuple):
    """One request that carried a message."""

    at: float  # seconds since 1970
    to: str
    text: str
    attempt: str
    id: str
    taken: bool  # the carrier has it, whatever it answered
    status: int

    @property
    def when(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


@dataclass
class Sink:
    """A carrier that journals every request; see `tests.faults.sink` for what it can do."""

    journal: Path
    http: httpx.Client
    _read: list[Entry] = field(default_factory=list)
    _offset: int = 0

    @property
    def url(self) -> str:
        return str(self.http.base_url).rstrip("/")

    @property
    def requests(self) -> list[Entry]:
        """All that came, in order."""
        with self.journal.open("rb") as file:
            file.seek(self._offset)
            fresh = file.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._offset += len(whole)
        self._read += [Entry(*json.loads(line)) for line in whole.splitlines()]
        return self._read

    @property
    def told(self) -> dict[str, set[str]]:
        """The receipts that our webhook took, by the person's number."""
        found: dict[str, set[str]] = defaultdict(set)
        for line in self.journal.with_suffix(".told").read_text().splitlines():
            _at, to, status, answer = json.loads(line)
            if answer == 200:
                found[to].add(status)
        return found

    @property
    def posts(self) -> bool:
        """Whether receipts are still on their way."""
        return self.http.get("/posting").text != "0"

    @property
    def sent(self) -> list[Entry]:
        """What the carrier took."""
        return [entry for entry in self.requests if entry.taken]

    @property
    def twice(self) -> list[tuple[str, str]]:
        """Who has a text more than once."""
        counts = Counter((entry.to, entry.text) for entry in self.sent)
        return [one for one, count in counts.items() if count > 1]

    def behave(self, *behaviours: dict[str, Any], receipts: dict[str, Any] | None = None) -> None:
        """From now on; each behaviour has the `share` of the messages that it happens to."""
        told = {"behaviours": behaviours, "receipts": receipts or {}}
        self.http.post("/behave", json=told).raise_for_status()

    def has_sent(self, count: int, seconds: float = 60) -> None:
        """Wait for so many messages in all."""
        wait.until(lambda: len(self.requests) >= count, seconds, f"{count} messages")

    def sent_more(self, count: int, seconds: float = 60) -> None:
        """Wait for so many messages more than there are now."""
        goal = len(self.requests) + count
        wait.until(lambda: len(self.requests) >= goal, seconds, f"{count} more messages")


@contextlib.contextmanager
def sink(journal: Path) -> Iterator[Sink]:
    """Runs in a process of its own on loopback."""
    command = [sys.executable, "-m", "tests.faults.sink", str(journal)]
    journal.touch()
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as http:
                yield Sink(journal, http)
        finally:
            process.kill()
