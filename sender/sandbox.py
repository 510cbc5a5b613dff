"""The sandbox: a carrier of our own that speaks real HTTP on loopback and sends nothing to anybody.

What it does depends on the number alone; the table is in `domain.sandbox`.

    POST /messages {"from","to","text","media":[…],"callback","delay_seconds"?}
        → 202 {"id"}, or an error with {"code","message"}
    then it posts to the callback {"id","status":"delivered"|"undelivered","code"?,"event_id"}
    and, where the person answers, to the callback's neighbour `inbound` {"event_id","from","to","text"}
"""

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import httpx
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from domain.sandbox import MOST_DELAY, Answer, Behaviour, behaviour, delay
from sender.callbacks import Callback, Callbacks
from sender.carriers.bodies import fields, text, word
from sender.transport import open_transport

LONGEST_BODY = 1_000_000
LONGEST_DELAY = 3600.0
IDLE_SECONDS = 75
"""How long it keeps a connection that rests: longer than we do ourselves (`transport.IDLE_SECONDS`).

Whoever hangs up first must be the one who sends, or a text meets a line that is just going dead, and nobody
knows whether it arrived.
"""

REMEMBERED = 100_000
"""Messages whose first, turned away try is remembered."""

_ONCE = {
    Answer.TOO_FAST_ONCE: (429, "too_fast", "Too many messages at once."),
    Answer.ERROR_ONCE: (500, "internal_error", "Something broke."),
}
_REFUSALS = {
    "invalid_number": "This is not a number that can receive texts.",
    "opted_out": "This person has opted out at the carrier.",
}

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def start(host: str = "127.0.0.1", port: int = 0) -> "Sandbox":
    """Start a sandbox in its own thread. Port 0 takes a free one; one that is taken raises OSError."""
    return Sandbox(socket.create_server((host, port), backlog=1024))


class Sandbox:
    """A running sandbox; `base_url` is what an account's settings need."""

    def __init__(self, listener: socket.socket) -> None:
        host, port = listener.getsockname()[:2]
        self.base_url = f"http://{host}:{port}"
        self._listener = listener
        self._server: uvicorn.Server | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Stop at once; receipts that have not been posted are lost. May be called twice."""
        if self._server:
            self._server.should_exit = True
        self._thread.join(timeout=10)

    def _run(self) -> None:
        transport = open_transport(total_timeout=10)
        callbacks = Callbacks(transport)
        config = uvicorn.Config(
            _Application(callbacks),
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=1,
        )
        try:
            self._server = uvicorn.Server(config)
            with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
                runner.run(self._serve(self._server, callbacks, transport))
        finally:
            self._ready.set()
            self._listener.close()

    async def _serve(
        self, server: uvicorn.Server, callbacks: Callbacks, transport: httpx.AsyncBaseTransport
    ) -> None:
        posting = asyncio.create_task(callbacks.run())
        self._ready.set()
        await server.serve(sockets=[self._listener])
        posting.cancel()
        await transport.aclose()


class _Protocol(HttpToolsProtocol):
    """uvicorn's own, with a way for the application to hang up without an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["hang_up"] = self.transport.close


@dataclass
class _Application:
    callbacks: Callbacks
    turned_away: dict[tuple[str, str], None] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        if scope["path"] != "/messages":
            return await _answer(send, 404, _error("not_found", "There is nothing here."))
        if scope["method"] != "POST":
            return await _answer(send, 405, _error("wrong_method", "Messages are posted."))
        found = fields(body)
        number, content = word(found, "to"), text(found, "text")
        if number is None or content is None:
            return await _answer(
                send, 400, _error("bad_request", "A message needs at least “to” and “text”.")
            )
        does = behaviour(number)
        if does.answer is Answer.HANG_UP:
            return await _hang_up(scope, receive)
        if does.answer is Answer.REFUSE:
            return await _answer(send, 400, _error(does.code, _REFUSALS[does.code]))
        if does.answer in _ONCE and self._first_time(number, content):
            status, code, message = _ONCE[does.answer]
            return await _answer(send, status, _error(code, message), retry_after=status == 429)
        return await self._accept(send, does, number, found)

    async def _accept(self, send: Send, does: Behaviour, number: str, found: Mapping[str, object]) -> None:
        message_id = uuid4().hex
        await _answer(send, 202, {"id": message_id})
        callback = text(found, "callback")
        if does.receipt is not None and callback:
            receipt = _receipt(does, message_id, number, word(found, "from") or "", callback)
            self.callbacks.add(receipt, delay(number, _most_delay(found)))

    def _first_time(self, number: str, content: str) -> bool:
        if (number, content) in self.turned_away:
            return False
        self.turned_away[number, content] = None
        if len(self.turned_away) > REMEMBERED:
            del self.turned_away[next(iter(self.turned_away))]
        return True


def _receipt(does: Behaviour, message_id: str, number: str, line: str, callback: str) -> Callback:
    told = {"id": message_id, "status": does.receipt, "event_id": f"{message_id}-receipt"}
    if does.code:
        told["code"] = does.code
    reply = None
    if does.reply is not None:
        event = {"event_id": f"{message_id}-reply", "from": number, "to": line, "text": does.reply}
        reply = Callback(inbound_url(callback), json.dumps(event).encode())
    return Callback(callback, json.dumps(told).encode(), then=reply)


def inbound_url(status_url: str) -> str:
    """The inbound webhook beside a status webhook: the last part of the path replaced, without the query."""
    parts = urlsplit(status_url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rpartition("/")[0] + "/inbound", "", ""))


def _most_delay(found: Mapping[str, object]) -> float:
    most = found.get("delay_seconds")
    return most if isinstance(most, int | float) and 0 <= most <= LONGEST_DELAY else MOST_DELAY


def _error(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}


async def _body(receive: Receive) -> bytes:
    """The request's body; of one that is too long nothing, which is then not understood."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        event = await receive()
        part: bytes = event.get("body", b"")
        size, more = size + len(part), event.get("more_body", False)
        if size <= LONGEST_BODY:
            parts.append(part)
    return b"".join(parts) if size <= LONGEST_BODY else b""


async def _answer(send: Send, status: int, content: dict[str, str], *, retry_after: bool = False) -> None:
    body = json.dumps(content).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if retry_after:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _hang_up(scope: Scope, receive: Receive) -> None:
    scope["state"]["hang_up"]()
    while (await receive())["type"] != "http.disconnect":
        pass
