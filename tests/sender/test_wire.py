"""Our own requests and answers must be what httpx itself would have made of the same."""

import httpx
import pytest

from sender.transport import open_transport
from sender.wire import JSON, Address, Answer, head
from tests.sender.servers import Peer, serve

BODY = b'{"to":"+15550100000"}'
GIVEN = {"Authorization": "Bearer secret"}


@pytest.mark.parametrize(
    "url", ["http://example.test/a?b=c", "https://user@example.test:8443/", "http://[::1]/"]
)
async def test_a_request_is_the_one_that_httpx_writes(url: str) -> None:
    ours, theirs = (
        Address(url, GIVEN).post(BODY, JSON),
        httpx.Request("POST", url, headers=GIVEN | dict([JSON]), content=BODY),
    )
    assert (ours.method, ours.url, ours.headers) == (theirs.method, theirs.url, theirs.headers)
    assert (ours.extensions, b"".join(ours.stream)) == (theirs.extensions, BODY)  # type: ignore[arg-type]
    assert ours.content == ours.read() == await ours.aread() == theirs.content


@pytest.mark.parametrize("open_one", [open_transport, httpx.AsyncHTTPTransport])
async def test_every_transport_writes_it(open_one: type[httpx.AsyncBaseTransport]) -> None:
    came: list[bytes] = []

    async def take(peer: Peer) -> None:
        came.append(await peer.request())
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    async with serve(take) as server:
        transport = open_one()
        answer = await transport.handle_async_request(Address(server.url, GIVEN).post(BODY, JSON))
        assert (answer.status_code, await answer.aread()) == (200, b"ok")
        await transport.aclose()
    head, _, body = came[0].partition(b"\r\n\r\n")
    assert body == BODY
    assert head.lower().count(b"content-length: 21") == head.lower().count(b"host: ") == 1


async def test_an_answer_reads_like_any_other() -> None:
    answer = Answer(201, [("Content-Type", "application/json; charset=utf-8")], '{"who":"Zoë"}'.encode())
    assert answer.json() == {"who": "Zoë"}
    assert answer.text == answer.read().decode() == (await answer.aread()).decode()
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.is_success and answer.is_closed


def test_a_header_that_was_added_afterwards_is_written_too() -> None:
    request = Address("http://example.test/", GIVEN).post(BODY, JSON)
    assert dict(head(request)[1])["Authorization"] == "Bearer secret"
    request.headers["X-Trace"] = "1"
    assert dict(head(request)[1]).items() >= {("x-trace", "1"), ("authorization", "Bearer secret")}


def test_what_no_request_has_is_missing_here_too() -> None:
    request = Address("http://example.test/").post(BODY)
    assert not hasattr(request, "nonsense")


def test_a_query_is_added_to_the_address() -> None:
    request = Address("http://example.test/a?b=1", GIVEN).get({"c": "2"})
    assert (request.method, str(request.url)) == ("GET", "http://example.test/a?b=1&c=2")
    assert request.headers["authorization"] == "Bearer secret"
