"""The program refuses to start with one plain line that says what to do."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.faults.program import MAIN, Program, run
from tests.ports import free_port
from tests.wait import until


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made = Program(tmp_path / "data")
    yield made
    made.end()


def test_the_command_itself_serves_and_ends_when_it_is_asked_to(program: Program) -> None:
    program.folder.parent.mkdir(parents=True, exist_ok=True)
    with program.path("out").open("wb") as out:
        process = subprocess.Popen([sys.executable, str(MAIN)], stdout=out, env=program.environment)
    try:
        until(lambda: program.is_ready or process.poll() is not None, 90, "the start")
        until(lambda: httpx.get(f"{program.url}/readyz", timeout=10).status_code == 200)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()


def test_a_second_process_on_the_same_data_is_refused(program: Program) -> None:
    program.start()
    second = run(program.folder)
    assert second.returncode == 2
    assert second.stderr.strip().count("\n") == 0
    assert "Another process already uses the data directory" in second.stderr
    assert "SMS_DATA_DIR" in second.stderr
    assert program.running.poll() is None


def test_a_port_in_use_is_refused_in_words(program: Program, tmp_path: Path) -> None:
    program.start()
    other = run(tmp_path / "other", SMS_PORT=str(program.port))
    assert other.returncode == 2
    assert "SMS_PORT" in other.stderr
    assert "ERROR" not in other.stderr
    assert "Traceback" not in other.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMS_PORT", "http"),
        ("SMS_PORT", "70000"),
        ("SMS_DEMO", "maybe"),
        ("SMS_SENDER", "perhaps"),
        ("SMS_DATABASE_URL", "mysql://root@localhost/sms"),
        ("SMS_DATABASE_URL", "postgresql://localhost:port/sms"),
        ("SMS_PUBLIC_URL", "sms.example.org"),
        ("SMS_PUBLIC_URL", "http://[::1"),
        ("SMS_SECRET_KEY", "short"),
        ("SMS_SECRET_KEY_OLD", "short"),
        ("SMS_LOG_FORMAT", "xml"),
        ("SMS_DATA_DIR", "/dev/null/data"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    ended = run(tmp_path / "data", **{name: value})
    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
    assert name in ended.stderr or value in ended.stderr
    assert ended.stdout == ""


def test_a_database_that_does_not_answer_is_named_in_one_line(tmp_path: Path) -> None:
    ended = run(tmp_path / "data", SMS_DATABASE_URL=f"postgresql://127.0.0.1:{free_port()}/sms")
    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
    assert "SMS_DATABASE_URL" in ended.stderr


def test_a_demo_is_for_loopback_only(tmp_path: Path) -> None:
    ended = run(tmp_path / "data", SMS_DEMO="1", SMS_HOST="0.0.0.0")  # noqa: S104 - what is refused
    assert ended.returncode == 2
    assert ended.stderr.startswith("SMS_HOST must be 127.0.0.1 in demo mode")


def test_both_event_loops_are_the_fast_ones(program: Program) -> None:
    program.start()
    told = program.path("err").read_text()
    assert "the web runs on uvloop" in told
    assert "the sender runs on uvloop" in told
    assert program.terminate() == 0


def test_a_key_file_that_others_can_read_is_refused(program: Program) -> None:
    program.start()
    program.end()
    key = program.folder / "secret.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o640)
    ended = run(program.folder)
    assert ended.returncode == 2
    assert ended.stderr == f"Others can read {key}. Run: chmod 600 {key}\n"
