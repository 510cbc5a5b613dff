"""Lists in pages: every item once, whatever the order; filters; cursors that aren't ours."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from storage import audiences, inbound
from storage.inbound import Reply
from tests.ui.api.conftest import Api, campaign, contact_list, line, made, problem


async def all_of(http: httpx.AsyncClient, path: str, limit: int = 2, **params: Any) -> list[Any]:
    """Every item, page by page."""
    items: list[Any] = []
    cursor = None
    for _ in range(100):
        page = (
            await http.get(path, params={"limit": limit, **params, **({"cursor": cursor} if cursor else {})})
        ).json()
        assert page.keys() == {"items", "next"}
        assert len(page["items"]) <= limit
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items
        assert len(page["items"]) == limit
    raise AssertionError("the pages never end")


async def several(api: Api, http: httpx.AsyncClient, count: int = 7) -> list[int]:
    """Drafts of which every third has no time, and some share one."""
    line_id, list_id = await line(http), await contact_list(http, [])
    ids = []
    for number in range(count):
        body = {"name": f"Campaign {number % 4} of {number}", "channel": "sms", "opt_in_acknowledged": True}
        draft = await made(http, "/campaigns", {**body, "line_id": line_id, "list_id": list_id})
        if number % 3:
            when = api.clock() + timedelta(days=number // 2)
            message = {"text": "Hi", "send_at": when.isoformat()}
            await made(http, f"/campaigns/{draft['id']}/messages", message)
        ids.append(draft["id"])
    return ids


COLUMNS = ("status", "name", "start", "created_by", "messages", "list")


async def test_campaigns_in_every_order_come_once_each(api: Api) -> None:
    http = api.client()
    ids = await several(api, http)
    for sort in (*COLUMNS, *(f"-{column}" for column in COLUMNS)):
        once = (await http.get("/campaigns", params={"sort": sort})).json()["items"]
        paged = await all_of(http, "/campaigns", sort=sort)
        assert [row["id"] for row in paged] == [row["id"] for row in once]
        assert sorted(row["id"] for row in paged) == ids
    assert {"status", "name", "start_at", "created_by", "message_count", "list_name"} <= paged[0].keys()


async def test_campaigns_are_filtered(api: Api) -> None:
    http = api.client()
    ids = await several(api, http)
    await http.post(f"/campaigns/{ids[0]}/archive")

    async def found(**params: Any) -> list[int]:
        return sorted(row["id"] for row in (await http.get("/campaigns", params=params)).json()["items"])

    assert await found() == ids[1:]
    empty = {"status": "", "search": "", "line_id": "", "start_from": "", "start_to": "", "sort": ""}
    assert await found(**empty) == ids[1:]
    assert await found(status="archived") == [ids[0]]
    assert await found(status="Draft,Archived") == ids
    assert await found(status=["draft", "archived"]) == ids
    assert await found(search="campaign 1") == [ids[1], ids[5]]
    assert await found(line_id=99) == []
    assert await found(start_from="2026-11-24", start_to="2026-11-24") == [ids[2]]
    assert await found(start_from="2026-11-24T12:00:00Z", start_to="2026-11-24T12:00:00Z") == [ids[2]]
    for wrong in ({"status": "lost"}, {"sort": "colour"}, {"start_from": "soon"}, {"start_to": "9999-12-31"}):
        problem(await http.get("/campaigns", params=wrong), 422)


async def test_deliveries_come_once_each(api: Api) -> None:
    http = api.client()
    draft = await campaign(http)
    people = [{"phone": f"+1212600{number}"} for number in range(1000, 1005)]
    await made(http, f"/lists/{draft['list_id']}/contacts", people, 200)
    at = f"/campaigns/{draft['id']}"
    for minute in (1, 2):
        message = {"text": "Hi STOP", "send_at": f"2026-11-23T12:0{minute}:00Z"}
        await made(http, f"{at}/messages", message)
    await http.post(f"{at}/schedule")
    api.clock.turn(minutes=5)
    for message_id in audiences.begin_due(api.db, api.clock()):
        while audiences.plan_chunk(api.db, message_id, api.clock()):
            pass
    for params in ({}, {"state": "queued"}, {"state": ""}):
        for limit in (1, 3, 4, 5, 100):
            items = await all_of(http, f"{at}/deliveries", limit, **params)
            assert len({(item["message_id"], item["phone"]) for item in items}) == len(items) == 10
    assert (await all_of(http, f"{at}/deliveries", state="failed")) == []
    problem(await http.get(f"{at}/deliveries", params={"state": "lost"}), 422)


async def test_the_small_lists_come_once_each(api: Api) -> None:
    http = api.client()
    for number in range(5):
        await line(http, label=f"Line {number}")
        await made(http, "/lists", {"name": f"List {number}"})
        await made(http, "/suppressions", {"phone": f"+1212600100{number}"})
        inbound.take(api.db, Reply(1, f"e{number}", "+12126001000", "+14155550100", "Hi"), api.clock())
    assert [row["label"] for row in await all_of(http, "/lines")] == [f"Line {n}" for n in range(5)]
    assert len(await all_of(http, "/carriers")) == 5
    assert [row["name"] for row in await all_of(http, "/lists")] == [f"List {n}" for n in range(5)]
    assert len({row["phone"] for row in await all_of(http, "/suppressions")}) == 5
    assert [row["id"] for row in await all_of(http, "/inbound")] == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    "cursor", ["x", "WzFd=", "bnVsbA", "W251bGxd", "WyJhIl0", "Wy0xXQ", "W3RydWVd", "é", "[" * 99]
)
async def test_a_cursor_that_is_not_ours_is_refused(http: httpx.AsyncClient, cursor: str) -> None:
    draft = await campaign(http)
    paths = ("/lists", "/campaigns", f"/campaigns/{draft['id']}/deliveries", "/inbound")
    for path in paths:
        answer = await http.get(path, params={"cursor": cursor})
        if answer.status_code == 200:
            assert (path, cursor) in {("/lists", "WzFd="), ("/inbound", "WzFd=")}
            continue
        assert problem(answer, 422)["code"] == "bad_cursor"


async def test_contacts_and_members_come_once_each_and_are_searched(api: Api) -> None:
    http = api.client()
    numbers = [f"+1212600100{n}" for n in range(5)]
    everyone = await contact_list(http, numbers, "Everyone")
    some = await contact_list(http, ["+14155550100"], "Some")
    assert [c["phone"] for c in await all_of(http, "/contacts")] == [*numbers, "+14155550100"]
    assert [c["phone"] for c in await all_of(http, f"/lists/{everyone}/contacts")] == numbers
    assert [c["phone"] for c in await all_of(http, f"/lists/{some}/contacts")] == ["+14155550100"]
    found = await all_of(http, "/contacts", search="(212) 600-1003")
    assert [(c["phone"], c["timezone"]) for c in found] == [("+12126001003", "America/New_York")]
    problem(await http.get("/lists/999/contacts"), 404)
