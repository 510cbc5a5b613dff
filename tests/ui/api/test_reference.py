"""The OpenAPI document and its page, and the API inside the whole web app."""

import json
import re
from collections.abc import AsyncIterator

import httpx
import jsonschema_rs
import pytest
from nicegui.testing.general import nicegui_reset_globals

from tests.ui.api.conftest import Api
from ui.api import reference
from ui.api.app import _app
from ui.api.examples import EXAMPLES, contents
from ui.app import create_app
from ui.shell import Person


async def test_the_document_names_every_route_and_its_errors(api: Api) -> None:
    document = (await api.client(None).get("http://sms.example/api/openapi.json")).json()
    assert document["servers"] == [{"url": "/api"}]
    paths = document["paths"]
    campaign = "/v1/campaigns/{campaign_id}"
    for path in (
        *("/v1/carriers", "/v1/lines", "/v1/lists", "/v1/lists/{list_id}/contacts", "/v1/campaigns"),
        *(f"{campaign}/messages", f"{campaign}/messages/{{message_id}}", f"{campaign}/preflight"),
        *(
            f"{campaign}/results",
            f"{campaign}/deliveries",
            "/v1/attachments",
            "/v1/suppressions",
            "/v1/inbound",
        ),
        *(f"{campaign}/{word}" for word in ("schedule", "pause", "resume", "stop", "restart", "archive")),
        *(f"{campaign}/unarchive", f"{campaign}/clone"),
    ):
        assert path in paths
    operation = paths["/v1/lists"]["post"]
    assert operation["security"] == [{"HTTPBearer": []}]
    assert "application/problem+json" in operation["responses"]["409"]["content"]


async def test_every_body_and_every_answer_has_an_example_that_fits(api: Api) -> None:
    document = (await api.client(None).get("http://sms.example/api/openapi.json")).json()
    seen = 0
    for content in contents(document):
        schema = content["schema"] | {"components": document["components"]}
        jsonschema_rs.validator_for(schema).validate(content["example"])
        seen += 1
    assert seen > 50
    assert '"Spring sale"' in json.dumps(document["paths"]["/v1/campaigns"]["post"]["requestBody"])


def test_no_example_is_of_a_schema_that_is_gone() -> None:
    named = set(re.findall(r"schemas/(?:Page_)?(\w+?)_?\"", json.dumps(_app().openapi()["paths"])))
    assert set(EXAMPLES) <= named


async def test_the_reference_page_needs_nothing_from_elsewhere(api: Api) -> None:
    answer = await api.client(None).get("http://sms.example/api/docs")
    assert answer.headers["content-type"].startswith("text/html")
    page = answer.text
    assert "POST</b> /api/v1/campaigns/{campaign_id}/schedule" in page
    assert "http://" not in page
    assert "<script" not in page
    assert "Spring sale" in page


def test_the_page_escapes_what_it_shows() -> None:
    operation = {"tags": ["<b>"], "operationId": "x", "summary": "<i>", "responses": {}}
    document = {"info": {"title": "<u>", "description": "<s>"}, "paths": {"/<p>": {"get": operation}}}
    page = reference.page(document)
    for mark in ("<u>", "<s>", "<i>", "/<p>", "<b></h2>"):
        assert mark not in page


@pytest.fixture
async def site(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """The API as part of the web app, behind the guard."""
    with nicegui_reset_globals():
        app = create_app(
            public_url="https://sms.example",
            upload_cap=1000,
            person=lambda: Person("Ada Park", ""),
            pages={},
            api=api.app.routes[0].app,  # type: ignore[attr-defined]
        )
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://sms.example") as client:
            yield client


async def test_within_the_site_only_a_key_opens_the_api(api: Api, site: httpx.AsyncClient) -> None:
    key = {"authorization": api.client().headers["authorization"]}
    assert (await site.post("/api/v1/lists", json={"name": "A"}, headers=key)).status_code == 201
    foreign = {**key, "origin": "app://postman"}
    assert (await site.post("/api/v1/lists", json={"name": "B"}, headers=foreign)).status_code == 201
    assert (
        await site.post("/api/v1/lists", json={"name": "C"}, headers={"cookie": "id=1"})
    ).status_code == 401
    unknown = await site.get("/api/v1/nothing")
    assert unknown.status_code == 404
    assert unknown.headers["content-type"] == "application/problem+json"
    assert (await site.get("/api/nothing")).headers["content-type"] == "application/problem+json"
    docs = await site.get("/api/docs")
    assert docs.status_code == 200
    assert "default-src 'self'" in docs.headers["content-security-policy"]
