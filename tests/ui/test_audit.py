"""The audit's page and its file, without a browser."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from domain.access import Actor, Role
from storage import contacts, team
from storage.database import Database
from tests import arrange
from tests.ui.pages import NOW, visitor, world_of
from ui.downloads import BOM
from ui.settings import audit_export
from ui.settings.audit_page import changes
from ui.settings.audit_state import AuditState, read


@pytest.fixture
def ada(sqlite_db: Database) -> Actor:
    found = arrange.person(sqlite_db, NOW)
    return Actor(found.user_id, found.name, found.role, "203.0.113.9")


async def test_the_page_says_who_what_before_after_and_from_where(
    sqlite_db: Database, ada: Actor, tmp_path: Path
) -> None:
    bo = arrange.person(sqlite_db, NOW, "Bo Lind", Role.VIEWER)
    team.change_role(sqlite_db, ada, bo.user_id, Role.MANAGER, NOW)
    contacts.create_list(sqlite_db, ada, "Spring", NOW)
    async with visitor(world_of(sqlite_db, ada, tmp_path)) as user:
        await user.open("/settings/audit?kind=user")
        await user.should_see("role: viewer → manager")
        await user.should_see("203.0.113.9")
        await user.should_see("1 entry")
        await user.should_not_see("name: Spring")


async def test_managers_see_no_audit(sqlite_db: Database, tmp_path: Path) -> None:
    bo = arrange.person(sqlite_db, NOW, "Bo Lind", Role.MANAGER)
    async with visitor(world_of(sqlite_db, bo, tmp_path)) as user:
        await user.open("/settings/audit")
        await user.should_see("For administrators")


async def test_the_file_is_streamed_and_its_taking_is_an_entry(
    sqlite_db: Database, ada: Actor, tmp_path: Path
) -> None:
    contacts.create_list(sqlite_db, ada, "=cmd()", NOW)
    app = FastAPI()
    app.include_router(audit_export.router(world_of(sqlite_db, ada, tmp_path)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sms.example") as http:
        first, second = [
            list(csv.DictReader(io.StringIO((await http.get(path)).text.lstrip(BOM))))
            for path in ("/exports/audit.csv", "/exports/audit.csv?action=export")
        ]
    assert [(row["who"], row["what"], row["object"], row["from address"]) for row in first] == [
        ("Ada Park", "create", "list", "203.0.113.9")
    ]
    assert first[0]["after"] == '{"name": "=cmd()"}'
    assert [row["object"] for row in second] == ["audit"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, None, []),
        (None, {"name": "Spring"}, ["name: Spring"]),
        ({"role": "viewer"}, {"role": "admin"}, ["role: viewer → admin"]),
        ({"daily_cap": None}, {"daily_cap": 5}, ["daily cap: nothing → 5"]),
        ({"on": True}, {"on": False}, ["on: yes → no"]),
        ({"text": "x" * 500}, None, [f"text: {'x' * 119}…"]),
        ({"text": "Hi", "time": "9:00"}, {"text": "Hi", "time": "9:30"}, ["time: 9:00 → 9:30"]),
        ({"files": []}, {"files": ["a.png", "b.png"]}, ["files: nothing → a.png, b.png"]),
        ({"filter": {"field": "plan", "value": "gold"}}, None, ["filter: field: plan, value: gold"]),
    ],
)
def test_a_change_is_said_in_words(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, said: list[str]
) -> None:
    assert changes(before, after) == said


def test_the_address_says_what_is_shown() -> None:
    state = AuditState("3", "stop", "campaign", "2026-11-01", "2026-11-30", 2, 50)
    query = dict(httpx.URL(state.address).params)
    assert read(query) == state
    filters = state.filters("America/New_York")
    assert (filters.person, filters.action, filters.kind) == (3, "stop", "campaign")
    assert f"{filters.since:%d %H:%M}" == "01 04:00"
    assert f"{filters.until:%m-%d %H:%M}" == "12-01 05:00"
    nonsense = read({"person": "x", "page": "-1", "size": "7", "from": "yesterday"})
    assert nonsense.filters("Nowhere/At_All").since is None
    assert (nonsense.person, nonsense.page, nonsense.size) == ("", 1, 25)
