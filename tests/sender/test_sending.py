import asyncio
from collections.abc import Mapping, Sequence

import httpx
import pytest

from domain.outcomes import Outcome, Proof
from sender.carriers.protocol import Carrier, Inbound, Outgoing, Receipt, Webhook
from sender.carriers.sandbox import SandboxCarrier
from sender.carriers.sending import send
from sender.transport import AnswerTooLong, open_transport
from tests.ports import free_port
from tests.sender.servers import Peer, serve

MESSAGE = Outgoing("a1", "+15550100000", "+15550101234", "Hello", (), "http://127.0.0.1/status?a=a1")

SANDBOX = SandboxCarrier("http://127.0.0.1:1")


class Raising(httpx.AsyncBaseTransport):
    def __init__(self, error: BaseException) -> None:
        self.error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise self.error


class Broken:
    """An adapter with a bug on each side."""

    kind = "broken"
    repeatable = False
    finder = None
    thanks = ""

    def __init__(self, *, can_write: bool) -> None:
        self.can_write = can_write

    def request(self, message: Outgoing) -> httpx.Request:
        if self.can_write:
            return SANDBOX.request(message)
        raise KeyError("from")

    def outcome(self, status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
        raise KeyError("id")

    def receipts(self, webhook: Webhook) -> Sequence[Receipt]:
        raise NotImplementedError

    def inbound(self, webhook: Webhook) -> Inbound | None:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("error", "proof"),
    [
        (httpx.PoolTimeout(""), Proof.NOT_SENT),
        (httpx.ConnectTimeout(""), Proof.NOT_SENT),
        (httpx.ConnectError("refused"), Proof.NOT_SENT),
        (httpx.ProxyError(""), Proof.NOT_SENT),
        (httpx.LocalProtocolError(""), Proof.NOT_SENT),
        (httpx.UnsupportedProtocol(""), Proof.NOT_SENT),
        (httpx.InvalidURL(""), Proof.NOT_SENT),
        (httpx.WriteTimeout(""), Proof.AMBIGUOUS),
        (httpx.WriteError(""), Proof.AMBIGUOUS),
        (httpx.ReadTimeout(""), Proof.AMBIGUOUS),
        (httpx.ReadError(""), Proof.AMBIGUOUS),
        (httpx.CloseError(""), Proof.AMBIGUOUS),
        (httpx.RemoteProtocolError(""), Proof.AMBIGUOUS),
        (httpx.DecodingError(""), Proof.AMBIGUOUS),
        (AnswerTooLong(""), Proof.AMBIGUOUS),
        (httpx.TooManyRedirects(""), Proof.AMBIGUOUS),
        (OSError("disk"), Proof.AMBIGUOUS),
        (RuntimeError("bug"), Proof.AMBIGUOUS),
    ],
)
async def test_a_fault_proves(error: Exception, proof: Proof) -> None:
    outcome = await send(SANDBOX, Raising(error), MESSAGE)
    assert outcome.proof is proof
    assert outcome.detail in (
        "The carrier could not be reached.",
        "The carrier did not answer in time.",
        "The connection to the carrier broke off while sending.",
    )
    assert ("could not be reached" in outcome.detail) == (proof is Proof.NOT_SENT)


async def test_only_a_cancellation_is_raised() -> None:
    with pytest.raises(asyncio.CancelledError):
        await send(SANDBOX, Raising(asyncio.CancelledError()), MESSAGE)


@pytest.mark.parametrize(("can_write", "proof"), [(False, Proof.NOT_SENT), (True, Proof.AMBIGUOUS)])
async def test_a_bug_in_an_adapter_proves_no_more_than_how_far_it_came(can_write: bool, proof: Proof) -> None:
    broken: Carrier = Broken(can_write=can_write)
    transport = httpx.MockTransport(lambda request: httpx.Response(202, json={"id": "m1"}))
    assert (await send(broken, transport, MESSAGE)).proof is proof


@pytest.mark.parametrize(
    ("answer", "proof"),
    [
        (b'HTTP/1.1 202 Accepted\r\ncontent-length: 11\r\n\r\n{"id":"m1"}', Proof.ACCEPTED),
        (b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n", Proof.AMBIGUOUS),
        (b"HTTP/1.1 202 Accepted\r\ncontent-length: 5\r\n\r\nhello", Proof.AMBIGUOUS),
        (b"HTTP/1.1 202 Accepted\r\ncontent-length: 9999999\r\n\r\n" + b" " * 1_100_000, Proof.AMBIGUOUS),
        (b"HTTP/1.1 429 Slow\r\nretry-after: 3\r\ncontent-length: 0\r\n\r\n", Proof.TOO_FAST),
        (b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n", Proof.AMBIGUOUS),
        (b"HTTP/1.1 400 No\r\ncontent-length: 0\r\n\r\n", Proof.REFUSED),
        (b"", Proof.AMBIGUOUS),
        (b"\0\0\0\0", Proof.AMBIGUOUS),
    ],
)
async def test_what_comes_over_the_wire_proves(answer: bytes, proof: Proof) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer)

    transport = open_transport()
    async with serve(script) as server:
        carrier = SandboxCarrier(server.url.removesuffix("/messages"))
        outcome = await send(carrier, transport, MESSAGE)
    await transport.aclose()
    assert outcome.proof is proof
    assert (outcome.carrier_message_id == "m1") is (proof is Proof.ACCEPTED)
    assert outcome.retry_after == (3 if proof is Proof.TOO_FAST else None)
    assert len(server.seen) == 1


async def test_a_carrier_that_does_not_listen_was_sent_nothing() -> None:
    transport = open_transport()
    outcome = await send(SandboxCarrier(f"http://127.0.0.1:{free_port()}"), transport, MESSAGE)
    await transport.aclose()
    assert outcome.proof is Proof.NOT_SENT
