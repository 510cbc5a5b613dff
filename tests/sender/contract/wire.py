"""The contract's second part: real HTTP on loopback, to a strict fake and to servers that misbehave."""

import logging
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from domain.carrier_kinds import kind_of
from domain.outcomes import Outcome, Proof
from sender.carriers.protocol import Certainty, InDoubt, Outgoing
from sender.carriers.sending import send
from sender.transport import open_transport
from tests.ports import free_port
from tests.sender.contract.values import MEDIA, MESSAGE, MESSAGES, ValueContract
from tests.sender.fakes import AT, BAD_NUMBER, Call, Fake
from tests.sender.servers import Peer, Script, serve
from tests.sender.tls import server_context

NONE: Mapping[str, str] = {}


def http(status: int, body: bytes, *headers: str) -> bytes:
    """An answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answering(fake: Fake) -> Script:
    """A server with the fake behind it."""

    async def script(peer: Peer) -> None:
        while True:
            await peer.send(http(*fake.answer(Call.read(await peer.request()))))

    return script


def saying(answer: bytes, first: Callable[[Call], object] = lambda call: None) -> Script:
    """A server that reads a request and says always the same."""

    async def script(peer: Peer) -> None:
        first(Call.read(await peer.request()))
        await peer.send(answer)

    return script


@asynccontextmanager
async def wire(seconds: float = 10.0) -> AsyncIterator[httpx.AsyncBaseTransport]:
    transport = open_transport(total_timeout=seconds, connect_timeout=min(5.0, seconds))
    try:
        yield transport
    finally:
        await transport.aclose()


class WireContract(ValueContract):
    """What an adapter and the transport make of servers."""

    async def outcome_of(
        self,
        script: Script,
        message: Outgoing = MESSAGE,
        seconds: float = 10.0,
        settings: Mapping[str, str] = NONE,
    ) -> Outcome:
        async with serve(script) as server, wire(seconds) as transport:
            carrier = self.carrier(server.url.removesuffix("/messages"), **settings)
            return await send(carrier, transport, message)

    @pytest.mark.parametrize("name", MESSAGES)
    async def test_the_carrier_takes_what_we_send(self, name: str) -> None:
        fake, message = self.fake(), MESSAGES[name]
        outcome = await self.outcome_of(answering(fake), message)
        assert outcome.proof is Proof.ACCEPTED, outcome
        [taken] = fake.taken
        assert taken.sender.removeprefix("+") == message.sender.removeprefix("+")
        assert (taken.recipient, taken.text, taken.reference) == (
            message.recipient,
            message.text,
            message.attempt_id,
        )

    @pytest.mark.parametrize("text", ["Look", ""])
    async def test_the_carrier_takes_pictures(self, text: str) -> None:
        fake = self.fake()
        limits = kind_of(fake.kind).media
        assert (limits.count if limits else 0) == fake.takes_media
        if limits is None:
            pytest.skip("this carrier takes texts only")
        media = MEDIA[: fake.takes_media]
        outcome = await self.outcome_of(answering(fake), MESSAGE._replace(text=text, media=media))
        assert outcome.proof is Proof.ACCEPTED, outcome
        assert (fake.taken[0].media, fake.taken[0].text) == (media, text)

    async def test_more_pictures_than_the_carrier_takes_are_refused_and_none_is_left_out(self) -> None:
        fake = self.fake()
        media = tuple(f"https://app.example/media/{place}" for place in range(fake.takes_media + 1))
        outcome = await self.outcome_of(answering(fake), MESSAGE._replace(media=media))
        assert (outcome.proof, outcome.code) == (Proof.REFUSED, "media_refused")
        assert fake.taken == []

    async def test_a_number_that_is_none_is_refused(self) -> None:
        outcome = await self.outcome_of(answering(self.fake()), MESSAGE._replace(recipient=BAD_NUMBER))
        assert outcome.proof is Proof.REFUSED
        assert outcome.detail

    async def test_wrong_credentials_block_the_line_and_are_not_repeated(self) -> None:
        secrets = kind_of(self.fake.kind).secrets
        if not secrets:
            pytest.skip("this carrier asks for none")
        wrong = dict.fromkeys(secrets, "wrong-and-secret")
        outcome = await self.outcome_of(answering(self.fake()), settings=wrong)
        assert outcome.proof is Proof.LINE_BLOCKED
        assert "wrong-and-secret" not in repr(outcome)

    async def test_an_unreachable_host_proves_that_nothing_was_sent(self) -> None:
        async with wire() as transport:
            carrier = self.carrier(f"http://127.0.0.1:{free_port()}")
            outcome = await send(carrier, transport, MESSAGE)
        assert outcome.proof is Proof.NOT_SENT
        assert not [
            value for value in self.fake.settings.values() if len(value) > 8 and value in repr(outcome)
        ]

    async def test_a_host_that_is_not_who_it_says_gets_nothing(self, tmp_path: Path) -> None:
        context: ssl.SSLContext = server_context(tmp_path)
        async with serve(answering(fake := self.fake()), context) as server, wire() as transport:
            carrier = self.carrier(server.url.removesuffix("/messages"))
            outcome = await send(carrier, transport, MESSAGE)
        assert outcome.proof is Proof.NOT_SENT
        assert fake.taken == []

    async def test_too_fast_says_how_long_to_wait(self) -> None:
        outcome = await self.outcome_of(saying(http(429, b"{}", "Retry-After: 7")))
        assert (outcome.proof, outcome.retry_after) == (Proof.TOO_FAST, 7.0)

    async def test_an_error_after_the_carrier_took_it_is_in_doubt(self) -> None:
        fake = self.fake()
        outcome = await self.outcome_of(saying(http(500, b"{}"), fake.answer))
        assert len(fake.taken) == 1
        assert outcome.proof is Proof.AMBIGUOUS

    @pytest.mark.parametrize("body", [b"", b"\x00\xff garbage", b"<html></html>"])
    async def test_a_success_without_sense_is_in_doubt(self, body: bytes) -> None:
        outcome = await self.outcome_of(saying(http(200, body)))
        assert outcome.proof is (Proof.AMBIGUOUS if self.fake.gives_ids else Proof.ACCEPTED)

    async def test_an_endless_answer_is_in_doubt(self) -> None:
        outcome = await self.outcome_of(saying(http(200, b"x" * 10_000_000)))
        assert outcome.proof is Proof.AMBIGUOUS

    async def test_silence_is_in_doubt(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.request()
            await peer.reader.read()  # until we hang up

        outcome = await self.outcome_of(script, seconds=0.3)
        assert outcome.proof is Proof.AMBIGUOUS

    async def test_no_log_repeats_a_secret(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        for script in (answering(self.fake()), saying(http(500, b"{}")), saying(b"nonsense\r\n\r\n")):
            await self.outcome_of(script)
        async with wire() as transport:
            await send(self.carrier(f"http://127.0.0.1:{free_port()}"), transport, MESSAGE)
        secrets = [self.fake.settings[name] for name in kind_of(self.fake.kind).secrets]
        assert not [secret for secret in secrets if secret in caplog.text]

    async def test_a_broken_answer_is_in_doubt(self) -> None:
        outcome = await self.outcome_of(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"))
        assert outcome.proof is Proof.AMBIGUOUS

    async def test_an_attempt_in_doubt_is_found_again_where_the_carrier_can_be_asked(self) -> None:
        """What was taken is seen, what was not is not, and a broken answer says nothing."""
        fake = self.fake()
        finder = self.carrier().finder
        if finder is None:
            pytest.skip("this carrier can't be asked")
        doubt = InDoubt(
            MESSAGE.attempt_id,
            MESSAGE.sender,
            MESSAGE.recipient,
            MESSAGE.text,
            AT - timedelta(minutes=1),
            AT + timedelta(minutes=10),
        )
        async with serve(answering(fake)) as server, wire() as transport:
            carrier = self.carrier(server.url.removesuffix("/messages"))
            asks = carrier.finder
            assert asks is not None

            async def seen() -> list[str] | None:
                response = await transport.handle_async_request(asks.request(doubt))
                body = await response.aread()
                found = asks.sightings(doubt, response.status_code, response.headers, body)
                return None if found is None else [one.carrier_message_id for one in found]

            assert await seen() == []
            other = MESSAGE._replace(attempt_id="18-0", callback_url=MESSAGE.callback_url + "0", text="Other")
            await send(carrier, transport, other._replace(recipient="+15550107777"))
            assert await seen() == []
            await send(carrier, transport, MESSAGE)
            assert await seen() == [fake.taken[-1].message_id]
            late = replace(fake.taken[-1], made_at=AT + timedelta(hours=1))
            fake.taken[-1] = late
            if finder.certainty is Certainty.WEAK:
                assert await seen() == []
        for status, body in ((500, b""), (200, b"[]"), (200, b"\xff"), (429, b"{}"), (200, b"{}")):
            assert finder.sightings(doubt, status, {}, body) is None
        half = b'{"client_reference":"%s"}' % doubt.attempt_id.encode()
        for items in (b"[{}]", b"[%s]" % half):
            assert finder.sightings(doubt, 200, {}, b'{"messages":%s,"batches":%s}' % (items, items)) is None
