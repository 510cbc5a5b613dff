"""Two kinds of processes on one PostgreSQL: a web that sends nothing, and workers that send all there is."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests import postgres
from tests.faults.program import Program
from tests.wait import until

SLOW = 60_000
"""Milliseconds for what three processes do together."""


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"SMS_DATABASE_URL": postgres.database("workers"), "SMS_SECRET_KEY": "k" * 32}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str], port: int) -> Iterator[Program]:
    of_web = settings | {"SMS_DEMO": "1", "SMS_SENDER": "off"}
    made = Program(tmp_path_factory.mktemp("web") / "data", of_web, port=port)
    made.start()
    yield made
    made.end()


@pytest.fixture(scope="module")
def server(web: Program) -> str:
    return web.url


@pytest.fixture
def workers(tmp_path: Path, settings: dict[str, str], web: Program) -> Iterator[list[Program]]:
    shared = settings | {"SMS_PUBLIC_URL": web.url}
    made = [Program(tmp_path / f"worker-{number}", shared, ("worker",)) for number in (1, 2)]
    yield made
    for worker in made:
        worker.end()


def bar(page: Page) -> Locator:
    return page.get_by_role("button", name="Deliverability results for message 1")


def test_pages_follow_what_workers_do_in_other_processes(
    page: Page, web: Program, workers: list[Program]
) -> None:
    ready = httpx.get(f"{web.url}/readyz", timeout=20)
    assert (ready.status_code, ready.text) == (200, "ready\n")
    page.goto("/campaigns/sms?q=live")
    live = page.get_by_role("row").filter(has=page.get_by_role("link", name="Cyber Monday: live now"))
    expect(live.get_by_text("Scheduled")).to_be_visible()
    looked = time.monotonic()
    until(lambda: time.monotonic() > looked + 3)  # a sender would have begun it three times over
    expect(live.get_by_text("Scheduled")).to_be_visible()

    for worker in workers:
        worker.start(wait_until_ready=False)
    for worker in workers:
        worker.wait_until_ready()
    expect(live.get_by_text("Running")).to_be_visible(timeout=SLOW)
    live.get_by_role("link", name="View Campaign Details").click()
    expect(bar(page)).to_have_accessible_description(
        re.compile(r"^\d{2,}[\d,]* (of|delivered)"), timeout=SLOW
    )
    first = int(words(page).split()[0].replace(",", ""))
    expect(bar(page)).not_to_have_accessible_description(words(page), timeout=SLOW)
    until(
        lambda: int(words(page).split()[0].replace(",", "")) > first, 60, "more receipts in the web process"
    )

    page.get_by_role("button", name="Stop Campaign").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop Campaign").click()
    status = page.get_by_role("complementary", name="Campaign Status & Actions").get_by_role("status")
    expect(status).to_have_text("Stopped", timeout=SLOW)
    until(lambda: "queued" not in words(page), 60, "the workers' canceling of the rest")
    assert [worker.terminate() for worker in workers] == [0, 0]
    assert web.terminate() == 0


def words(page: Page) -> str:
    """The bar's summary."""
    described = bar(page).evaluate(
        "it => document.getElementById(it.getAttribute('aria-describedby')).textContent"
    )
    return str(described)
