"""A browser against the whole program: for each file of journeys a process with fresh demo data."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import forked
from tests.forked import Forked
from tests.ports import free_port
from tests.wait import until

ROOT = Path(__file__).parents[2]
SECONDS_TO_START = 60
SECONDS_TO_END = 25
PATIENCE = 15_000
"""Milliseconds that `expect` waits: the machine may be busy with other things."""

CheckAxe = Callable[[Page], None]


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a new demo that has not run yet."""
    folder = tmp_path_factory.mktemp("demo")
    data = folder / "data"
    seeding = _forked(folder / "log.txt", "seed-demo", SMS_DATA_DIR=str(data))
    assert seeding.wait(120) == 0, (folder / "log.txt").read_text()
    with closing(sqlite3.connect(data / "sms.db")) as db:
        # Bars move at ten a second as well, and the cores are left to the tests.
        db.execute("UPDATE line SET rate = 10 WHERE rate > 10")
        db.commit()
    return data


@pytest.fixture(scope="session")
def port() -> int:
    """The same for all files, or each would have to get and compile all scripts anew."""
    return free_port()


@pytest.fixture(scope="module")
def server(demo: Path, port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `python main.py` on a demo of the file's own, so that none finds what another left."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copytree(demo, folder / "data")
    with running(folder, port, SMS_DEMO="1") as address:
        yield address


@contextmanager
def running(folder: Path, port: int | None = None, **settings: str) -> Iterator[str]:
    """The address of `python main.py` on its folder; it must end with exit code 0 when asked to."""
    port = port or free_port()
    address = f"http://127.0.0.1:{port}"
    log = folder / "log.txt"
    process = _forked(log, **settings, SMS_PORT=str(port), SMS_DATA_DIR=str(folder / "data"))
    try:
        until(
            lambda: process.poll() is not None or ("is ready" in log.read_text() and _answers(address)),
            SECONDS_TO_START,
            "the server's answer",
        )
        assert process.poll() is None, log.read_text()
        yield address
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS_TO_END) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def base_url(port: int) -> str:
    """`page.goto("/inbox")` finds the server."""
    return f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium where there is one, with what it needs in a container."""
    switches = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    return browser_type_launch_args | {"args": switches} | ({"executable_path": found} if found else {})


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A person in New York who does not like moving things."""
    return browser_context_args | {
        "locale": "en-US",
        "timezone_id": "America/New_York",
        "reduced_motion": "reduce",
    }


@pytest.fixture
def new_context(server: str, new_context: Any) -> Any:
    """Another browser of the same person."""
    return new_context


@pytest.fixture(scope="session")
def kept_context(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[BrowserContext]:
    """A browser that has the scripts already."""
    context = browser.new_context(**browser_context_args)
    yield context
    context.close()


@pytest.fixture
def context(server: str, kept_context: BrowserContext) -> Iterator[BrowserContext]:
    """The same for all tests; what a test leaves in it is forgotten."""
    yield kept_context
    blank = kept_context.new_page()
    for page in kept_context.pages:
        if page is not blank:
            page.close()
    what = {"origin": server, "storageTypes": "cookies,local_storage,indexeddb"}
    kept_context.new_cdp_session(blank).send("Storage.clearDataForOrigin", what)
    blank.close()


@pytest.fixture(scope="session")
def axe() -> CheckAxe:
    """Call it with a page: it fails with axe's own words when something there can't be used by everyone."""
    return _axed


@pytest.fixture(scope="session")
def axe_day_and_night() -> CheckAxe:
    """The same by light and by dark, where only the colours can be wrong."""

    def check(page: Page) -> None:
        page.emulate_media(color_scheme="dark")
        _axed(page, "color-contrast")
        page.emulate_media(color_scheme="light")
        _axed(page)

    return check


def _axed(page: Page, *rules: str) -> None:
    """Only what is wrong comes back: to describe and carry what is right, too, takes twice as long."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    options = {"resultTypes": ["violations"], **only}
    wrong = page.evaluate("async options => (await axe.run(document, options)).violations", options)
    assert not wrong, AxeResults({"violations": wrong}).generate_report()


def _forked(log: Path, *command: str, **settings: str) -> Forked:
    """The program as `python main.py` would run it, with what it says in a file."""
    log.write_bytes(b"")
    return forked.start(
        "main:main",
        command,
        modules=forked.PROGRAM,
        folder=ROOT,
        out=log,
        err=log,
        environment=_environment() | settings,
    )


def _environment() -> dict[str, str]:
    """Ours, without what would make NiceGUI think that it is under test."""
    return {
        name: value
        for name, value in os.environ.items()
        if name != "PYTEST_CURRENT_TEST" and not name.startswith(("NICEGUI_", "SMS_"))
    }


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
