"""Whatever a program sends, the answer is one that the reference names, never a failure of ours."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from random import Random
from typing import Any

from tests.ui.api.conftest import Api, campaign, made

ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1, 2**31, 2**63, 2**70, 1e308, 0.5, float("nan"), float("inf")),
    *("", " ", "x", "\0", "a\0b", "\ud800", "\u202e", "🎉" * 300, "x" * 20_000, "1", "-1", "+12126001000"),
    *("2026-11-30T09:30:00Z", "2026-11-30", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    *([], [1], [[]], {}, {"a": 1}, {"\0": "\0"}, {"a": {"b": []}}),
)
PATHS = (1, 0, -1, 2**31, 2**63, 2**70, "x", "%00", "+", "%F0%9F%8E%89")
NAMED = {200, 201, 204, 307, 401, 403, 404, 405, 409, 413, 415, 422}


def schema_of(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in schema:
        found: Mapping[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    for option in schema.get("anyOf", ()):
        if "$ref" in option:
            return schema_of(document, option)
    return schema


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


async def test_no_value_makes_the_program_fail(api: Api) -> None:
    random = Random(23)  # noqa: S311 - the same each time
    http = api.client()
    draft = await campaign(http)
    await made(http, f"/campaigns/{draft['id']}/messages", {"text": "Hi"})
    document = (await http.get("http://sms.example/api/openapi.json")).json()
    for method, path, operation in operations(document):
        for _ in range(20):
            address = path.removeprefix("/v1")
            for name in ("campaign_id", "message_id", "list_id", "phone"):
                value = random.choice(PATHS) if random.random() < 0.2 else 1
                address = address.replace("{" + name + "}", str(value))
            query = {
                p["name"]: random.choice([v for v in ODD if isinstance(v, str | int) and v != "\ud800"])
                for p in operation.get("parameters", ())
                if p["in"] == "query" and random.random() < 0.4
            }
            content: dict[str, Any] = {}
            if body := operation.get("requestBody"):
                if "application/json" not in body["content"]:
                    continue
                asked = body["content"]["application/json"]
                content = {"content": json.dumps(spoilt(document, asked, random))}
            answer = await http.request(
                method, address, params=query, headers={"content-type": "application/json"}, **content
            )
            assert answer.status_code in NAMED, (method, address, query, content, answer.text)


def spoilt(document: Mapping[str, Any], asked: Mapping[str, Any], random: Random) -> Any:
    """The example of a body, with some of its fields odd, and some that it leaves out."""
    if random.random() < 0.1:
        return random.choice(ODD)
    value = deepcopy(asked["example"])
    schema = schema_of(document, asked["schema"])
    known = schema_of(document, schema.get("items", schema)).get("properties", {})
    for part in value if isinstance(value, list) else [value]:
        for name in sorted({*part, *known}):
            if random.random() < (0.4 if name in part else 0.2):
                part[name] = random.choice(ODD)
    return value
