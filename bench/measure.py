"""Interleaved timing: what is compared runs in turns, so that a noisy neighbour hits both alike."""

import platform
import sqlite3
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


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


def machine() -> str:
    """What the figures were measured on."""
    model = "unknown CPU"
    try:
        with open("/proc/cpuinfo") as file:  # noqa: PTH123
            model = next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    import os

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
