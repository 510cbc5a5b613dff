"""Campaigns, their messages and their transitions over the API."""

from typing import Any

import httpx
import pytest

from domain.access import Role
from domain.outcomes import Outcome, Proof
from storage import audiences, line_holds, missed
from storage.tables import MessageLink
from tests import ledger
from tests.ui.api.conftest import GIF, Api, campaign, line, made, problem

SOON = "2026-11-23T12:05:00Z"


async def scheduled(http: httpx.AsyncClient, name: str = "Spring sale") -> Any:
    draft = await campaign(http, name)
    await made(http, f"/campaigns/{draft['id']}/messages", {"text": "Hi. STOP ends.", "send_at": SOON})
    return await made(http, f"/campaigns/{draft['id']}/schedule", None, 200)


@pytest.mark.parametrize("value", [False, None, "yes", 1])
async def test_an_unticked_acknowledgment_is_refused(http: httpx.AsyncClient, value: object) -> None:
    body = {"name": "A", "channel": "sms", "line_id": 1, "list_id": 1, "opt_in_acknowledged": value}
    problem(await http.post("/campaigns", json=body), 422)
    del body["opt_in_acknowledged"]
    assert "Opt-In" in problem(await http.post("/campaigns", json=body), 422)["detail"]


async def test_a_name_is_taken_once(http: httpx.AsyncClient) -> None:
    first = await campaign(http, "Spring sale")
    body = {k: first[k] for k in ("name", "channel", "line_id", "list_id")} | {"opt_in_acknowledged": True}
    assert problem(await http.post("/campaigns", json=body), 409)["code"] == "name_taken"


async def test_a_draft_is_changed_and_deleted(http: httpx.AsyncClient) -> None:
    draft = await campaign(http)
    at = f"/campaigns/{draft['id']}"
    message = await made(http, f"{at}/messages", {"text": "Hi", "send_at": "2026-11-24T09:30:00Z"})
    changed = (await http.patch(at, json={"name": "New name", "timezone": "America/New_York"})).json()
    assert (changed["name"], changed["timezone"]) == ("New name", "America/New_York")
    assert changed["line_id"] == draft["line_id"]
    assert changed["messages"][0]["send_at"] == "2026-11-24T14:30:00Z"
    assert (await http.delete(f"{at}/messages/{message['id']}")).status_code == 204
    assert (await http.delete(at)).status_code == 204
    problem(await http.get(at), 404)


async def test_a_scheduled_campaign_is_locked_but_its_times_move(http: httpx.AsyncClient) -> None:
    running = await scheduled(http)
    at = f"/campaigns/{running['id']}"
    message = f"{at}/messages/{running['messages'][0]['id']}"
    assert problem(await http.patch(at, json={"name": "Other"}), 409)["code"] == "details_locked"
    assert problem(await http.patch(message, json={"text": "Other"}), 409)["code"] == "message_locked"
    problem(await http.delete(message), 409)
    problem(await http.post(f"{at}/messages", json={"text": "One more"}), 409)
    problem(await http.delete(at), 409)
    moved = await http.patch(message, json={"send_at": "2026-11-23T12:00:07.5Z"})
    assert moved.json()["send_at"] == "2026-11-23T12:00:07.500000Z"
    assert problem(await http.patch(message, json={"send_at": "2026-11-23T11:59:59Z"}), 422)["detail"]


async def test_a_message_of_another_campaign_is_not_found(http: httpx.AsyncClient) -> None:
    one, other = await campaign(http, "One"), await campaign(http, "Other")
    message = await made(http, f"/campaigns/{one['id']}/messages", {"text": "Hi"})
    wrong = f"/campaigns/{other['id']}/messages/{message['id']}"
    for answer in (await http.get(wrong), await http.patch(wrong, json={}), await http.delete(wrong)):
        assert problem(answer, 404)["code"] == "message_not_found"


async def test_messages_keep_the_order_of_their_times_to_the_second(http: httpx.AsyncClient) -> None:
    draft = await campaign(http)
    at = f"/campaigns/{draft['id']}"
    await made(http, f"{at}/messages", {"text": "1 STOP", "send_at": "2026-11-23T12:00:05Z"})
    second = await made(http, f"{at}/messages", {"text": "2", "send_at": "2026-11-23T12:00:05Z"})
    refused = problem(await http.post(f"{at}/schedule"), 422)
    assert refused["code"] == "too_early"
    assert "earliest possible time" in refused["detail"]
    await http.patch(f"{at}/messages/{second['id']}", json={"send_at": "2026-11-23T12:00:08Z"})
    done = (await http.post(f"{at}/schedule")).json()
    assert [m["send_at"][-4:-1] for m in done["messages"]] == [":05", ":08"]


async def test_a_time_is_taken_away_again(http: httpx.AsyncClient) -> None:
    draft = await campaign(http)
    at = f"/campaigns/{draft['id']}/messages"
    message = await made(http, at, {"text": "Hi", "send_at": SOON})
    answer = await http.patch(f"{at}/{message['id']}", json={"send_at": None})
    assert answer.json()["send_at"] is None
    assert problem(await http.post(f"/campaigns/{draft['id']}/schedule"), 422)["code"] == "message_not_ready"


async def test_recipients_local_time_is_the_wall_clock_of_the_campaigns_zone(http: httpx.AsyncClient) -> None:
    draft = await campaign(http, timezone="America/New_York")
    at = f"/campaigns/{draft['id']}"
    body = {"text": "Hi STOP", "send_at": "2026-11-24T14:30:00Z", "recipient_local": True}
    message = await made(http, f"{at}/messages", body)
    assert (message["recipient_local"], message["send_at"]) == (True, "2026-11-24T14:30:00Z")


async def test_every_transition_and_its_refusal(api: Api, http: httpx.AsyncClient) -> None:
    draft = await campaign(http)
    at = f"/campaigns/{draft['id']}"
    await made(http, f"{at}/messages", {"text": "Hi STOP", "send_at": SOON})

    async def does(action: str) -> tuple[int, str]:
        answer = await http.post(f"{at}/{action}")
        if answer.status_code == 409:
            assert problem(answer, 409)["code"] == "action_refused"
            assert "not possible" in answer.json()["detail"]
        return answer.status_code, answer.json()["status"] if answer.status_code == 200 else ""

    for refused in ("pause", "resume", "stop", "restart", "unarchive"):
        assert (await does(refused))[0] == 409
    assert await does("schedule") == (200, "scheduled")
    assert (await does("schedule"))[0] == 409
    api.clock.turn(minutes=5)
    audiences.begin_due(api.db, api.clock())
    assert await does("pause") == (200, "paused")
    assert await does("resume") == (200, "running")
    assert (await does("archive"))[0] == 409
    assert await does("stop") == (200, "stopped")
    assert await does("archive") == (200, "archived")
    assert (await does("restart"))[0] == 409
    assert await does("unarchive") == (200, "stopped")
    assert await does("restart") == (200, "stopped")
    copy = (await http.post(f"{at}/clone")).json()
    assert (copy["status"], copy["name"], copy["messages"][0]["send_at"]) == (
        "draft",
        "Spring sale (copy)",
        None,
    )
    assert copy["id"] != draft["id"]


async def test_resume_asks_about_messages_whose_time_passed(api: Api, http: httpx.AsyncClient) -> None:
    draft = await campaign(http)
    at = f"/campaigns/{draft['id']}"
    await made(http, f"{at}/messages", {"text": "1 STOP", "send_at": "2026-11-23T12:01:00Z"})
    late = await made(http, f"{at}/messages", {"text": "2", "send_at": "2026-11-23T12:10:00Z"})
    await http.post(f"{at}/schedule")
    api.clock.turn(minutes=1)
    audiences.begin_due(api.db, api.clock())
    await http.post(f"{at}/pause")
    api.clock.turn(minutes=20)
    asked = problem(await http.post(f"{at}/resume"), 409)
    assert asked["messages"] == [{"id": late["id"], "position": 2}]
    resumed = await http.post(f"{at}/resume", json={"overdue": {str(late["id"]): "skip"}})
    assert resumed.json()["messages"][1]["state"] == "skipped"


async def test_files_are_uploaded_and_given_to_one_message(http: httpx.AsyncClient) -> None:
    answer = await http.post("/attachments", files={"file": ("../cat.gif", GIF, "text/html")})
    file = answer.json()
    assert file == {"id": file["id"], "filename": "cat.gif", "content_type": "image/gif", "bytes": len(GIF)}
    draft = await campaign(http)
    at = f"/campaigns/{draft['id']}/messages"
    message = await made(http, at, {"attachment_ids": [file["id"]]})
    assert message["attachments"] == [file]
    taken = problem(await http.post(at, json={"text": "Hi", "attachment_ids": [file["id"]]}), 404)
    assert taken["code"] == "attachment_not_found"
    assert len((await http.get(f"/campaigns/{draft['id']}")).json()["messages"]) == 1
    without = await http.patch(f"{at}/{message['id']}", json={"attachment_ids": []})
    assert without.json()["attachments"] == []


async def test_only_pictures_of_a_sane_size_are_taken(http: httpx.AsyncClient) -> None:
    refused = await http.post("/attachments", files={"file": ("cat.gif", b"<html>", "image/gif")})
    assert problem(refused, 422)["code"] == "not_an_image"
    problem(await http.post("/attachments", files={"file": ("a.gif", GIF + b"x" * 5_000_000)}), 413)
    problem(await http.post("/attachments", files={"file": ("a.gif", GIF + b"x" * 6_000_000)}), 413)
    problem(await http.post("/attachments", files={"other": ("a.gif", GIF)}), 422)
    problem(await http.post("/attachments", json={}), 415)


async def test_lines_send_as_numbers_codes_and_names(http: httpx.AsyncClient) -> None:
    first = await line(http, number="71234", rate_per_second=None)
    carrier_id = (await http.get("/lines")).json()["items"][0]["carrier_id"]
    body = {"label": "L", "carrier_id": carrier_id}
    named = await made(http, "/lines", {**body, "number": "Harbor&Pine"})
    assert (named["number"], named["rate_per_second"], named["id"] > first) == ("Harbor&Pine", None, True)
    problem(await http.post("/lines", json={**body, "number": "A name far too long"}), 422)
    problem(await http.post("/lines", json={**body, "number": "+1"}), 422)
    problem(await http.post("/lines", json={**body, "number": "71234", "rate_per_second": 0}), 422)
    problem(await http.post("/lines", json={**body, "number": "71234", "carrier_id": 999}), 404)
    problem(await http.post("/carriers", json={"name": "X", "kind": "pigeon"}), 422)


async def test_suppressions_come_and_go(http: httpx.AsyncClient) -> None:
    for number in ("+12126001000", "+447700900123", "+12126001002"):
        added = await made(http, "/suppressions", {"phone": number, "reason": "Asked"})
        assert (added["phone"], added["source"]) == (number, "api")
    await made(http, "/suppressions", {"phone": "(212) 600-1000"})
    assert len((await http.get("/suppressions")).json()["items"]) == 3
    assert (await http.delete("/suppressions/+12126001000")).status_code == 204
    assert (await http.delete("/suppressions?phone=+447700900123")).status_code == 204
    by_body = await http.request("DELETE", "/suppressions", json={"phone": "+12126001002"})
    assert by_body.status_code == 204
    assert (await http.get("/suppressions")).json() == {"items": [], "next": None}
    problem(await http.delete("/suppressions/+12126001000"), 404)
    problem(await http.delete("/suppressions"), 422)
    problem(await http.post("/suppressions", json={"phone": "nonsense"}), 422)


async def test_a_missed_message_waits_for_a_decision(api: Api, http: httpx.AsyncClient) -> None:
    draft = await campaign(http)
    at = f"/campaigns/{draft['id']}"
    message = await made(http, f"{at}/messages", {"text": "1 STOP", "send_at": "2026-11-23T12:01:00Z"})
    await http.post(f"{at}/schedule")
    place = f"{at}/messages/{message['id']}"
    assert problem(await http.post(f"{place}/decide", json={"choice": "skip"}), 409)["code"] == "not_missed"
    api.clock.turn(minutes=90)
    missed.notice(api.db, api.clock())
    assert (await http.get(place)).json()["state"] == "missed"
    viewer = api.client(Role.VIEWER)
    problem(await viewer.post(f"{place}/decide", json={"choice": "skip"}), 403)
    problem(await http.post(f"{place}/decide", json={"choice": "later"}), 422)
    sent = await http.post(f"{place}/decide", json={"choice": "send_now"})
    assert (sent.status_code, sent.json()["state"]) == (200, "scheduled")
    assert audiences.begin_due(api.db, api.clock()) == [message["id"]]


async def test_a_missed_message_can_be_given_a_new_time(api: Api, http: httpx.AsyncClient) -> None:
    draft = await campaign(http)
    at = f"/campaigns/{draft['id']}"
    message = await made(http, f"{at}/messages", {"text": "1 STOP", "send_at": "2026-11-23T12:01:00Z"})
    await http.post(f"{at}/schedule")
    api.clock.turn(minutes=90)
    missed.notice(api.db, api.clock())
    moved = await http.patch(f"{at}/messages/{message['id']}", json={"send_at": "2026-11-23T15:00:00Z"})
    assert moved.json()["state"] == "scheduled"


async def test_unconfirmed_people_are_sent_to_again_on_order(api: Api, http: httpx.AsyncClient) -> None:
    draft = await campaign(http)
    at = f"/campaigns/{draft['id']}"
    message = await made(http, f"{at}/messages", {"text": "1 STOP", "send_at": "2026-11-23T12:01:00Z"})
    await http.post(f"{at}/schedule")
    api.clock.turn(minutes=1)
    ledger.beat(api.db, api.clock())
    claimed = ledger.claim(api.db, message["id"], api.clock())
    ledger.settle(api.db, claimed[:1], api.clock(), Outcome(Proof.AMBIGUOUS))
    place = f"{at}/messages/{message['id']}/send-again"
    assert (await http.post(place)).json() == {"queued": 1}
    assert problem(await http.post(place), 409)["code"] == "none_unconfirmed"
    line_holds.trip(api.db, draft["line_id"], api.clock())
    found = (await http.get(f"{at}/results")).json()
    assert found["tally"]["queued"] == 1
    assert found["line_held"] == {
        "reason": "",
        "until": "2026-11-23T12:01:30Z",
        "unreachable": True,
        "used_up": False,
    }


async def test_opt_ins_are_recorded_and_read(http: httpx.AsyncClient) -> None:
    given = {"phone": "(212) 600-1000", "given_at": "2026-11-01T09:30:00Z", "source": "shop.example/join"}
    added = await made(http, "/consents", given | {"text": "Yes, text me.", "address": "203.0.113.7"})
    assert (added["phone"], added["text"], added["address"]) == (
        "+12126001000",
        "Yes, text me.",
        "203.0.113.7",
    )
    await made(http, "/consents", given)
    (kept,) = (await http.get("/consents/+12126001000")).json()
    assert kept == added
    problem(await http.post("/consents", json=given | {"given_at": "2099-01-01T00:00:00Z"}), 422)
    problem(await http.post("/consents", json=given | {"source": " "}), 422)
    problem(await http.get("/consents/nobody"), 422)


async def test_links_are_shortened_on_demand_and_their_clicks_told(api: Api, http: httpx.AsyncClient) -> None:
    draft = await campaign(http)
    at = f"/campaigns/{draft['id']}"
    body = {"text": "https://a.example STOP", "send_at": SOON}
    message = await made(http, f"{at}/messages", body)
    assert message["shorten_links"] is False
    changed = await http.patch(f"{at}/messages/{message['id']}", json={"shorten_links": True})
    assert changed.json()["shorten_links"] is True
    assert (await made(http, f"{at}/messages", {**body, "shorten_links": True}))["shorten_links"] is True
    with api.db.write() as session:
        session.add(MessageLink(message_id=message["id"], url="https://a.example", people=2, clicks=3))
    found = (await http.get(f"{at}/results")).json()["messages"]
    assert found[0]["links"] == [{"url": "https://a.example", "people": 2, "clicks": 3}]
    assert found[1]["links"] == []
