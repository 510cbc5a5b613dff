import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from domain.carrier_errors import explain
from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from domain.sandbox import BEHAVIOURS, QUESTION, final_state
from sender import sandbox as sandboxes
from sender.callbacks import Callback, Callbacks
from sender.carriers.protocol import Carrier, Outgoing, Webhook
from sender.carriers.registry import adapter
from sender.carriers.sending import send
from sender.sandbox import Sandbox, inbound_url
from sender.transport import IDLE_SECONDS, open_transport
from tests.ports import free_port
from tests.sender.servers import Peer, serve
from tests.wait import until_async

ENDINGS = [*BEHAVIOURS, "0000", "4321", "9999"]


@dataclass
class App:
    """The app's webhooks, as the sandbox sees them."""

    answers: list[int] = field(default_factory=list)  # statuses to answer first; then 204
    calls: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)  # path, query, body
    under_way: int = 0
    most_under_way: int = 0

    async def __call__(self, peer: Peer) -> None:
        while True:
            head, _, body = (await peer.request()).partition(b"\r\n\r\n")
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            url = urlsplit(head.split(b" ")[1].decode())
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            await asyncio.sleep(0)
            self.under_way -= 1
            if self.answers and (status := self.answers.pop(0)):
                await peer.send(b"HTTP/1.1 %d No\r\ncontent-length: 0\r\n\r\n" % status)
                continue
            self.calls.append((url.path, query, json.loads(body)))
            await peer.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    def told(self, attempt: str) -> list[Webhook]:
        """The receipts for an attempt, as the adapter takes them."""
        return [
            Webhook(q, {}, json.dumps(body).encode()) for _, q, body in self.calls if q.get("a") == attempt
        ]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = sandboxes.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
async def transport() -> AsyncIterator[httpx.AsyncBaseTransport]:
    transport = open_transport()
    yield transport
    await transport.aclose()


@pytest.fixture
def carrier(sandbox: Sandbox) -> Carrier:
    return adapter("sandbox", {"base_url": sandbox.base_url, "delay_seconds": "0"})


def message(ending: str, webhooks: str = "http://127.0.0.1:1", text: str = "Hello") -> Outgoing:
    callback = f"{webhooks}/webhooks/sandbox/token/status?a=attempt-{ending}"
    return Outgoing(f"attempt-{ending}", "+15550100000", f"+1555010{ending}", text, (), callback)


def root(url: str) -> str:
    return url.removesuffix("/messages")


AFTER = {Proof.ACCEPTED: State.SENT, Proof.REFUSED: State.FAILED, Proof.AMBIGUOUS: State.UNKNOWN}


async def test_each_number_ends_where_the_oracle_says(
    carrier: Carrier, transport: httpx.AsyncBaseTransport
) -> None:
    app = App()
    states: dict[str, State] = {}
    async with serve(app) as server:
        for ending in ENDINGS:
            out = message(ending, root(server.url), text="The oracle's")
            outcome = await send(carrier, transport, out)
            if outcome.proof is Proof.TOO_FAST:
                outcome = await send(carrier, transport, out)
            states[ending] = AFTER[outcome.proof]
        await until_async(lambda: len(app.calls) >= len(ENDINGS) - 5 + 2)
    for ending in ENDINGS:
        for webhook in app.told(f"attempt-{ending}"):
            [receipt] = carrier.receipts(webhook)
            states[ending] = receipt.state
    assert states == {ending: final_state(f"+1555010{ending}") for ending in ENDINGS}


@pytest.mark.parametrize(
    ("ending", "first", "second"),
    [
        ("0001", Outcome(Proof.REFUSED, None, "invalid_number"), Proof.REFUSED),
        ("0010", Outcome(Proof.REFUSED, None, "opted_out"), Proof.REFUSED),
        ("0029", Outcome(Proof.TOO_FAST, None, "too_fast", retry_after=1), Proof.ACCEPTED),
        ("0050", Outcome(Proof.AMBIGUOUS, None, "internal_error"), Proof.ACCEPTED),
        ("0060", Outcome(Proof.AMBIGUOUS, None, ""), Proof.AMBIGUOUS),
    ],
)
async def test_troublesome_numbers_answer(
    carrier: Carrier, transport: httpx.AsyncBaseTransport, ending: str, first: Outcome, second: Proof
) -> None:
    outcome = await send(carrier, transport, message(ending))
    assert outcome._replace(detail="") == first
    assert outcome.detail.endswith(".")
    assert not explain("sandbox", outcome.code).title.startswith("Error")
    assert (await send(carrier, transport, message(ending))).proof is second
    again = await send(carrier, transport, message(ending, text="Another text"))
    assert again.proof is first.proof


async def test_hanging_up_really_closes_the_connection_without_an_answer(sandbox: Sandbox) -> None:
    url = httpx.URL(sandbox.base_url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    body = json.dumps({"to": "+15550100060", "text": "Hello"}).encode()
    writer.write(b"POST /messages HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()


async def test_a_person_answers_after_the_delivery(
    carrier: Carrier, transport: httpx.AsyncBaseTransport
) -> None:
    app = App()
    async with serve(app) as server:
        for ending in ("0077", "0078"):
            await send(carrier, transport, message(ending, root(server.url)))
        await until_async(lambda: len(app.calls) == 4)
    for ending, reply in (("0077", "STOP"), ("0078", QUESTION)):
        paths = [path for path, query, body in app.calls if ending in query.get("a", body.get("from", ""))]
        assert paths == ["/webhooks/sandbox/token/status", "/webhooks/sandbox/token/inbound"]
        [came] = [body for _, _, body in app.calls if body.get("from", "").endswith(ending)]
        inbound = carrier.inbound(Webhook({}, {}, json.dumps(came).encode()))
        assert inbound is not None
        assert (inbound.text, inbound.recipient) == (reply, "+15550100000")


async def test_a_receipt_is_told_again_when_the_app_has_trouble_or_is_away(
    carrier: Carrier, transport: httpx.AsyncBaseTransport
) -> None:
    app = App(answers=[503, 500, 429])
    async with serve(app) as server:
        await send(carrier, transport, message("4321", root(server.url)))
        await until_async(lambda: app.calls)
    assert len(app.told("attempt-4321")) == 1


async def test_an_app_that_starts_late_gets_its_receipts() -> None:
    port = free_port()
    transport = open_transport()
    callbacks = Callbacks(transport)
    running = asyncio.create_task(callbacks.run())
    callbacks.add(Callback(f"http://127.0.0.1:{port}/status?a=1", b"{}"), 0)
    await until_async(lambda: any(entry[2].tries for entry in callbacks.waiting))
    app = App()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await app(Peer(reader, writer, 0, []))

    async with await asyncio.start_server(connected, "127.0.0.1", port):
        await until_async(lambda: app.calls)
        running.cancel()
        await transport.aclose()


async def test_a_receipt_that_the_app_refuses_is_not_told_again() -> None:
    app = App(answers=[403])
    transport = open_transport()
    callbacks = Callbacks(transport)
    running = asyncio.create_task(callbacks.run())
    async with serve(app) as server:
        callbacks.add(Callback(server.url, b"{}"), 0)
        await until_async(lambda: server.seen and not callbacks.posting)
    assert not callbacks.waiting
    running.cancel()
    await transport.aclose()


@pytest.mark.parametrize("url", ["nowhere", "http://host:port/", "ftp://127.0.0.1/", "http://\ud800/"])
async def test_an_address_that_cannot_be_called_is_given_up(url: str) -> None:
    transport = open_transport()
    callbacks = Callbacks(transport)
    running = asyncio.create_task(callbacks.run())
    callbacks.add(Callback(url, b"{}"), 0)
    await until_async(lambda: not callbacks.waiting and not callbacks.posting)
    assert not running.done()
    running.cancel()
    await transport.aclose()


async def test_thousands_of_waiting_receipts_need_no_task_each() -> None:
    app = App()
    transport = open_transport()
    callbacks = Callbacks(transport, at_once=8)
    running = asyncio.create_task(callbacks.run())
    async with serve(app) as server:
        before = len(asyncio.all_tasks())
        for number in range(20_000):
            callbacks.add(Callback("http://127.0.0.1:1/", b"{}"), 3600 + number)
        for number in range(300):
            callbacks.add(Callback(f"{server.url}?a={number}", b"{}"), 0)
        await until_async(lambda: server.seen)
        assert len(asyncio.all_tasks()) < before + 30
        await until_async(lambda: len(app.calls) == 300)
    assert 1 < app.most_under_way <= 8
    assert len(callbacks.waiting) == 20_000
    running.cancel()
    await transport.aclose()


@pytest.mark.parametrize("at_once", [1, 2, 64])
@pytest.mark.parametrize("turns", range(12))
async def test_a_receipt_that_comes_due_while_the_last_worker_ends_is_not_left_lying(
    at_once: int, turns: int
) -> None:
    class AtOnce(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            called.append(request.url.path)
            return httpx.Response(204)

    called: list[str] = []
    callbacks = Callbacks(AtOnce(), at_once=at_once)
    running = asyncio.create_task(callbacks.run())
    await asyncio.sleep(0)
    callbacks.add(Callback("http://app/first", b"{}"), 0)
    for _ in range(turns):
        await asyncio.sleep(0)
    callbacks.add(Callback("http://app/second", b"{}"), 0)
    await until_async(lambda: called == ["/first", "/second"], 5)
    running.cancel()


async def test_receipts_come_in_the_order_of_their_times() -> None:
    app = App()
    transport = open_transport()
    callbacks = Callbacks(transport, at_once=1)
    running = asyncio.create_task(callbacks.run())
    async with serve(app) as server:
        for wait in (0.2, 0.1, 0.0, 0.15):
            callbacks.add(Callback(f"{server.url}?a={wait}", b"{}"), wait)
        await until_async(lambda: len(app.calls) == 4)
    assert [query["a"] for _, query, _ in app.calls] == ["0.0", "0.1", "0.15", "0.2"]
    running.cancel()
    await transport.aclose()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/messages", b"", 400),
        ("POST", "/messages", b"hello", 400),
        ("POST", "/messages", b'{"to":"+15550104321"}', 400),
        ("POST", "/messages", b'{"to":7,"text":"Hello"}', 400),
        ("POST", "/messages", b'{"to":"+15550104321","text":"' + b"x" * 1_000_000 + b'"}', 400),
        ("GET", "/messages", b"", 405),
        ("POST", "/", b"", 404),
        ("POST", "/messages", b'{"to":"+15550104321","text":"Hello","callback":"nowhere"}', 202),
        ("POST", "/messages", b'{"to":"+15550104321","text":"Hello","delay_seconds":NaN}', 202),
    ],
)
async def test_requests_are_checked(
    sandbox: Sandbox,
    transport: httpx.AsyncBaseTransport,
    method: str,
    path: str,
    body: bytes,
    status: int,
) -> None:
    request = httpx.Request(method, sandbox.base_url + path, content=body)
    response = await transport.handle_async_request(request)
    assert response.status_code == status
    assert response.json().keys() == ({"id"} if status == 202 else {"code", "message"})


def test_the_inbound_webhook_is_found_beside_the_status_webhook() -> None:
    assert (
        inbound_url("http://h:1/webhooks/sandbox/t/status?a=1&b=2") == "http://h:1/webhooks/sandbox/t/inbound"
    )


async def test_a_stopped_sandbox_no_longer_listens(transport: httpx.AsyncBaseTransport) -> None:
    sandbox = sandboxes.start()
    carrier = adapter("sandbox", {"base_url": sandbox.base_url})
    assert (await send(carrier, transport, message("4321"))).proof is Proof.ACCEPTED
    await asyncio.to_thread(sandbox.stop)
    await asyncio.to_thread(sandbox.stop)
    assert (await send(carrier, transport, message("4321"))).proof is Proof.NOT_SENT


def test_we_give_up_an_idle_connection_before_the_sandbox_does(sandbox: Sandbox) -> None:
    assert sandbox._server is not None
    assert sandbox._server.config.timeout_keep_alive > IDLE_SECONDS
