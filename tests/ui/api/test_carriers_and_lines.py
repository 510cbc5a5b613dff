"""Carrier accounts and lines over HTTP: changed, blocked, deleted, and their secrets never told."""

import httpx
import pytest

from domain.access import Role
from storage import credentials
from tests.ui.api.conftest import Api, campaign, line, made, problem

SECRET = "tok-seeded-91bc"
SETTINGS = {"account_sid": "AC7f3a", "auth_token": SECRET}


async def account(http: httpx.AsyncClient) -> int:
    body = {"name": "Main", "kind": "twilio", "settings": SETTINGS}
    answer = await http.post("/carriers", json=body)
    assert answer.status_code == 201, answer.text
    assert SECRET not in answer.text
    return int(answer.json()["id"])


async def test_an_account_is_shown_without_its_secrets(http: httpx.AsyncClient) -> None:
    number = await account(http)
    answer = await http.get(f"/carriers/{number}")
    assert answer.json()["settings"] == {"account_sid": "AC7f3a"}
    assert SECRET not in answer.text + (await http.get("/carriers")).text


async def test_a_changed_account_keeps_the_secret_that_was_not_sent(
    api: Api, http: httpx.AsyncClient
) -> None:
    number = await account(http)
    change = {"name": "Renamed", "settings": {"account_sid": "AC8000", "messaging_service_sid": "MG1"}}
    answer = await http.patch(f"/carriers/{number}", json=change)
    assert answer.status_code == 200, answer.text
    assert SECRET not in answer.text
    token = answer.json()["webhooks"]["status"].split("/")[-2]
    kept = credentials.of_token(api.db, "twilio", token)
    assert kept is not None
    assert kept.settings["auth_token"] == SECRET
    assert kept.settings["account_sid"] == "AC8000"
    answer = await http.patch(f"/carriers/{number}", json={"settings": {"messaging_service_sid": None}})
    assert "messaging_service_sid" not in answer.json()["settings"]


async def test_another_host_asks_for_the_secret_again(http: httpx.AsyncClient) -> None:
    number = await account(http)
    elsewhere = {"base_url": "https://evil.example"}
    refused = problem(await http.patch(f"/carriers/{number}", json={"settings": elsewhere}), 422)
    assert refused["detail"] == "The address changed, so enter “Auth token” again."
    again = {"settings": elsewhere | {"auth_token": "another"}}
    assert (await http.patch(f"/carriers/{number}", json=again)).status_code == 200


@pytest.mark.parametrize(
    "settings",
    [
        {"auth_token": {"nested": SECRET}},
        {"auth_token": [SECRET]},
        {"auth_token": SECRET + "\x00"},
        {"auth_token": SECRET, "account_sid": ""},
    ],
)
async def test_a_refusal_does_not_repeat_what_was_sent(
    http: httpx.AsyncClient, settings: dict[str, object]
) -> None:
    number = await account(http)
    for answer in (
        await http.post("/carriers", json={"name": "X", "kind": "twilio", "settings": settings}),
        await http.patch(f"/carriers/{number}", json={"settings": settings}),
    ):
        problem(answer, 422)
        assert SECRET not in answer.text


async def test_an_account_is_deleted_once_no_line_uses_it(http: httpx.AsyncClient) -> None:
    line_id = await line(http)
    carrier_id = (await http.get(f"/lines/{line_id}")).json()["carrier_id"]
    assert problem(await http.delete(f"/carriers/{carrier_id}"), 409)["code"] == "account_in_use"
    assert (await http.delete(f"/lines/{line_id}")).status_code == 204
    assert (await http.delete(f"/carriers/{carrier_id}")).status_code == 204
    problem(await http.get(f"/carriers/{carrier_id}"), 404)
    problem(await http.delete(f"/lines/{line_id}"), 404)


async def test_a_line_is_changed_in_part(http: httpx.AsyncClient) -> None:
    line_id = await line(http, rate_per_second=10, price_per_segment=0.0079)
    change = {"minute_cap": 240, "daily_cap": 2000, "day_zone": "America/Los_Angeles", "kind": "ten_dlc"}
    shown = (await http.patch(f"/lines/{line_id}", json=change)).json()
    assert {name: shown[name] for name in change} == change
    assert (shown["rate_per_second"], shown["price_per_segment"], shown["label"]) == (10, 0.0079, "Main")
    shown = (await http.patch(f"/lines/{line_id}", json={"number": "71234", "minute_cap": None})).json()
    assert (shown["number"], shown["kind"], shown["minute_cap"]) == ("71234", "short_code", None)
    problem(await http.patch(f"/lines/{line_id}", json={"kind": "alphanumeric"}), 422)
    problem(await http.patch(f"/lines/{line_id}", json={"day_zone": "Mars/Olympus"}), 422)
    problem(await http.patch(f"/lines/{line_id}", json={"carrier_id": 999}), 404)
    problem(await http.patch("/lines/999", json={"label": "X"}), 404)


async def test_a_line_is_blocked_and_opened_again(http: httpx.AsyncClient) -> None:
    line_id = await line(http)
    shown = (await http.patch(f"/lines/{line_id}", json={"blocked": True})).json()
    assert shown["blocked_reason"] == "admin program paused this line."
    shown = (await http.patch(f"/lines/{line_id}", json={"blocked": False})).json()
    assert shown["blocked_reason"] is None


async def test_a_line_of_a_campaign_stays(http: httpx.AsyncClient) -> None:
    line_id = (await campaign(http))["line_id"]
    assert problem(await http.delete(f"/lines/{line_id}"), 409)["code"] == "line_in_use"


async def test_a_restricted_line_is_for_chosen_people(api: Api, http: httpx.AsyncClient) -> None:
    line_id = await line(http, people=[])
    manager = api.client(Role.MANAGER)
    body = {"name": "Theirs", "channel": "sms", "line_id": line_id, "opt_in_acknowledged": True}
    body["list_id"] = (await made(http, "/lists", {"name": "Leads"}))["id"]
    assert problem(await manager.post("/campaigns", json=body), 403)["code"] == "line_forbidden"
    people = list(range(1, 10))
    problem(await http.patch(f"/lines/{line_id}", json={"people": people}), 422)
    assert (await http.patch(f"/lines/{line_id}", json={"people": None})).json()["restricted"] is False
    await made(manager, "/campaigns", body)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
async def test_only_an_admin_sets_up_carriers_and_lines(
    api: Api, http: httpx.AsyncClient, role: Role
) -> None:
    line_id = await line(http)
    carrier_id = (await http.get(f"/lines/{line_id}")).json()["carrier_id"]
    other = api.client(role)
    for answer in (
        await other.get(f"/carriers/{carrier_id}"),
        await other.patch(f"/carriers/{carrier_id}", json={"name": "X"}),
        await other.delete(f"/carriers/{carrier_id}"),
        await other.patch(f"/lines/{line_id}", json={"label": "X"}),
        await other.patch(f"/lines/{line_id}", json={"blocked": True}),
        await other.delete(f"/lines/{line_id}"),
    ):
        problem(answer, 403)
