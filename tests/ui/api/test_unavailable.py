"""A database that can't be written is a 503 in plain words, and the same request works later."""

import httpx

from storage.database import Database
from tests.locks import held, impatient
from tests.ui.api.conftest import Api, made, problem


async def test_a_busy_database_is_said_in_words(api: Api, http: httpx.AsyncClient, db: Database) -> None:
    leads = await made(http, "/lists", {"name": "Leads"})
    impatient(db)
    with held(db, "contact"):
        answer = await http.post(f"/lists/{leads['id']}/contacts", json=[{"phone": "+12126001000"}])
        assert problem(answer, 503)["code"] == "database_busy"
        assert "Try again" in answer.json()["detail"]
    again = await http.post(f"/lists/{leads['id']}/contacts", json=[{"phone": "+12126001000"}])
    assert again.status_code == 200
