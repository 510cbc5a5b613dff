import asyncio
import gzip
import traceback
from collections.abc import AsyncIterator

import httpx
import pytest

from sender.transport import AnswerTooLong, open_transport
from tests.ports import free_port
from tests.sender.servers import Peer, Script, serve
from tests.wait import until_async

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

NOT_WRITTEN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError)


@pytest.fixture
async def transport() -> AsyncIterator[httpx.AsyncBaseTransport]:
    transport = open_transport()
    yield transport
    await transport.aclose()


@pytest.fixture
async def hasty() -> AsyncIterator[httpx.AsyncBaseTransport]:
    transport = open_transport(total_timeout=0.5, connect_timeout=0.2)
    yield transport
    await transport.aclose()


def post(url: str, body: bytes = b'{"to":"+15550100000"}') -> httpx.Request:
    return httpx.Request("POST", url, headers={"content-type": "application/json"}, content=body)


async def failure(transport: httpx.AsyncBaseTransport, request: httpx.Request) -> httpx.RequestError:
    with pytest.raises(httpx.RequestError) as caught:
        await transport.handle_async_request(request)
    return caught.value


async def close_at_once(peer: Peer) -> None:
    pass


async def reset_at_the_first_byte(peer: Peer) -> None:
    await peer.reader.read(1)  # any earlier, and the connection may not stand yet
    peer.reset()


async def close_after_reading(peer: Peer) -> None:
    await peer.request()


async def reset_after_reading(peer: Peer) -> None:
    await peer.request()
    peer.reset()


async def garbage(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"Hello, Dolly\r\n\r\n")


async def half_a_head(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\nconte")


async def half_a_body(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal")


async def broken_chunks(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n")


async def not_gzip(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nok")


async def silence(peer: Peer) -> None:
    await peer.request()
    await asyncio.Event().wait()


async def silence_within_the_body(peer: Peer) -> None:
    await half_a_body(peer)
    await asyncio.Event().wait()


async def a_byte_at_a_time(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n")
    while True:
        await peer.send(b"x")
        await asyncio.sleep(0.05)


async def answer(peer: Peer) -> None:
    while True:
        await peer.request()
        await peer.send(OK)


async def test_a_request_and_its_answer_come_through_whole(transport: httpx.AsyncBaseTransport) -> None:
    requests: list[bytes] = []

    async def script(peer: Peer) -> None:
        requests.append(await peer.request())
        await peer.send(b'HTTP/1.1 202 Accepted\r\nx-a: 1\r\nx-a: 2\r\ncontent-length: 9\r\n\r\n{"id":1}\n')

    async with serve(script) as server:
        response = await transport.handle_async_request(post(server.url + "?a=%20b&a=c", "Grüße".encode()))
    assert response.status_code == 202
    assert response.headers.get_list("x-a") == ["1", "2"]
    assert response.json() == {"id": 1}
    head, _, body = requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /messages?a=%20b&a=c HTTP/1.1\r\n")
    assert head.lower().count(b"\r\nhost: ") == head.lower().count(b"\r\ncontent-length: ") == 1
    assert b"\r\ncontent-type: application/json" in head.lower()
    assert body == "Grüße".encode()


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        (close_at_once, httpx.RequestError),
        (reset_at_the_first_byte, httpx.RequestError),
        (close_after_reading, httpx.RemoteProtocolError),
        (reset_after_reading, httpx.ReadError),
        (garbage, httpx.RemoteProtocolError),
        (half_a_head, httpx.RemoteProtocolError),
        (half_a_body, httpx.RemoteProtocolError),
        (broken_chunks, httpx.RemoteProtocolError),
        (not_gzip, httpx.RemoteProtocolError),
    ],
)
async def test_once_connected_every_fault_counts_as_perhaps_written(
    transport: httpx.AsyncBaseTransport, script: Script, fault: type[Exception]
) -> None:
    async with serve(script) as server:
        error = await failure(transport, post(server.url))
    assert isinstance(error, fault)
    assert not isinstance(error, NOT_WRITTEN)
    assert server.connections == 1
    assert len(server.seen) <= 1


@pytest.mark.parametrize("script", [silence, silence_within_the_body, a_byte_at_a_time])
async def test_an_answer_that_is_not_whole_in_time_counts_as_perhaps_written(
    hasty: httpx.AsyncBaseTransport, script: Script
) -> None:
    async with serve(script) as server:
        error = await failure(hasty, post(server.url))
    assert isinstance(error, httpx.ReadTimeout)
    assert server.seen == [0]


async def test_a_body_cut_off_while_it_is_written_counts_as_perhaps_written() -> None:
    async def script(peer: Peer) -> None:
        await peer.reader.read(1000)
        peer.reset()

    transport = open_transport()
    async with serve(script) as server:
        error = await failure(transport, post(server.url, b"x" * 20_000_000))
    assert isinstance(error, (httpx.WriteError, httpx.ReadError))
    await transport.aclose()


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/"])
async def test_a_refused_connection_is_not_written(transport: httpx.AsyncBaseTransport, url: str) -> None:
    error = await failure(transport, post(url.format(port=free_port())))
    assert isinstance(error, httpx.ConnectError)
    assert "refused" in str(error)


async def test_a_name_that_does_not_resolve_is_not_written(transport: httpx.AsyncBaseTransport) -> None:
    # A slow resolver makes it a timeout of the connect phase, which proves the same.
    assert isinstance(await failure(transport, post("http://carrier.invalid/")), NOT_WRITTEN)


async def test_a_handshake_that_is_never_answered_is_a_connect_timeout(
    hasty: httpx.AsyncBaseTransport,
) -> None:
    async def mute(peer: Peer) -> None:
        await asyncio.Event().wait()

    async with serve(mute) as server:
        error = await failure(hasty, post(server.url.replace("http:", "https:")))
    assert isinstance(error, httpx.ConnectTimeout)


async def test_a_handshake_that_is_answered_with_something_else_is_not_written(
    transport: httpx.AsyncBaseTransport,
) -> None:
    async def plain(peer: Peer) -> None:
        await peer.reader.read(10)
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serve(plain) as server:
        error = await failure(transport, post(server.url.replace("http:", "https:")))
    assert isinstance(error, httpx.ConnectError)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://", "/messages"])
async def test_an_address_that_cannot_be_called_is_not_written(
    transport: httpx.AsyncBaseTransport, url: str
) -> None:
    assert isinstance(await failure(transport, post(url)), httpx.LocalProtocolError)


async def test_a_header_that_cannot_be_sent_is_not_written(transport: httpx.AsyncBaseTransport) -> None:
    request = post("http://127.0.0.1/")
    request.headers["x-a"] = "1\r\nx-b: 2"
    assert isinstance(await failure(transport, request), httpx.LocalProtocolError)


@pytest.mark.parametrize("length", [b"content-length: 10000000000", b"connection: close"])
async def test_a_huge_answer_is_cut_off(transport: httpx.AsyncBaseTransport, length: bytes) -> None:
    async def endless(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n\r\n")
        while True:
            await peer.send(b"x" * 100_000)

    async with serve(endless) as server:
        assert isinstance(await failure(transport, post(server.url)), AnswerTooLong)
        await until_async(lambda: server.closed)


@pytest.mark.parametrize("coding", [b"gzip", b"gzip, gzip"])
async def test_a_small_answer_that_unpacks_to_a_huge_one_is_cut_off(
    transport: httpx.AsyncBaseTransport, coding: bytes
) -> None:
    packed = gzip.compress(b" " * 50_000_000)
    packed = gzip.compress(packed) if b"," in coding else packed

    async def script(peer: Peer) -> None:
        await peer.request()
        head = b"HTTP/1.1 200 OK\r\ncontent-encoding: %s\r\ncontent-length: %d\r\n\r\n"
        await peer.send(head % (coding, len(packed)) + packed)

    async with serve(script) as server:
        try:
            response = await transport.handle_async_request(post(server.url))
        except AnswerTooLong:
            return
    assert len(response.content) <= 1_000_000


async def test_a_header_in_another_charset_does_not_hide_the_answer(
    transport: httpx.AsyncBaseTransport,
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(
            b"HTTP/1.1 200 OK\r\nx-name: Gr\xfc\xdfe\r\nx-a: 1\r\nx-a: 2\r\ncontent-length: 2\r\n\r\nok"
        )

    async with serve(script) as server:
        response = await transport.handle_async_request(post(server.url))
    assert (response.status_code, response.content) == (200, b"ok")
    assert response.headers.get_list("x-a") == ["1", "2"]


async def test_a_redirect_is_an_answer_and_is_not_followed(transport: httpx.AsyncBaseTransport) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 307 Moved\r\nlocation: /messages\r\ncontent-length: 0\r\n\r\n")

    async with serve(script) as server:
        response = await transport.handle_async_request(post(server.url))
    assert response.status_code == 307
    assert len(server.seen) == 1


async def test_no_cookie_is_kept(transport: httpx.AsyncBaseTransport) -> None:
    heads: list[bytes] = []

    async def script(peer: Peer) -> None:
        while True:
            heads.append(await peer.request())
            await peer.send(b"HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n")

    async with serve(script) as server:
        for _ in range(2):
            await transport.handle_async_request(post(server.url))
    assert len(heads) == 2
    assert b"cookie" not in heads[1].lower()


async def test_connections_are_used_again(transport: httpx.AsyncBaseTransport) -> None:
    async with serve(answer) as server:
        for _ in range(5):
            await transport.handle_async_request(post(server.url))
    assert server.seen == [0, 0, 0, 0, 0]


@pytest.mark.parametrize("end", [close_after_reading, reset_after_reading])
async def test_a_second_request_on_a_kept_connection_is_never_written_twice(
    transport: httpx.AsyncBaseTransport, end: Script
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await end(peer)

    async with serve(script) as server:
        await transport.handle_async_request(post(server.url))
        error = await failure(transport, post(server.url))
        assert not isinstance(error, NOT_WRITTEN)
        assert server.seen == [0, 0]
        assert server.connections == 1


async def test_a_connection_that_the_server_closed_while_idle_is_replaced(
    transport: httpx.AsyncBaseTransport,
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)

    async with serve(script) as server:
        await transport.handle_async_request(post(server.url))
        await until_async(lambda: server.closed)
        assert (await transport.handle_async_request(post(server.url))).status_code == 200
    assert server.seen == [0, 1]


async def test_whatever_the_moment_of_closing_no_request_is_read_twice() -> None:
    """The server closes after each answer, unannounced: each next request races with the close."""
    bodies: list[bytes] = []

    async def script(peer: Peer) -> None:
        bodies.append((await peer.request()).partition(b"\r\n\r\n")[2])
        await peer.send(OK)

    transport = open_transport()
    answered = doubtful = 0
    async with serve(script) as server:
        for number in range(500):
            try:
                await transport.handle_async_request(post(server.url, str(number).encode()))
                answered += 1
            except httpx.RequestError as error:
                assert not isinstance(error, NOT_WRITTEN)
                doubtful += 1
    await transport.aclose()
    assert len(bodies) == len(set(bodies))
    assert answered <= len(bodies) <= answered + doubtful


async def test_an_error_tells_nothing_of_the_address(transport: httpx.AsyncBaseTransport) -> None:
    error = await failure(transport, post(f"http://127.0.0.1:{free_port()}/?password=hunter2"))
    assert "hunter2" not in "".join(traceback.format_exception(error))


async def test_a_cancelled_request_is_let_go(transport: httpx.AsyncBaseTransport) -> None:
    async with serve(silence) as server:
        call = asyncio.create_task(transport.handle_async_request(post(server.url)))
        await until_async(lambda: server.seen)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_closing_ends_what_is_under_way_as_perhaps_written() -> None:
    transport = open_transport()
    async with serve(silence) as server:
        call = asyncio.create_task(failure(transport, post(server.url)))
        await until_async(lambda: server.seen)
        await transport.aclose()
        assert not isinstance(await call, NOT_WRITTEN)


async def test_it_serves_an_httpx_client() -> None:
    async with serve(answer) as server, httpx.AsyncClient(transport=open_transport()) as client:
        assert (await client.post(server.url, json={"to": "+15550100000"})).text == "ok"
