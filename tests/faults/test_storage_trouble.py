"""F7, F8: the database is locked by somebody else, and the disk is full."""

import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from domain.access import Role
from domain.deliveries import State
from storage import api_keys
from tests import wait
from tests.faults.carrier import Sink
from tests.faults.conftest import Say
from tests.faults.scale import sized
from tests.faults.stage import Stage


def test_f7_a_database_that_somebody_else_locks(sqlite_stage: Stage, say: Say) -> None:
    """Nothing is claimed meanwhile, the API says so in words, and sending goes on right after."""
    stage = sqlite_stage
    seconds = sized(2.0, 15.0)
    campaign = stage.campaign(people=sized(200, 1_500), rate=50.0)
    key = api_keys.create(stage.db, "A program", Role.MANAGER, stage.now)
    program = stage.program()
    program.start()
    stage.carrier.has_sent(30)
    path = stage.url.removeprefix("sqlite:///")
    with sqlite3.connect(path, isolation_level=None, timeout=10) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        said: list[httpx.Response] = []
        asking = threading.Thread(target=lambda: said.append(pause(program.url, key, campaign.id)))
        asking.start()
        assert httpx.get(f"{program.url}/healthz", timeout=10).status_code == 200
        wait.until(lambda: time.monotonic() - began >= seconds, seconds + 5)
        other.execute("ROLLBACK")
    freed = len(stage.carrier.requests)
    back = time.monotonic()
    asking.join(30)
    (answer,) = said
    if seconds > 10:
        assert answer.status_code == 503
        assert "busy" in answer.json()["detail"]
    else:
        assert answer.status_code == 200
        resume(program.url, key, campaign.id)
    wait.until(lambda: len(stage.carrier.requests) > freed, 15, "sending again")
    took = time.monotonic() - back
    assert took <= 5 + (seconds < 10) * 5
    stage.wait_for_end(campaign)
    counts = stage.check(campaign)
    assert counts.states == {State.SENT: counts.people}
    say(f"F7: locked for {seconds:.0f} s, sending again after {took:.1f} s; {counts}")


def pause(url: str, key: str, campaign_id: int) -> httpx.Response:
    return httpx.post(f"{url}/api/v1/campaigns/{campaign_id}/pause", headers=bearer(key), timeout=60)


def resume(url: str, key: str, campaign_id: int) -> None:
    path = f"{url}/api/v1/campaigns/{campaign_id}/resume"
    httpx.post(path, headers=bearer(key), timeout=60).raise_for_status()


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk needs the right to mount one")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_f8_a_full_disk_pauses_sending_and_doubles_nobody(small_disk: Path, carrier: Sink, say: Say) -> None:
    """What can't be claimed is not sent; what was sent meanwhile is recorded once there is room again."""
    stage = Stage(small_disk, "sqlite", carrier)
    try:
        campaign = stage.campaign(people=sized(900, 6_000), rate=150.0)
        program = stage.program()
        program.start()
        carrier.has_sent(100)
        ballast = fill(small_disk)
        wait.until(lambda: "disk" in program.log, 60, "a write that fails")
        full = still(carrier)
        rows = stage.states(campaign)
        assert rows[State.SENDING] <= 200, rows
        ballast.unlink()
        wait.until(lambda: len(carrier.requests) > full, 60, "sending again")
        assert program.alive
        stage.wait_for_end(campaign, sized(60, 180))
        counts = stage.check(campaign)
        assert counts.states == {State.SENT: counts.people}
        say(f"F8: the disk was full after {full} messages, then had room again; {counts}")
    finally:
        stage.close()


def fill(folder: Path) -> Path:
    """Leave no byte free."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 512, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
    return ballast


def still(carrier: Sink) -> int:
    """Wait until nothing has come for 3 s; how much has come by then."""
    seen, since = len(carrier.requests), time.monotonic()

    def quiet() -> bool:
        nonlocal seen, since
        if len(carrier.requests) != seen:
            seen, since = len(carrier.requests), time.monotonic()
        return time.monotonic() - since > 2

    wait.until(quiet, 60, "an end of sending")
    return seen
