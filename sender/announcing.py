"""Makes the calls of outgoing webhooks: signed, to public addresses only, tried again for about a day."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime
from random import Random

import httpx

from domain import outgoing_webhooks as rules
from storage import outgoing_webhooks
from storage.database import Database
from storage.outgoing_webhooks import Call, Made

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Calls claimed together, and made side by side."""

PRIVATE = "The address leads into a private network."
LOST_SECRET = "The secret key does not open this webhook's secret. Add the webhook again."  # noqa: S105 - words
Resolve = Callable[[str, int], Awaitable[list[str]]]


class Announcing:
    """Its `beat` makes whatever calls are due; `local` is for demos."""

    def __init__(
        self,
        db: Database,
        clock: Callable[[], datetime],
        *,
        local: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self.db = db
        self.clock = clock
        self.local = local
        # No proxy, no redirects, no cookies, and no connection is kept for another name.
        self.transport = transport or httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_keepalive_connections=0), trust_env=False
        )
        self.resolve = resolve or _resolve
        self.random = Random()  # noqa: S311 - only spreads the tries
        self._stopping = False
        self._turn = asyncio.Lock()
        self._beating: asyncio.Task[None] | None = None

    async def kick(self) -> None:
        """Called every second: see that due calls are made, and wait for none of them."""
        if self._beating is None or self._beating.done():
            self._beating = asyncio.create_task(self._safely(), name="outgoing webhooks")

    async def _safely(self) -> None:
        try:
            await self.beat()
        except Exception:
            log.exception("outgoing webhooks could not be called; the next beat goes on")

    async def beat(self) -> None:
        """Make every call that is due at this instant."""
        async with self._turn:
            while not self._stopping and await self.db.run(outgoing_webhooks.are_due, self.clock()):
                await self.db.run(outgoing_webhooks.gather, self.clock())
                claimed = await self.db.run(outgoing_webhooks.claim, AT_ONCE, self.clock())
                if not claimed:
                    return
                made = await asyncio.gather(*(self._make(call) for call in claimed))
                off = await self.db.run(outgoing_webhooks.record, made, self.clock())
                if off:
                    log.warning("%d outgoing webhooks were switched off: no call gets through", off)

    async def drain(self) -> None:
        """Claim nothing more and wait for the calls under way."""
        self._stopping = True
        async with self._turn:
            await self.transport.aclose()

    async def _make(self, call: Call) -> Made:
        if call.secret is None:
            return Made(call.id, False, None, detail=LOST_SECRET)
        try:
            async with asyncio.timeout(rules.SECONDS):
                status = await self._post(call, call.secret)
        except rules.BadAddress as problem:
            return Made(call.id, False, None, detail=problem.text)
        except TimeoutError:
            return self._failed(call, None, f"No answer within {rules.SECONDS:.0f} seconds.")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return self._failed(call, None, f"{type(error).__name__}: {error}")
        except Exception as error:
            log.exception("an outgoing webhook could not be called")
            return self._failed(call, None, type(error).__name__)
        if 200 <= status < 300:
            return Made(call.id, True, None, status)
        return self._failed(call, status, "Redirects are not followed." if 300 <= status < 400 else "")

    def _failed(self, call: Call, status: int | None, detail: str) -> Made:
        pause = rules.pause(call.attempts, self.random.random())
        return Made(call.id, False, None if pause is None else self.clock() + pause, status, detail)

    async def _post(self, call: Call, secret: str) -> int:
        url = httpx.URL(rules.checked(call.url, local=self.local))
        address = await self._address(url)
        request = httpx.Request(
            "POST",
            url.copy_with(host=address),  # exactly what was checked, whatever the name says a moment later
            headers={
                "host": url.netloc.decode(),
                "content-type": "application/json",
                "user-agent": "SMS-Campaigns",
                **rules.signed(secret, call.event_id, self.clock(), call.body),
            },
            content=call.body.encode(),
            extensions={"sni_hostname": url.host, "timeout": httpx.Timeout(rules.SECONDS).as_dict()},
        )
        response = await self.transport.handle_async_request(request)
        try:
            size = 0
            async for chunk in response.aiter_raw():
                size += len(chunk)
                if size > rules.MOST_BYTES:
                    raise httpx.ReadError("The answer is longer than 1 MB.")
        finally:
            await response.aclose()
        return response.status_code

    async def _address(self, url: httpx.URL) -> str:
        """An address behind the name; every one of them must be public, so that no answer is a lottery."""
        found = await self.resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
        if not found or not all(rules.may_call(one, local=self.local) for one in found):
            raise rules.BadAddress(PRIVATE)
        return found[0]


async def _resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]
