"""Interleaved timing: what is compared runs in turns, so that a noisy neighbour hits both alike."""

import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table: what was measured, its median, and the ratio to the baseline."""

    what: str
    median_ms: float
    ratio: float | None
    note: str = ""


def interleaved(calls: Mapping[str, Callable[[], object]], rounds: int = 9) -> dict[str, float]:
    """The median milliseconds of each call over `rounds` rounds, after one round that does not count."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if number:
                times[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(found) for name, found in times.items()}


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure must come to, and whether it did."""

    what: str
    value: float
    bar: float
    at_least: bool = True

    def __str__(self) -> str:
        passed = self.value >= self.bar if self.at_least else self.value <= self.bar
        word = "at least" if self.at_least else "at most"
        return f"- **{'PASS' if passed else 'MISS'}** {self.what}: {self.value:.2f} ({word} {self.bar:g})"


@dataclass(slots=True)
class Turn:
    """One measured turn: `count` of something, and what it took."""

    count: int
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """How many a second."""
        return self.count / self.seconds

    @property
    def cpu(self) -> float:
        """Microseconds of CPU each."""
        return self.cpu_seconds / self.count * 1e6


@dataclass
class Turns:
    """The turns of each kind; what is quoted is their median."""

    of: dict[str, list[Turn]] = field(default_factory=dict)

    def rate(self, kind: str) -> float:
        return statistics.median(turn.rate for turn in self.of[kind])

    def cpu(self, kind: str) -> float:
        return statistics.median(turn.cpu for turn in self.of[kind])


def in_turns(kinds: Mapping[str, Callable[[], Turn]], rounds: int = 5) -> Turns:
    """Run the kinds one after the other, `rounds` times after a round that does not count."""
    turns = Turns({kind: [] for kind in kinds})
    for number in range(rounds + 1):
        for kind, run in kinds.items():
            turn = run()
            if number:
                turns.of[kind].append(turn)
    return turns


@contextmanager
def timed(count: int, pids: Sequence[int] = ()) -> Iterator[Turn]:
    """Time what is done inside, with the CPU of the processes `pids` (ours, when there are none)."""
    turn, asked = Turn(count), pids or (os.getpid(),)
    start, before = time.perf_counter(), sum(map(cpu_seconds, asked))
    yield turn
    turn.seconds = time.perf_counter() - start
    turn.cpu_seconds = sum(map(cpu_seconds, asked)) - before


def cpu_seconds(pid: int) -> float:
    """What a process with all its threads has used so far."""
    if pid == os.getpid():
        return time.process_time()
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def pin(core: int, pid: int = 0) -> None:
    """Keep a process on one core, so that what is compared has the same of the machine."""
    cores = sorted(_ALL_CORES)
    os.sched_setaffinity(pid, {cores[core % len(cores)]})


def unpin() -> None:
    """Give this process all cores again."""
    os.sched_setaffinity(0, _ALL_CORES)


_ALL_CORES = os.sched_getaffinity(0)


def report(
    title: str, words: str, heads: Sequence[str], rows: Sequence[Sequence[str]], bars: Sequence[Bar] = ()
) -> str:
    """A table with what it says, and whether the bars are reached."""
    lines = [f"### {title}", words, "", "| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    if bars:
        lines += ["", *map(str, bars)]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """What the figures were measured on."""
    model = "unknown CPU"
    try:
        with open("/proc/cpuinfo") as file:  # noqa: PTH123
            model = next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def table(title: str, baseline: str, figures: list[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = [f"### {title}", f"Baseline: {baseline}.", "", "| what | median | ratio | |", "|---|---|---|---|"]
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        lines.append(f"| {figure.what} | {figure.median_ms:.2f} ms | {ratio} | {figure.note} |")
    return "\n".join(lines) + "\n"
