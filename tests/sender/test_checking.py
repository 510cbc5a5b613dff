"""Testing a connection: what a person reads, for each way that it can go wrong."""

import httpx
import pytest

from domain.carrier_kinds import KINDS
from domain.carrier_settings import Form
from sender import sandbox
from sender.carriers.checking import Checkable, check
from sender.carriers.registry import adapter, kinds
from sender.carriers.sandbox import SandboxCarrier
from sender.transport import open_transport
from tests.ports import free_port

SECRET = "seeded-secret-5521"
PUBLIC_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
GOOD = {
    "twilio": (200, b'{"messages": []}'),
    "telnyx": (200, b'{"data": []}'),
    "vonage": (422, b'{"title": "Invalid params"}'),
    "plivo": (200, b'{"objects": []}'),
    "bandwidth": (200, b'{"messages": []}'),
    "sinch": (200, b'{"batches": []}'),
    "kannel": (400, b"No receiver"),
    "sandbox": (405, b'{"code": "wrong_method"}'),
}


def settings(kind: str) -> dict[str, str]:
    """Every setting given, each secret one the seeded text."""
    given = {field.name: "yes" if field.form is Form.YES_NO else SECRET for field in KINDS[kind].fields}
    given["base_url"] = "https://carrier.example:8443"
    return given | ({"public_key": PUBLIC_KEY} if kind == "telnyx" else {}) | {"delay_seconds": "1"}


def answering(status: int, body: bytes = b"", **headers: str) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, content=body, headers=headers))


@pytest.mark.parametrize("kind", kinds())
def test_every_carrier_can_be_tested(kind: str) -> None:
    assert isinstance(adapter(kind, settings(kind)), Checkable)
    assert set(GOOD) == set(kinds())


@pytest.mark.parametrize("kind", kinds())
async def test_the_answer_to_those_who_may_send_is_success(kind: str) -> None:
    checked = await check(adapter(kind, settings(kind)), answering(*GOOD[kind]))
    assert checked.works
    assert KINDS[kind].label in checked.title


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "does not accept these credentials"),
        (403, "does not accept these credentials"),
        (404, "does not know this account"),
        (429, "asked too often"),
        (500, "trouble of its own (HTTP status 500)"),
        (204, "is not"),
    ],
)
async def test_any_other_answer_is_said_in_words_with_a_way_out(kind: str, status: int, words: str) -> None:
    checked = await check(adapter(kind, settings(kind)), answering(status, b"<html>"))
    assert not checked.works
    assert words in checked.title
    assert checked.advice.endswith(".")
    assert SECRET not in checked.title + checked.advice


@pytest.mark.parametrize("kind", kinds())
async def test_a_redirect_names_where_to_without_its_query(kind: str) -> None:
    away = answering(302, location=f"https://login.example/in?password={SECRET}")
    checked = await check(adapter(kind, settings(kind)), away)
    assert "sends us on to https://login.example/in." in checked.title
    assert SECRET not in repr(checked)


async def test_a_test_sends_nothing_to_anybody() -> None:
    for kind in kinds():
        request = adapter(kind, settings(kind)).check_request()  # type: ignore[attr-defined]
        assert request.method == "GET" or request.content in (b"", b"{}")
        assert b"to=" not in request.url.query


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectError("invalid peer certificate: Expired"), "The certificate of carrier.example:8443"),
        (httpx.ConnectError("dns error"), "There is no machine called carrier.example:8443"),
        (httpx.ConnectError("Connection refused (os error 111)"), "refuses the connection"),
        (httpx.ConnectError("No route to host"), "can't be reached"),
        (httpx.ReadError("reset"), "can't be reached"),
        (httpx.ConnectTimeout("slow"), "did not answer within 10 seconds"),
        (httpx.ReadTimeout("slow"), "did not answer within 10 seconds"),
    ],
)
async def test_what_is_in_the_way_is_said_in_words(error: Exception, words: str) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    checked = await check(adapter("kannel", settings("kannel")), httpx.MockTransport(fail))
    assert words in checked.title
    assert SECRET not in repr(checked)


async def test_the_real_transport_tells_a_closed_port_and_an_unknown_name() -> None:
    transport = open_transport(total_timeout=10)
    try:
        closed = await check(SandboxCarrier(f"http://127.0.0.1:{free_port()}"), transport)
        unknown = await check(SandboxCarrier("http://no-such-machine.invalid"), transport)
    finally:
        await transport.aclose()
    assert "refuses the connection" in closed.title
    assert "no machine called no-such-machine.invalid" in unknown.title


async def test_a_sandbox_that_runs_says_so() -> None:
    transport = open_transport(total_timeout=10)
    running = sandbox.start()
    try:
        checked = await check(SandboxCarrier(running.base_url), transport)
    finally:
        running.stop()
        await transport.aclose()
    assert checked.works
