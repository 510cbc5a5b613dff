"""Short links over HTTP, and their clicks on the results page."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from domain.access import Actor
from storage import campaigns, deliveries, lines, messages, results, short_links
from storage.database import Database
from storage.deliveries import Wanted
from storage.messages import Change
from storage.short_links import Clicks
from tests import arrange, ledger
from tests.ui.pages import NOW, world_of
from ui.doorkeeper import is_open
from ui.short_links import router

START = ledger.start_of(NOW)
PAGE = "https://shop.example/ä?n=1&to=https://b.example/#top"
PHONE = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Mobile/15E148"}


@pytest.fixture
def actor(sqlite_db: Database) -> Actor:
    return arrange.person(sqlite_db, NOW)


@pytest.fixture
def path(sqlite_db: Database, actor: Actor) -> str:
    """The path of the only short link."""
    short_links.keep_base(sqlite_db, "http://sms.example")
    line_id = arrange.line(sqlite_db, NOW)
    list_id = arrange.contact_list(sqlite_db, actor, NOW, arrange.numbers(1))
    campaign_id = arrange.draft(sqlite_db, actor, NOW, line_id, list_id, texts=(f"See {PAGE}",))
    [message] = messages.of_campaign(sqlite_db, campaign_id)
    messages.save(sqlite_db, actor, message.id or 0, Change(shorten_links=True), NOW)
    campaigns.schedule(sqlite_db, actor, campaign_id, NOW)
    ledger.beat(sqlite_db, START)
    work = lines.work(sqlite_db, line_id, START)
    assert work is not None
    [text] = work.texts
    wanted = Wanted(text.message_id, 5, 1, "nonce", text.text, text.version, text.links)
    [one] = deliveries.exchange(sqlite_db, (), wanted, START)
    found = re.fullmatch(r"See http://sms\.example(/l/\w{10})", one.text or "")
    assert found
    return found[1]


@pytest.fixture
async def web(sqlite_db: Database, actor: Actor, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(router(world_of(sqlite_db, actor, tmp_path)))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://sms.example", headers=PHONE
    ) as client:
        yield client


def clicks(db: Database) -> tuple[Clicks, ...]:
    return results.overview(db, 1, START).messages[0].links


async def test_a_click_is_counted_and_led_on(web: httpx.AsyncClient, path: str, sqlite_db: Database) -> None:
    for _ in range(2):
        answer = await web.get(path)
        assert answer.status_code == 302
        assert answer.headers["location"] == "https://shop.example/%C3%A4?n=1&to=https://b.example/#top"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert clicks(sqlite_db) == (Clicks(PAGE, 1, 2),)


async def test_who_only_looks_is_led_on_and_not_counted(
    web: httpx.AsyncClient, path: str, sqlite_db: Database
) -> None:
    looks = [
        await web.head(path),
        await web.get(path, headers={"user-agent": "WhatsApp/2.24"}),
        await web.get(path, headers={"sec-purpose": "prefetch;prerender"}),
    ]
    assert [answer.status_code for answer in looks] == [302] * 3
    assert clicks(sqlite_db) == (Clicks(PAGE, 0, 0),)


async def test_an_unknown_code_is_not_found(web: httpx.AsyncClient, path: str) -> None:
    for unknown in ("/l/0000000000", "/l/x", "/l/https:%2F%2Fevil.example", "/l/" + "x" * 4000):
        answer = await web.get(unknown)
        assert answer.status_code == 404
        assert "location" not in answer.headers
    assert is_open(path)  # whoever clicks has no session here
