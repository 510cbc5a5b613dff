"""docs/api.md, request by request: what it promises is what a fresh database answers."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from domain import outgoing_webhooks as rules
from domain.access import Role
from tests.ui.api.conftest import Api

GUIDE = Path(__file__).parents[3] / "docs" / "api.md"
STEP = re.compile(r"```http\n(.*?)```\n(?:\nAnswer (\d+):?\n(?:\n```json\n(.*?)```)?)", re.DOTALL)
ANYTHING = "…"


def steps() -> list[tuple[str, str, str]]:
    """Each example: the request, the answer's status, and its body if one is shown."""
    found = STEP.findall(GUIDE.read_text())
    assert len(found) == GUIDE.read_text().count("```http")
    return found


def matches(shown: Any, given: Any) -> bool:
    """Whether the answer is as shown; … stands for anything, and `"…": "…"` for further fields."""
    if shown in (ANYTHING, given):
        return True
    if isinstance(shown, dict) and isinstance(given, dict):
        more = shown.get(ANYTHING) == ANYTHING
        named = {name: value for name, value in shown.items() if name != ANYTHING}
        known = named.keys() <= given.keys() if more else named.keys() == given.keys()
        return known and all(matches(value, given[name]) for name, value in named.items())
    if isinstance(shown, list) and isinstance(given, list):
        return len(shown) == len(given) and all(map(matches, shown, given))
    return (
        isinstance(shown, str)
        and isinstance(given, str)
        and shown.endswith(ANYTHING)
        and (given.startswith(shown.removesuffix(ANYTHING)))
    )


async def answer(http: httpx.AsyncClient, request: str) -> httpx.Response:
    head, _, body = request.partition("\n\n")
    line, *headers = head.strip().splitlines()
    method, path = line.split(" ", 1)
    named = dict(one.split(": ", 1) for one in headers)
    content = json.dumps(json.loads(body)) if body.strip() else None
    named |= {"content-type": "application/json"} if content else {}
    return await http.request(method, path.removeprefix("/api/v1"), content=content, headers=named)


async def test_every_example_answers_as_shown(api: Api) -> None:
    http = api.client(Role.ADMIN)
    for request, status, body in steps():
        got = await answer(http, request)
        assert got.status_code == int(status), f"{request}\n{got.text}"
        if body:
            assert matches(json.loads(body), got.json()), f"{request}\n{json.dumps(got.json(), indent=1)}"


def test_the_check_of_a_signature_that_is_shown_works() -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    shown: dict[str, Any] = {}
    exec(snippet, shown)  # noqa: S102 - our own documentation
    secret, now = rules.secret_of(b"k" * 24), datetime.now(UTC)
    headers = rules.signed(secret, "evt_1", now, "{}")
    assert shown["is_ours"](secret, headers, b"{}")
    assert not shown["is_ours"](secret, headers, b"{ }")
    assert not shown["is_ours"](rules.secret_of(b"x" * 24), headers, b"{}")
    old = rules.signed(secret, "evt_1", now - timedelta(hours=1), "{}")
    assert not shown["is_ours"](secret, old, b"{}")


def test_what_is_shown_must_match() -> None:
    assert matches({"a": [1, "b…"], "…": "…"}, {"a": [1, "bcd"], "c": 2})
    wrong: list[Any] = [{"a": 1}, {"a": [1]}, {"a": [1, "c…"], "…": "…"}, {"c": 2, "b": "…", "…": "…"}, []]
    for shown in wrong:
        assert not matches(shown, {"a": [1, "bcd"], "c": 2})
