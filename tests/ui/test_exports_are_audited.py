"""Whatever leaves the program as a file is an entry of the audit: who took what, and when."""

from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from domain.access import Actor
from domain.imports import Layout, guess
from storage import contacts, imports, sheets
from storage.database import Database
from storage.importer import Importer
from tests import arrange, ledger
from tests.ui.pages import NOW, world_of
from ui import downloads, evidence_pack
from ui.settings import audit_export

TAKEN = {
    "/exports/contacts.csv": ("contact", 0),
    "/exports/suppressions.csv": ("suppression", 0),
    "/exports/results/1.csv": ("campaign", 1),
    "/exports/import-problems/1.csv": ("import", 1),
    "/exports/audit.csv": ("audit", 0),
    "/contacts/1/evidence.zip": ("contact", 1),
}
"""Every address that gives a file, and what the entry says was taken."""


@pytest.fixture
def ada(sqlite_db: Database, tmp_path: Path) -> Actor:
    """A workspace with one of everything that can be taken."""
    db, ada = sqlite_db, arrange.person(sqlite_db, NOW)
    ledger.started(db, ada, NOW, arrange.numbers(2))
    contacts.suppress(db, ada, arrange.numbers(2)[0], "Asked", "team", NOW)
    folder = tmp_path / "imports"
    folder.mkdir()
    (folder / "p.csv").write_text("phone,name\n1,Bo\n")
    form = sheets.detect(folder / "p.csv")
    job = imports.create(db, ada, "p.csv", "p.csv", form, NOW)
    imports.start_check(db, ada, job, form, Layout(("phone", "name"), guess(["phone", "name"])), None)
    assert Importer(db, folder, lambda: NOW).work()
    return ada


@pytest.fixture
def routers(sqlite_db: Database, ada: Actor, tmp_path: Path) -> list[APIRouter]:
    world = world_of(sqlite_db, ada, tmp_path)
    return [downloads.router(world), evidence_pack.router(world), audit_export.router(world)]


@pytest.mark.parametrize("path", TAKEN)
async def test_taking_a_file_is_an_entry(sqlite_db: Database, routers: list[APIRouter], path: str) -> None:
    app = FastAPI()
    for router in routers:
        app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        answer = await http.get(path)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    assert ledger.audit(sqlite_db)[-1] == ("export", *TAKEN[path])


def test_no_file_is_left_out(routers: list[APIRouter]) -> None:
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    missing = [r.path for r in routes if not any(r.path_regex.match(path) for path in TAKEN)]
    assert len(routes) == len(TAKEN)
    assert missing == []
