"""Scopes, ends and rates of keys, and what only an admin's key opens."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from domain.access import Actor, Role, RoleForbids
from domain.api_scopes import UnknownScope, scope_of
from storage import api_keys, contacts
from storage.api_keys import ExpiryPast, KeyNotFound
from tests import arrange
from tests.conftest import NOW
from tests.ui.api.conftest import Api, campaign, made, problem


def scoped(api: Api, *scopes: str, role: Role = Role.ADMIN) -> httpx.AsyncClient:
    key = api_keys.create(api.db, "Scoped", role, api.clock(), scopes=scopes)
    return api.client(None, authorization=f"Bearer {key}")


async def test_a_scoped_key_opens_its_parts_alone(api: Api) -> None:
    http = scoped(api, "contacts", "audit")
    assert (await http.get("/contacts")).status_code == 200
    assert (await http.get("/audit")).status_code == 200
    await made(http, "/lists", {"name": "Leads"})
    for answer in (
        await http.get("/campaigns"),
        await http.post("/carriers", json={}),
        await http.get("/inbound"),
    ):
        assert problem(answer, 403)["code"] == "out_of_scope"
    assert (await http.get("/nowhere")).status_code == 404


async def test_a_scope_gives_no_more_than_the_role(api: Api) -> None:
    http = scoped(api, "contacts", "audit", role=Role.VIEWER)
    assert (await http.get("/contacts")).status_code == 200
    assert problem(await http.post("/lists", json={"name": "Leads"}), 403)["code"] == "role_forbids"
    assert problem(await http.get("/audit"), 403)["code"] == "role_forbids"


def test_every_address_of_the_api_belongs_to_a_scope(api: Api) -> None:
    door = api.app.routes[0].app  # type: ignore[attr-defined]
    app: FastAPI = door.app
    paths = list(app.openapi()["paths"])
    assert len(paths) > 30
    assert [path for path in paths if scope_of(path) is None] == []


async def test_every_answer_says_what_is_left_and_too_many_are_refused(api: Api) -> None:
    door = api.app.routes[0].app  # type: ignore[attr-defined]
    door.world.limits.quota, door.world.limits.window = 3, 6
    http, other = api.client(), api.client()
    first = await http.get("/campaigns")
    assert first.headers["ratelimit-policy"] == '"default";q=3;w=6'
    assert first.headers["ratelimit"] == '"default";r=2;t=2'
    missing = await http.get("/campaigns/4711")
    assert (missing.status_code, missing.headers["ratelimit"]) == (404, '"default";r=1;t=4')
    await http.post("/lists", json={"name": "A"}, headers={"idempotency-key": "one"})
    refused = await http.post("/lists", json={"name": "B"})
    assert problem(refused, 429)["code"] == "too_many_requests"
    assert refused.headers["retry-after"] == "2"
    assert refused.headers["ratelimit"] == '"default";r=0;t=6'
    assert (await other.get("/campaigns")).status_code == 200
    api.clock.turn(seconds=2)
    assert [one["name"] for one in (await http.get("/lists")).json()["items"]] == ["A"]


async def test_who_guesses_keys_is_slowed_by_address(api: Api) -> None:
    door = api.app.routes[0].app  # type: ignore[attr-defined]
    door.world.limits.quota = 5
    guesses = [api.client(None, authorization=f"Bearer sck_{n}_00") for n in range(6)]
    statuses = [(await guess.get("/campaigns")).status_code for guess in guesses]
    assert statuses == [401] * 5 + [429]


async def test_keys_are_listed_without_themselves_and_end_by_revocation(api: Api) -> None:
    actor: Actor = arrange.person(api.db, NOW)
    end = NOW + timedelta(days=7)
    key = api_keys.create(api.db, " CRM ", Role.MANAGER, NOW, end, scopes=["inbound"], actor=actor)
    (shown,) = api_keys.listed(api.db, actor)
    assert (shown.name, shown.role, shown.scopes, shown.expires_at) == (
        "CRM",
        Role.MANAGER,
        ("inbound",),
        end,
    )
    assert key.rpartition("_")[2] not in repr(shown)
    assert shown.works(NOW)
    assert not shown.works(end)
    http = api.client(None, authorization=f"Bearer {key}")
    assert (await http.get("/inbound")).status_code == 200
    api_keys.revoke(api.db, shown.id, NOW, actor)
    api_keys.revoke(api.db, shown.id, NOW, actor)
    assert (await http.get("/inbound")).status_code == 401
    (shown,) = api_keys.listed(api.db, actor)
    assert (shown.revoked_at, shown.works(NOW), shown.last_used_at) == (NOW, False, NOW)
    entries = (await api.client().get("/audit")).json()["items"]
    assert [(one["action"], one["user"]) for one in entries if one["kind"] == "api key"][-2:] == [
        ("revoke", "Ada Park"),
        ("create", "Ada Park"),
    ]


def test_bad_keys_are_not_made(api: Api) -> None:
    actor, viewer = arrange.person(api.db, NOW), arrange.person(api.db, NOW, "Vic", Role.VIEWER)
    with pytest.raises(ExpiryPast):
        api_keys.create(api.db, "CRM", Role.ADMIN, NOW, NOW, actor=actor)
    with pytest.raises(UnknownScope):
        api_keys.create(api.db, "CRM", Role.ADMIN, NOW, scopes=["all"], actor=actor)
    with pytest.raises(KeyNotFound):
        api_keys.revoke(api.db, 4711, NOW, actor)
    for verb in (
        lambda: api_keys.create(api.db, "CRM", Role.VIEWER, NOW, actor=viewer),
        lambda: api_keys.revoke(api.db, 1, NOW, viewer),
        lambda: api_keys.listed(api.db, viewer),
    ):
        with pytest.raises(RoleForbids):
            verb()


async def test_the_audit_is_read_page_by_page(api: Api) -> None:
    http = api.client()
    await campaign(http)
    page = (await http.get("/audit", params={"limit": 2})).json()
    seen = page["items"]
    while page["next"]:
        page = (await http.get("/audit", params={"limit": 2, "cursor": page["next"]})).json()
        seen += page["items"]
    ids = [one["id"] for one in seen]
    assert ids == sorted(set(ids), reverse=True)
    assert {"create"} <= {one["action"] for one in seen}
    assert (seen[0]["user"], seen[0]["kind"]) == ("admin program", "campaign")


async def test_webhooks_are_added_paused_and_removed_and_their_calls_replayed(api: Api) -> None:
    http = api.client()
    body = {"url": "https://example.com/in", "kinds": ["contact.opted_out"]}
    hook = await made(http, "/webhooks", body)
    assert hook["secret"].startswith("whsec_")
    contacts.suppress(api.db, arrange.person(api.db, NOW), "+12126001000", "why", "team", NOW)
    (shown,) = (await http.get("/webhooks")).json()
    assert (shown["url"], shown["kinds"], shown["active"], shown["waiting"]) == (*body.values(), True, 1)
    assert "secret" not in shown
    (call,) = (await http.get(f"/webhooks/{hook['id']}/calls")).json()["items"]
    assert (call["kind"], call["state"], call["attempts"]) == ("contact.opted_out", "waiting", 0)
    assert (await http.post(f"/webhooks/calls/{call['id']}/replay")).status_code == 204
    assert (await http.patch(f"/webhooks/{hook['id']}", json={"active": False})).status_code == 204
    assert (await http.get("/webhooks")).json()[0]["active"] is False
    assert (await http.delete(f"/webhooks/{hook['id']}")).status_code == 204
    for answer in (
        await http.delete(f"/webhooks/{hook['id']}"),
        await http.get(f"/webhooks/{hook['id']}/calls"),
        await http.post(f"/webhooks/calls/{call['id']}/replay"),
    ):
        problem(answer, 404)
    private = await http.post("/webhooks", json={**body, "url": "https://10.0.0.1/"})
    assert problem(private, 422)["code"] == "bad_address"
    assert problem(await api.client(Role.MANAGER).get("/webhooks"), 403)["code"] == "role_forbids"
