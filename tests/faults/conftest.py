"""A stage for each fault, and one line for each that says what it did and counted."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.carrier import Sink, sink
from tests.faults.scale import only_full
from tests.faults.stage import Stage

Say = Callable[[str], None]


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Sink]:
    """A sink that takes every message, until it is told to behave otherwise."""
    with sink(tmp_path / "journal") as made:
        yield made


def _stage(folder: Path, kind: str, carrier: Sink) -> Iterator[Stage]:
    made = Stage(folder, kind, carrier)
    yield made
    made.close()


@pytest.fixture
def sqlite_stage(tmp_path: Path, carrier: Sink) -> Iterator[Stage]:
    yield from _stage(tmp_path / "stage", "sqlite", carrier)


@pytest.fixture
def postgres_stage(tmp_path: Path, carrier: Sink) -> Iterator[Stage]:
    yield from _stage(tmp_path / "stage", "postgres", carrier)


@pytest.fixture(params=["sqlite", "postgres"])
def both_stages(request: pytest.FixtureRequest) -> Stage:
    """The same fault on both databases, in the short form too."""
    found: Stage = request.getfixturevalue(f"{request.param}_stage")
    return found


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=only_full)])
def stage(request: pytest.FixtureRequest) -> Stage:
    """The same fault on both databases; in the short form on SQLite alone."""
    found: Stage = request.getfixturevalue(f"{request.param}_stage")
    return found


@pytest.fixture
def say(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Say:
    """Prints a line about the fault, and again below the summary of `make faults`."""

    def said(line: str) -> None:
        print(f"\n    {line}")  # noqa: T201 - the figures are the point
        record_property("counted", line)

    return said


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """All that the faults counted, in one place."""
    reports = [one for some in terminalreporter.stats.values() for one in some]
    reports = [one for one in reports if getattr(one, "when", "") == "call"]
    lines = [str(said) for one in reports for name, said in one.user_properties if name == "counted"]
    if lines:
        terminalreporter.section("what the faults counted")
        for line in lines:
            terminalreporter.write_line(line)
