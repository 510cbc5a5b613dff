"""The API's door: who calls, how much they may send, and that a repeated request is carried out once."""

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import AbstractContextManager

from opentelemetry import trace
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain import api_scopes
from domain.problems import Problem
from domain.settings import TRACER
from storage import api_keys, idempotency
from storage.api_keys import Caller, KeyUnknown
from storage.idempotency import Answer, Named
from ui.api import problems
from ui.api.bodies import Body, spool
from ui.api.world import VISIT, ApiWorld, Visit

log = logging.getLogger(__name__)

MOST_KEY_CHARACTERS = 255
"""Of an Idempotency-Key; a UUID has 36."""

READING = frozenset({"GET", "HEAD", "OPTIONS"})
REPLAYED = {"idempotent-replay": "true", "cache-control": "no-store"}


class Door:
    """ASGI middleware around the API's app. Cookies count for nothing here: only a bearer key opens."""

    def __init__(self, app: ASGIApp, world: ApiWorld) -> None:
        self.app = app
        self.world = world
        self._under_way: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in; whatever goes wrong is answered with a problem document."""
        if scope["type"] != "http":
            return
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            with self._span(scope):
                await self._admit(scope, receive, noted)
        except Exception as error:
            if not started:
                await _answer_to(error)(scope, receive, send)
            if not isinstance(error, Problem | HTTPException):
                log.exception("an API request failed: %s %s", scope["method"], scope["path"])

    def _span(self, scope: Scope) -> AbstractContextManager[object]:
        """A span where tracing is on. An address or an error may name a person, so both stay out."""
        part = api_scopes.scope_of(_inner_path(scope))
        about = {"http.request.method": scope["method"], "part": part.value if part else ""}
        return trace.get_tracer(TRACER).start_as_current_span(
            "API request", attributes=about, record_exception=False, set_status_on_exception=False
        )

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        caller = await self._caller(scope, headers)
        send = self._limited(scope, caller, send)
        if caller is not None:
            api_scopes.check(caller.scopes, _inner_path(scope))
        visit = Visit(self.world, caller)
        inner = {**scope, VISIT: visit}
        if caller is None:  # the body of somebody unknown is not even read
            await self.app(inner, _nothing, send)
            return
        if scope["method"] in READING:
            await self.app(inner, receive, send)
            return
        async with spool(scope["path"], headers, receive) as body:
            key = headers.get("idempotency-key")
            if key is None or scope["method"] != "POST":
                await self.app(inner, body.receive, send)
                return
            named = await _named(scope, caller, key, body)
            if (answer := await self.world.db.run(idempotency.begin, named, self.world.clock())) is not None:
                await _replay(answer)(scope, receive, send)
                return
            # A caller who hangs up must not leave the request half noted.
            await self._to_the_end(self._once(inner, visit, named, body, send))

    async def _caller(self, scope: Scope, headers: Headers) -> Caller | None:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            return await self.world.db.run(api_keys.verify, key.strip(), self.world.clock(), _address(scope))
        except KeyUnknown:
            return None

    def _limited(self, scope: Scope, caller: Caller | None, send: Send) -> Send:
        """Count the request; `send` tells its caller what is left. Raises 429 for one that came too soon."""
        limits = self.world.limits
        who = caller.key_id if caller else _address(scope)
        room = limits.take(who, self.world.clock())
        told = {
            "RateLimit-Policy": f'"default";q={limits.quota};w={limits.window}',
            "RateLimit": f'"default";r={room.left};t={room.full_in}',
        }
        if room.wait:
            raise HTTPException(429, TOO_OFTEN, {**told, "Retry-After": str(room.wait)})

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told)
            await send(message)

        return telling

    async def _once(self, scope: Scope, visit: Visit, named: Named, body: Body, send: Send) -> None:
        """Carry the request out and keep its answer, unless it was refused before anything was done."""
        answer: list[Message] = []

        async def kept(message: Message) -> None:
            answer.append(message)

        try:
            await self.app(scope, body.receive, kept)
        except Exception:
            log.exception("an API request failed: %s %s", scope["method"], scope["path"])
        status = answer[0]["status"] if answer else 500
        if visit.refused or status >= 500:
            await self.world.db.run(idempotency.forget, named)
        else:
            text = b"".join(message.get("body", b"") for message in answer[1:]).decode()
            await self.world.db.run(idempotency.finish, named, Answer(status, text))
        if not answer:
            await problems.unexpected()(scope, body.receive, send)
        for message in answer:
            await send(message)

    async def _to_the_end(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.shield(task)


TOO_OFTEN = "These are too many requests. Wait for the seconds in Retry-After, then go on more slowly."


def _inner_path(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


def _address(scope: Scope) -> str:
    return str(scope["client"][0]) if scope.get("client") else ""


async def _named(scope: Scope, caller: Caller, key: str, body: Body) -> Named:
    if not 0 < len(key) <= MOST_KEY_CHARACTERS:
        raise HTTPException(422, f"An Idempotency-Key has 1 to {MOST_KEY_CHARACTERS} characters.")
    request = f"{scope['method']} {scope['path']}"
    return Named(caller.key_id, key, request, await asyncio.to_thread(body.fingerprint))


def _replay(answer: Answer) -> Response:
    media_type = "application/json" if answer.status < 400 else problems.MEDIA_TYPE
    return Response(answer.body, answer.status, REPLAYED, media_type if answer.body else None)


def _answer_to(error: Exception) -> Response:
    if isinstance(error, Problem):
        return problems.of_rule(error)
    if isinstance(error, HTTPException):
        return problems.document(error.status_code, error.detail, headers=error.headers)
    return problems.unexpected()


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
