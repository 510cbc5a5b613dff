"""The examples for running on servers: what they set exists, and they keep their promises."""

import configparser
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.settings import read
from main import main

ROOT = Path(__file__).parents[1]
UNITS = sorted((ROOT / "docs/systemd").glob("*.service"))
DRAIN_SECONDS = 25


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


def settings_that_exist() -> set[str]:
    return set(re.findall(r"SMS_[A-Z_]+", (ROOT / "domain/settings.py").read_text()))


def ours(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in compose["services"].items() if name != "db"}


def test_there_are_a_web_two_workers_and_a_database(compose: dict[str, Any]) -> None:
    assert {name: service.get("command") for name, service in compose["services"].items()} == {
        "db": None,
        "web": ["serve"],
        "worker-1": ["worker"],
        "worker-2": ["worker"],
    }


def test_every_setting_exists_and_is_accepted(compose: dict[str, Any]) -> None:
    for name, service in ours(compose).items():
        given = {key: resolved(value) for key, value in service["environment"].items()}
        assert set(given) <= settings_that_exist()
        assert read(given).distributed
        assert read(given).sender is not (name == "web")


def resolved(value: str) -> str:
    """As compose fills it in from the environment."""
    filled = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
    return re.sub(r"\$\{\w+:\?\}", "x" * 32, filled)


def test_all_is_started_again_and_has_time_to_drain(compose: dict[str, Any]) -> None:
    assert {service["restart"] for service in compose["services"].values()} == {"always"}
    for service in ours(compose).values():
        assert int(service["stop_grace_period"].removesuffix("s")) > DRAIN_SECONDS
        assert service["depends_on"] == {"db": {"condition": "service_healthy"}}


def test_the_database_and_the_web_say_how_they_are(compose: dict[str, Any]) -> None:
    assert "pg_isready" in compose["services"]["db"]["healthcheck"]["test"]
    (command,) = compose["services"]["web"]["healthcheck"]["test"][-1:]
    port = compose["services"]["web"]["environment"]["SMS_PORT"]
    assert f"http://127.0.0.1:{port}/readyz" in command
    compile(command, "the health check", "exec")


def test_the_image_holds_every_room_and_runs_as_nobody_special() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = {line.split()[1] for line in lines if line.startswith("COPY ")}
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench", "docs"}
    assert copied == rooms | {"main.py", "requirements.txt"}
    assert "USER sms" in lines
    assert lines.index("USER sms") < lines.index('ENTRYPOINT ["python", "main.py"]')
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert let_in == copied


@pytest.mark.parametrize("path", UNITS, ids=[path.name for path in UNITS])
def test_a_unit_starts_a_command_again_whatever_ended_it(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.read(path)
    service = unit["Service"]
    assert service["Restart"] == "always"
    assert int(service["TimeoutStopSec"]) > DRAIN_SECONDS
    assert service["User"] == "sms"
    named = re.findall(r"^Environment=(\w+)=", path.read_text(), re.MULTILINE)
    assert set(named) <= settings_that_exist()
    command = service["ExecStart"].split()
    assert command[0].endswith(".venv/bin/python")
    assert command[1] == "main.py"
    with pytest.raises(SystemExit) as ended:
        main([*command[2:], "--help"])
    assert ended.value.code == 0
    assert "usage: main.py" in capsys.readouterr().out


def test_there_is_a_unit_for_each_kind_of_process() -> None:
    assert [path.name for path in UNITS] == ["sms-web.service", "sms-worker@.service"]


def test_the_image_runs_as_nobody_special_and_is_asked_whether_it_is_ready(compose: dict[str, Any]) -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER sms" in lines
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert any("/readyz" in line for line in lines)
    assert compose["services"]["worker-1"]["healthcheck"] == {"disable": True}  # it listens on no port
