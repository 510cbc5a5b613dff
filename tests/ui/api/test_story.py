"""A campaign from nothing to its results, as a program sees it; the field names are interface.md's."""

from datetime import timedelta

from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from storage import audiences, deliveries, inbound
from storage.deliveries import Settled
from storage.inbound import Reply
from tests.ui.api.conftest import Api, line, made

STATES = {state.value for state in State}


async def test_the_whole_story(api: Api) -> None:
    http = api.client()
    carrier = await made(
        http, "/carriers", {"name": "Box", "kind": "sandbox", "settings": {"delay_seconds": 1}}
    )
    assert {"id", "name", "kind", "webhooks"} <= carrier.keys()
    assert carrier["webhooks"].keys() == {"status", "inbound"}
    assert carrier["webhooks"]["status"].endswith("/status")
    line = await made(
        http,
        "/lines",
        {
            "label": "Main",
            "number": "+14155550100",
            "carrier_id": carrier["id"],
            "rate_per_second": 10,
            "price_per_segment": 0.0079,
        },
    )
    assert (line["label"], line["rate_per_second"], line["price_per_segment"]) == ("Main", 10, 0.0079)
    leads = await made(http, "/lists", {"name": "Leads"})
    people = [
        {"phone": "+1 212 600 1000", "first_name": "Maya", "last_name": "Chen", "fields": {"plan": "gold"}},
        {"phone": "+12126001001", "timezone": "America/New_York"},
        {"phone": "12", "first_name": "Nobody"},
        {"phone": "+12126001002", "timezone": "Mars/Olympus"},
    ]
    added = await made(http, f"/lists/{leads['id']}/contacts", people, 200)
    assert (added["added"], added["updated"]) == (2, 0)
    assert [(i["index"], i["phone"]) for i in added["invalid"]] == [(2, "12"), (3, "+12126001002")]
    assert all(i["reason"] for i in added["invalid"])

    campaign = await made(
        http,
        "/campaigns",
        {
            "name": "Spring sale",
            "channel": "sms",
            "line_id": line["id"],
            "list_id": leads["id"],
            "opt_in_acknowledged": True,
        },
    )
    assert (campaign["status"], campaign["timezone"]) == ("draft", "UTC")
    at = f"/campaigns/{campaign['id']}"
    soon = api.clock() + timedelta(seconds=2)
    first = await made(
        http, f"{at}/messages", {"text": "Hi. Reply STOP to opt out.", "send_at": soon.isoformat()}
    )
    assert first["send_at"] == "2026-11-23T12:00:02Z"
    second = await made(http, f"{at}/messages", {"text": "Bye", "send_at": "2026-11-23T13:00:00+01:00"})
    moved = await http.patch(f"{at}/messages/{second['id']}", json={"send_at": "2026-11-30T09:30:00Z"})
    assert moved.json()["send_at"] == "2026-11-30T09:30:00Z"

    review = (await http.get(f"{at}/preflight")).json()
    assert review["audience"] == {
        "listed": 2,
        "duplicates": 0,
        "invalid": 0,
        "opted_out": 0,
        "no_consent": 0,
        "to_send": 2,
    }
    assert review["ready"] is True
    assert review["messages"][0] | {"cost": 0, "ends_at": ""} == {
        "id": first["id"],
        "position": 1,
        "encoding": "GSM-7",
        "people": 2,
        "segments": {"1": 2},
        "cost": 0,
        "starts_at": "2026-11-23T12:00:02Z",
        "ends_at": "",
        "held": 0,
        "expiring": 0,
        "capped": 0,
        "already": 0,
    }
    assert review["messages"][0]["cost"] == 0.0158

    scheduled = await http.post(f"{at}/schedule")
    assert (scheduled.status_code, scheduled.json()["status"]) == (200, "scheduled")
    assert scheduled.json()["messages"][0]["send_at"] == "2026-11-23T12:00:02Z"

    api.clock.turn(seconds=1)
    assert audiences.begin_due(api.db, api.clock()) == []
    api.clock.turn(seconds=1)
    assert audiences.begin_due(api.db, api.clock()) == [first["id"]]
    while audiences.plan_chunk(api.db, first["id"], api.clock()):
        pass
    claimed = deliveries.claim(api.db, first["id"], 10, 1, api.clock(), "n")
    refused = Settled(claimed[0].id, claimed[0].attempt_id, Outcome(Proof.REFUSED, code="21211"), api.clock())
    taken = Settled(
        claimed[1].id,
        claimed[1].attempt_id,
        Outcome(Proof.ACCEPTED, carrier_message_id="SM1"),
        api.clock(),
    )
    deliveries.settle(api.db, [refused, taken], api.clock())

    results = (await http.get(f"{at}/results")).json()
    assert results["status"] == "running"
    assert results["tally"].keys() == STATES
    assert {state: n for state, n in results["tally"].items() if n} == {"failed": 1, "sent": 1}
    assert {"id", "position", "send_at", "state", "tally", "links"} == results["messages"][0].keys()

    people_ = (await http.get(f"{at}/deliveries")).json()
    assert people_["next"] is None
    assert people_["items"][0].keys() == {
        *("phone", "message_id", "state", "reason", "error_code", "carrier_message_id"),
        *("attempts", "sent_at", "finished_at"),
    }
    assert {item["state"]: item["error_code"] for item in people_["items"]} == {
        "failed": "21211",
        "sent": None,
    }
    sent = (await http.get(f"{at}/deliveries", params={"state": "sent"})).json()["items"]
    assert [item["carrier_message_id"] for item in sent] == ["SM1"]

    reply = Reply(carrier["id"], "e1", sent[0]["phone"], "+14155550100", "STOP")
    inbound.take(api.db, reply, api.clock())
    (text,) = (await http.get("/inbound")).json()["items"]
    assert text == {
        "id": text["id"],
        "from": sent[0]["phone"],
        "to": "+14155550100",
        "text": "STOP",
        "received_at": "2026-11-23T12:00:02Z",
        "campaign_id": campaign["id"],
        "kind": "stop",
    }
    (out,) = (await http.get("/suppressions")).json()["items"]
    assert out.keys() == {"phone", "reason", "source", "created_at"}
    assert (out["phone"], out["source"]) == (sent[0]["phone"], "keyword")

    stopped = (await http.post(f"{at}/stop")).json()
    assert (stopped["status"], stopped["messages"][1]["state"]) == ("stopped", "canceled")
    assert (await http.post(f"{at}/restart")).status_code == 200
    later = {"send_at": "2026-12-01T10:00:30Z"}
    assert (await http.patch(f"{at}/messages/{second['id']}", json=later)).status_code == 200
    again = (await http.post(f"{at}/schedule")).json()
    assert again["status"] == "scheduled"
    assert again["messages"][1]["send_at"] == "2026-12-01T10:00:30Z"


async def test_a_fresh_workspace_needs_nothing_but_a_key(api: Api) -> None:
    http = api.client()
    line_id = await line(http)
    leads = await made(http, "/lists", {"name": "Leads"})
    details = {"name": "A", "channel": "sms", "line_id": line_id, "list_id": leads["id"]}
    campaign = await made(http, "/campaigns", {**details, "opt_in_acknowledged": True})
    assert (campaign["owner"], campaign["created_by"]) == ("admin program", "admin program")
