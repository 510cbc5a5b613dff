"""Keys, roles, errors, and requests that are carried out once."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from domain.access import Role
from storage import api_keys, idempotency
from storage.api_keys import KeyUnknown
from storage.idempotency import Named
from storage.tables import ApiKey, AuditEntry, ContactList
from tests.ui.api.conftest import GIF, Api, campaign, made, problem


def count(api: Api) -> int:
    with api.db.read() as session:
        return session.scalar(select(func.count()).select_from(ContactList)) or 0


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer x", "Bearer sck_1_00", "Basic YTpi", "Bearer sck_99999999999_x", "Bearer sck_²_x"],
)
async def test_without_a_good_key_nothing_opens(api: Api, value: str) -> None:
    http = api.client(None, cookie="session=whatever")
    api.client()
    headers = {b"authorization": value.encode()} if value else {}
    for answer in (
        await http.get("/campaigns", headers=headers),
        await http.post("/lists", headers=headers, json={"name": "A"}),
        await http.post("/lists", headers=headers, content=b"x" * 9_000_000),
    ):
        assert problem(answer, 401)["code"] == "unauthorized"
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert count(api) == 0


async def test_a_key_opens_nothing_but_in_its_header(api: Api) -> None:
    key = api_keys.create(api.db, "CRM", Role.ADMIN, api.clock())
    assert re.fullmatch(r"sck_\d+_[A-Za-z0-9-]{32,}", key)
    elsewhere = api.client(None, cookie=f"sms_session={key}; api_key={key}; authorization=Bearer {key}")
    for name in ("api_key", "key", "token", "access_token", "authorization"):
        problem(await elsewhere.get("/campaigns", params={name: key}), 401)
        problem(await elsewhere.post("/lists", params={name: key}, json={"name": "A", name: key}), 401)
    assert count(api) == 0


async def test_a_key_ends_by_revocation_and_by_time(api: Api) -> None:
    key = api_keys.create(api.db, "CRM", Role.VIEWER, api.clock(), api.clock() + timedelta(days=1))
    caller = api_keys.verify(api.db, key, api.clock(), "127.0.0.1")
    assert (caller.actor.name, caller.actor.role) == ("CRM", Role.VIEWER)
    with pytest.raises(KeyUnknown):
        api_keys.verify(api.db, key, api.clock() + timedelta(days=1))
    with pytest.raises(KeyUnknown):
        api_keys.verify(api.db, key + "0", api.clock())
    api_keys.revoke(api.db, caller.key_id, api.clock())
    with pytest.raises(KeyUnknown):
        api_keys.verify(api.db, key, api.clock())


async def test_only_a_hash_of_a_key_is_kept_and_its_last_use(api: Api) -> None:
    key = api_keys.create(api.db, "CRM", Role.VIEWER, api.clock())
    api.clock.turn(hours=1)
    api_keys.verify(api.db, key, api.clock())
    with api.db.read() as session:
        row = session.scalars(select(ApiKey)).one()
        (entry,) = session.scalars(select(AuditEntry)).all()
    secret = key.split("_")[2]
    assert secret not in str(row.model_dump())
    assert row.last_used_at == api.clock()
    assert entry.action == "create"
    assert secret not in str(entry.after)


WRITES: list[tuple[str, str, Any]] = [
    ("POST", "/lists", {"name": "X"}),
    ("POST", "/lists/1/contacts", []),
    (
        "POST",
        "/campaigns",
        {"name": "X", "channel": "sms", "line_id": 1, "list_id": 1, "opt_in_acknowledged": True},
    ),
    ("PATCH", "/campaigns/1", {"name": "X"}),
    ("DELETE", "/campaigns/1", None),
    ("POST", "/campaigns/1/messages", {"text": "X"}),
    ("PATCH", "/campaigns/1/messages/1", {"text": "X"}),
    ("DELETE", "/campaigns/1/messages/1", None),
    *(
        ("POST", f"/campaigns/1/{action}", None)
        for action in ("schedule", "pause", "resume", "stop", "restart", "archive", "unarchive", "clone")
    ),
    ("POST", "/suppressions", {"phone": "+12126001000"}),
    ("POST", "/consents", {"phone": "+12126001000", "given_at": "2026-11-01T09:30:00Z", "source": "X"}),
    ("DELETE", "/suppressions/+12126001000", None),
]
SETUP: list[tuple[str, str, Any]] = [
    ("POST", "/carriers", {"name": "X", "kind": "sandbox"}),
    ("POST", "/lines", {"label": "X", "number": "71234", "carrier_id": 1}),
]
READS = (
    *("/carriers", "/lines", "/lists", "/campaigns", "/campaigns/1", "/campaigns/1/messages/1"),
    *(
        "/campaigns/1/preflight",
        "/campaigns/1/results",
        "/campaigns/1/deliveries",
        "/suppressions",
        "/inbound",
    ),
)


async def test_every_role_may_what_it_may(api: Api) -> None:
    draft = await campaign(api.client())
    message = {"text": "Hi STOP", "send_at": "2026-11-24T09:00:00Z"}
    await made(api.client(), f"/campaigns/{draft['id']}/messages", message)
    viewer, manager = api.client(Role.VIEWER), api.client(Role.MANAGER)
    for method, path, body in WRITES + SETUP:
        assert problem(await viewer.request(method, path, json=body), 403)["code"] == "role_forbids"
    assert (await viewer.post("/attachments", files={"file": ("a.gif", GIF)})).status_code == 403
    for method, path, body in SETUP:
        problem(await manager.request(method, path, json=body), 403)
    for method, path, body in WRITES:
        assert (await manager.request(method, path, json=body)).status_code != 403, path
    assert (await manager.post("/attachments", files={"file": ("a.gif", GIF)})).status_code == 201


async def test_a_viewer_reads_everything(api: Api) -> None:
    draft = await campaign(api.client())
    message = {"text": "Hi STOP", "send_at": "2026-11-24T09:00:00Z"}
    await made(api.client(), f"/campaigns/{draft['id']}/messages", message)
    viewer = api.client(Role.VIEWER)
    for path in READS:
        assert (await viewer.get(path)).status_code == 200, path


async def test_what_does_not_exist_is_a_404(http: httpx.AsyncClient) -> None:
    for path in ("/nowhere", "/campaigns/9", "/campaigns/99999999999999999999", "/campaigns/0/results"):
        problem(await http.get(path), 404)
    problem(await http.get("/campaigns/9/deliveries"), 404)
    problem(await http.post("/lists/9/contacts", json=[]), 404)
    problem(await http.post("/lists/99999999999/contacts", json=[]), 404)
    problem(await http.post("/campaigns/9/clone"), 404)
    wrong = await http.put("/lists", json={})
    assert problem(wrong, 405)["detail"]


async def test_an_unknown_address_is_a_404_without_a_key_too(api: Api) -> None:
    http = api.client(None)
    problem(await http.get("/nothing"), 404)
    problem(await http.get("http://sms.example/api/elsewhere"), 404)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/lists", {}, "body.name"),
        ("/lists", {"name": 7}, "body.name"),
        ("/lists", {"name": "a\0b"}, "body.name"),
        ("/lists", {"name": "x", "nmae": "y"}, "body.nmae"),
        ("/lists", [], "body"),
        ("/campaigns", {"name": "x", "channel": "fax", "line_id": 2**40, "list_id": 1}, "body.channel"),
        ("/campaigns/1/messages", {"send_at": "2026-11-30T09:30:00"}, "body.send_at"),
        ("/campaigns/1/messages", {"send_at": "9999-12-31T23:59:59-14:00"}, "body.send_at"),
        ("/lists/one/contacts", [], "path.list_id"),
        ("/lists/1/contacts", [{"phone": "1"}] * 10_001, "body"),
    ],
)
async def test_a_wrong_value_is_named_by_its_field(
    http: httpx.AsyncClient, path: str, body: object, field: str
) -> None:
    found = problem(await http.post(path, json=body), 422)
    assert field in [error["field"] for error in found["errors"]]
    assert all(error["detail"] for error in found["errors"])


async def test_what_is_no_json_is_refused(http: httpx.AsyncClient) -> None:
    json = {"content-type": "application/json"}
    problem(await http.post("/lists", content=b"{", headers=json), 422)
    problem(await http.post("/lists", content=b'{"name": "\\ud800"}', headers=json), 422)
    problem(await http.post("/lists", content=b"name=x"), 415)
    problem(await http.post("/lists", content=b"x" * 8_000_001, headers=json), 413)

    async def endless() -> Any:
        while True:
            yield b"x" * 100_000

    problem(await http.post("/lists", content=endless(), headers=json), 413)


async def test_a_mistake_of_the_program_is_told_without_its_insides(
    api: Api, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr("storage.contacts.create_list", broken)
    headers = {"idempotency-key": "k"}
    for _ in range(2):
        answer = await http.post("/lists", json={"name": "A"}, headers=headers)
        problem(answer, 500)
        assert "secret" not in answer.text
    assert "a secret of the house" in caplog.text
    problem(await http.post("/lists", json={"name": "A"}), 500)
    monkeypatch.undo()
    assert (await http.post("/lists", json={"name": "A"}, headers=headers)).status_code == 201


async def test_a_repeated_request_is_carried_out_once(api: Api, http: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "one"}
    first = await http.post("/lists", json={"name": "A"}, headers=headers)
    again = await http.post("/lists", json={"name": "A"}, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replay"] == "true"
    assert "idempotent-replay" not in first.headers
    assert count(api) == 1
    assert (
        problem(await http.post("/lists", json={"name": "B"}, headers=headers), 422)["code"] == "key_reused"
    )
    problem(await http.post("/lists/1/contacts", json={"name": "A"}, headers=headers), 422)
    other = await api.client().post("/lists", json={"name": "B"}, headers=headers)
    assert other.status_code == 201
    api.clock.turn(hours=24)
    late = await http.post("/lists", json={"name": "A"}, headers=headers)
    assert problem(late, 409)["code"] == "list_name_taken"


async def test_a_refusal_by_a_rule_is_repeated_and_a_wrong_field_is_not(http: httpx.AsyncClient) -> None:
    draft = await campaign(http)
    headers = {"idempotency-key": "one"}
    first = await http.post(f"/campaigns/{draft['id']}/pause", headers=headers)
    again = await http.post(f"/campaigns/{draft['id']}/pause", headers=headers)
    assert problem(first, 409) == problem(again, 409)
    assert again.headers["idempotent-replay"] == "true"
    wrong = {"idempotency-key": "two"}
    problem(await http.post("/lists", json={"name": 7}, headers=wrong), 422)
    assert (await http.post("/lists", json={"name": "B"}, headers=wrong)).status_code == 201


async def test_an_upload_is_known_again_whatever_its_boundary(http: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "file"}
    first, again = [
        await http.post("/attachments", files={"file": ("a.gif", GIF)}, headers=headers) for _ in range(2)
    ]
    assert again.headers["idempotent-replay"] == "true"
    assert first.json() == again.json()
    other = await http.post("/attachments", files={"file": ("b.gif", GIF)}, headers=headers)
    problem(other, 422)


async def test_a_request_whose_twin_is_under_way_is_refused(api: Api, http: httpx.AsyncClient) -> None:
    named = Named(1, "k", "POST /api/v1/lists", "hash")
    assert idempotency.begin(api.db, named, api.clock()) is None
    with pytest.raises(idempotency.StillRunning):
        idempotency.begin(api.db, named, api.clock())
    headers = {"idempotency-key": "many"}
    answers = await asyncio.gather(
        *(http.post("/lists", json={"name": "A"}, headers=headers) for _ in range(8))
    )
    assert count(api) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert sum(a.status_code == 201 and "idempotent-replay" not in a.headers for a in answers) == 1


async def test_an_idempotency_key_has_a_sane_length(http: httpx.AsyncClient) -> None:
    for key in ("", "x" * 256):
        problem(await http.post("/lists", json={"name": "A"}, headers={"idempotency-key": key}), 422)
