"""Calls of outgoing webhooks over real sockets: signed, bounded, never into a private network."""

import json
from collections.abc import Sequence
from datetime import timedelta
from itertools import count

import httpx
import pytest

from domain import outgoing_webhooks as rules
from domain.access import Actor
from domain.outgoing_webhooks import Kind
from sender.announcing import LOST_SECRET, PRIVATE, Announcing
from storage import contacts, outgoing_webhooks
from storage.database import Database
from storage.tables import WebhookCall
from storage.vault import Vault
from tests import arrange
from tests.conftest import NOW
from tests.sender.servers import Peer, serve

OK = b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n"


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def event(db: Database, actor: Actor, url: str, *, local: bool = True) -> tuple[int, str]:
    """Something to tell that address; the webhook and its secret."""
    made = outgoing_webhooks.add(db, actor, url, [Kind.OPT_OUT], NOW, local=local)
    contacts.suppress(db, actor, arrange.numbers(1)[0], "why", "team", NOW)
    return made


def log(db: Database, actor: Actor, webhook_id: int) -> WebhookCall:
    (call,) = outgoing_webhooks.calls(db, actor, webhook_id, 2)
    return call


async def announce(db: Database) -> None:
    announcing = Announcing(db, lambda: NOW, local=True)
    await announcing.beat()
    await announcing.drain()


async def test_an_event_arrives_signed_and_once(db: Database, actor: Actor) -> None:
    requests: list[bytes] = []

    async def take(peer: Peer) -> None:
        requests.append(await peer.request())
        await peer.send(OK)

    async with serve(take) as server:
        number, secret = event(db, actor, f"{server.url}/in?x=1")
        await announce(db)
        await announce(db)
    (request,) = requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /messages/in?x=1 HTTP/1.1\r\n")
    headers = dict(line.decode().split(": ", 1) for line in head.split(b"\r\n")[1:])
    headers = {name.lower(): value for name, value in headers.items()}
    assert headers["host"] == server.url.removeprefix("http://").removesuffix("/messages")
    assert headers["content-type"] == "application/json"
    expected = rules.signed(secret, headers["webhook-id"], NOW, body.decode())
    assert {name: headers[name] for name in expected} == expected
    assert json.loads(body)["data"]["phone"] == arrange.numbers(1)[0]
    call = log(db, actor, number)
    assert (call.state, call.status, call.attempts) == ("delivered", 204, 1)
    assert call.event_id == headers["webhook-id"]


@pytest.mark.parametrize(
    ("answer", "status", "detail"),
    [
        (b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n", 500, ""),
        (
            b"HTTP/1.1 302 Go\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            302,
            "Redirects are not followed.",
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 1100000\r\n\r\n" + b"x" * 1_100_000,
            None,
            "ReadError: The answer is longer than 1 MB.",
        ),
        (b"what is this\r\n\r\n", None, "RemoteProtocolError"),
        (b"", None, "RemoteProtocolError"),
    ],
)
async def test_anything_else_is_tried_again_later(
    sqlite_db: Database, answer: bytes, status: int | None, detail: str
) -> None:
    actor = arrange.person(sqlite_db, NOW)

    async def take(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer)

    async with serve(take) as server:
        number, _secret = event(sqlite_db, actor, server.url)
        await announce(sqlite_db)
        assert len(server.seen) == 1
    call = log(sqlite_db, actor, number)
    assert (call.state, call.status) == ("waiting", status)
    assert call.detail.startswith(detail)
    assert timedelta(seconds=3) < call.due_at - NOW < timedelta(seconds=8)


async def test_nobody_there_is_tried_again_later(sqlite_db: Database) -> None:
    actor = arrange.person(sqlite_db, NOW)
    number, _secret = event(sqlite_db, actor, "http://127.0.0.1:1/")
    await announce(sqlite_db)
    assert log(sqlite_db, actor, number).detail.startswith("ConnectError")


async def test_a_slow_answer_is_not_waited_for(sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SECONDS", 0.2)
    actor = arrange.person(sqlite_db, NOW)

    async def dawdle(peer: Peer) -> None:
        await peer.request()
        await peer.reader.read()  # until the other side gives up

    async with serve(dawdle) as server:
        number, _secret = event(sqlite_db, actor, server.url)
        await announce(sqlite_db)
    assert log(sqlite_db, actor, number).detail.startswith("No answer within")


class Wire(httpx.AsyncBaseTransport):
    """Where a request would have gone."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200)


async def call_out(db: Database, addresses: Sequence[str]) -> list[httpx.Request]:
    wire = Wire()

    async def resolve(host: str, port: int) -> list[str]:
        assert (host, port) == ("hooks.example.com", 8443)
        return list(addresses)

    announcing = Announcing(db, lambda: NOW, transport=wire, resolve=resolve)
    await announcing.beat()
    await announcing.drain()
    return wire.requests


NAMED = "https://hooks.example.com:8443/in"


async def test_exactly_the_address_that_was_checked_is_connected_to(sqlite_db: Database) -> None:
    actor = arrange.person(sqlite_db, NOW)
    event(sqlite_db, actor, NAMED, local=False)
    (request,) = await call_out(sqlite_db, ["8.8.8.8", "2606:4700::1"])
    assert str(request.url) == "https://8.8.8.8:8443/in"
    assert request.headers["host"] == "hooks.example.com:8443"
    assert request.extensions["sni_hostname"] == "hooks.example.com"


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.1"], ["::ffff:10.0.0.1"], ["169.254.169.254"], ["8.8.8.8", "192.168.0.1"], []],
)
async def test_a_name_that_leads_inside_is_never_called(sqlite_db: Database, addresses: list[str]) -> None:
    actor = arrange.person(sqlite_db, NOW)
    number, _secret = event(sqlite_db, actor, NAMED, local=False)
    assert await call_out(sqlite_db, addresses) == []
    call = log(sqlite_db, actor, number)
    assert (call.state, call.detail) == ("failed", PRIVATE)


async def test_a_demo_address_is_not_called_outside_a_demo(sqlite_db: Database) -> None:
    actor = arrange.person(sqlite_db, NOW)
    number, _secret = event(sqlite_db, actor, "http://127.0.0.1:1/")
    announcing = Announcing(sqlite_db, lambda: NOW, transport=(wire := Wire()))
    await announcing.beat()
    assert wire.requests == []
    assert log(sqlite_db, actor, number).state == "failed"


async def test_without_its_secret_nothing_is_told(sqlite_db: Database) -> None:
    actor = arrange.person(sqlite_db, NOW)
    number, _secret = event(sqlite_db, actor, NAMED, local=False)
    other = Database(sqlite_db.url, Vault("another secret key, long enough"))
    assert await call_out(other, ["8.8.8.8"]) == []
    assert log(sqlite_db, actor, number).detail == LOST_SECRET
    other.close()


async def test_the_last_try_ends_it(sqlite_db: Database) -> None:
    actor = arrange.person(sqlite_db, NOW)
    number, _secret = event(sqlite_db, actor, "http://127.0.0.1:1/")
    days = count()
    announcing = Announcing(sqlite_db, lambda: NOW + timedelta(days=next(days)), local=True)
    for _ in range(rules.MOST_TRIES):
        await announcing.beat()
    call = log(sqlite_db, actor, number)
    assert (call.state, call.attempts) == ("failed", rules.MOST_TRIES)
