"""The API on both databases, its callers, and the things that a campaign needs."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from domain import carrier_kinds
from domain.access import Role
from domain.problems import Problem
from storage import api_keys
from storage.attachments import Files
from storage.database import Database
from tests.conftest import NOW
from ui.api.app import create_api
from ui.api.world import ApiWorld
from ui.world import Carriers, no_test

GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00" + (
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


@dataclass
class Clock:
    """A clock that tests turn."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


KINDS = ("sandbox", "twilio")


class NoSuchKind(Problem):
    """There is no carrier of this kind."""


def check(kind: str, settings: Mapping[str, str]) -> None:
    if kind not in KINDS:
        raise NoSuchKind
    carrier_kinds.check(kind, settings)


def carriers() -> Carriers:
    """What the API may know about carriers, without the sender."""
    return Carriers(KINDS, check, lambda *parts: "https://sms.example/webhooks/" + "/".join(parts), no_test)


@dataclass
class Api:
    """The app, and clients that call it."""

    db: Database
    clock: Clock
    app: Starlette
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self, role: Role | None = Role.ADMIN, **headers: str) -> httpx.AsyncClient:
        """A program with a new key of that role; with no key for None."""
        if role is not None:
            key = api_keys.create(self.db, f"{role.value} program", role, self.clock())
            headers = {"authorization": f"Bearer {key}", **headers}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        made = httpx.AsyncClient(transport=transport, base_url="http://sms.example/api/v1", headers=headers)
        self.clients.append(made)
        return made


@pytest.fixture
async def api(db: Database, tmp_path: Path) -> AsyncIterator[Api]:
    clock = Clock()
    app = create_api(ApiWorld(db, clock, Files(tmp_path / "attachments"), carriers()))
    made = Api(db, clock, Starlette(routes=[Mount("/api", app)]))
    yield made
    for client in made.clients:
        await client.aclose()


@pytest.fixture
def http(api: Api) -> httpx.AsyncClient:
    """A program with an admin's key."""
    return api.client()


async def made(http: httpx.AsyncClient, path: str, body: object, status: int = 201) -> Any:
    """Post and give the answer's body."""
    answer = await http.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def line(http: httpx.AsyncClient, **more: object) -> int:
    carrier = await made(http, "/carriers", {"name": "Sandbox", "kind": "sandbox"})
    body = {"label": "Main", "number": "+14155550100", "carrier_id": carrier["id"], **more}
    return int((await made(http, "/lines", body))["id"])


async def contact_list(http: httpx.AsyncClient, phones: list[str], name: str = "Leads") -> int:
    list_id = int((await made(http, "/lists", {"name": name}))["id"])
    people = [{"phone": phone} for phone in phones]
    done = await made(http, f"/lists/{list_id}/contacts", people, 200)
    assert done == {"added": len(phones), "updated": 0, "invalid": []}
    return list_id


async def campaign(http: httpx.AsyncClient, name: str = "Spring sale", **more: object) -> Any:
    """A draft on a line and a list of its own."""
    body = {
        "name": name,
        "channel": "sms",
        "line_id": await line(http),
        "list_id": await contact_list(http, ["+12126001000", "+12126001001"], f"List of {name}"),
        "opt_in_acknowledged": True,
        **more,
    }
    return await made(http, "/campaigns", body)


def problem(answer: httpx.Response, status: int) -> Any:
    """The problem document of an answer that must be one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert {"type", "title", "status", "detail"} <= body.keys()
    assert body["detail"]
    return body
