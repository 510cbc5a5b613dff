"""The review for programs: the same numbers as on screen, and how far it is on a large list."""

from datetime import timedelta

import httpx
import pytest

from domain.claim_rules import Cap, ClaimRules
from storage import claim_rules, contacts
from tests import arrange, wait
from tests.ui.api.conftest import Api, campaign, line, made
from ui import reviews


async def drafted(http: httpx.AsyncClient, api: Api, text: str) -> str:
    found = await campaign(http)
    soon = (api.clock() + timedelta(minutes=5)).isoformat()
    await made(http, f"/campaigns/{found['id']}/messages", {"text": text, "send_at": soon})
    return f"/campaigns/{found['id']}/preflight"


async def test_segments_are_counted_on_every_persons_own_text(http: httpx.AsyncClient, api: Api) -> None:
    at = await drafted(http, api, "Hi {first_name}! " + "x" * 150)
    long = [{"phone": "+12126001000", "first_name": "Maximiliana"}, {"phone": "+12126001002"}]
    await made(http, "/lists/1/contacts", long, 200)
    contacts.suppress(
        api.db, arrange.person(api.db, api.clock()), "+12126001001", "Asked", "team", api.clock()
    )
    review = (await http.get(at)).json()
    assert review["audience"] == {
        "listed": 3,
        "duplicates": 0,
        "invalid": 0,
        "opted_out": 1,
        "no_consent": 0,
        "to_send": 2,
    }
    assert review["messages"][0]["segments"] == {"1": 1, "2": 1}
    assert any("1 person has no first_name" in warning for warning in review["warnings"])


async def test_each_message_says_whom_it_leaves_out_and_why(http: httpx.AsyncClient, api: Api) -> None:
    """The first takes all that the line may send that day; whoever got it has had enough for the second."""
    actor = arrange.person(api.db, api.clock())
    claim_rules.choose(api.db, actor, ClaimRules(cap=Cap(1, 30)), api.clock())
    line_id = await line(http, daily_cap=1)
    found = await campaign(http, line_id=line_id)
    for days in (0, 1):
        send_at = (api.clock() + timedelta(days=days, minutes=5)).isoformat()
        body = {"text": "Hi. Reply STOP to opt out.", "send_at": send_at, "expire_after_minutes": 60}
        await made(http, f"/campaigns/{found['id']}/messages", body)
    review = (await http.get(f"/campaigns/{found['id']}/preflight")).json()
    keys = ("people", "capped", "expiring", "held", "already")
    assert [[one[key] for key in keys] for one in review["messages"]] == [[2, 0, 1, 0, 0], [1, 1, 0, 0, 0]]


async def test_a_long_review_says_how_to_go_on_until_it_is_ready(
    http: httpx.AsyncClient, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews, "PATIENCE", 0.0)
    at = await drafted(http, api, "Hi. Reply STOP to opt out.")
    first = (await http.get(at)).json()
    assert (first["ready"], first["messages"], first["audience"]["listed"]) == (False, [], 2)

    async def ready() -> bool:
        return bool((await http.get(at)).json()["ready"])

    await wait.until_async(ready)
