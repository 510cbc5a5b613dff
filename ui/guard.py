"""The door of the web app: whose requests may come in, how big an upload may be, which headers go out.

NiceGUI accepts every origin on its socket, and reads an upload's whole body before any handler of ours
runs, so both are decided here, before it sees the request.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
UPLOAD = re.compile(r"^/_nicegui/client/[^/]+/upload/")
DROPPED = 100_000_000
"""Bytes of a refused upload that are read all the same, so that the answer arrives."""

FORM_CAP = 50_000
"""Bytes of a form that is no upload."""

TOO_LARGE = "This file is too large."
SOCKET = "/_nicegui_ws/"
API = "/api/"
"""Opened by a key in a header only, which no other site can make a browser send."""

# NiceGUI writes inline scripts without a nonce and compiles its templates in the browser, so script-src
# can't be stricter than this; all the rest is.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "cross-origin-opener-policy": "same-origin",
}


class Guard:
    """ASGI middleware: origin check, upload cap, security headers, no-store on pages."""

    def __init__(self, app: ASGIApp, *, public_url: str, upload_cap: int) -> None:
        self.app = app
        parts = urlsplit(public_url)
        self.public_origin = f"{parts.scheme}://{parts.netloc}".lower()
        self.public_host = parts.netloc.lower()
        self.local_only = (parts.hostname or "") in LOOPBACK
        self.https = parts.scheme == "https"
        self.upload_cap = upload_cap

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self.host_is_ours(headers):
            await refuse(scope, send, 421, "This address is not served here.")
        elif is_risky(scope) and not self.origin_is_ours(headers):
            await refuse(scope, send, 403, "This request came from another site.")
        elif scope["type"] == "websocket":
            await self.app(scope, receive, send)
        elif UPLOAD.match(scope["path"]):
            await self.cap(scope, receive, self.dressed(send), self.upload_cap)
        elif is_form(scope):
            await self.cap(scope, receive, self.dressed(send), FORM_CAP)
        else:
            await self.app(scope, receive, self.dressed(send))

    def host_is_ours(self, headers: Headers) -> bool:
        """On loopback only loopback names count, or another site's DNS could point here and read pages."""
        host = headers.get("host", "").lower()
        return not self.local_only or host == self.public_host or is_loopback(host)

    def origin_is_ours(self, headers: Headers) -> bool:
        """The configured origin, or the request's own host when that is loopback; programs send none."""
        origin = headers.get("origin", "").lower()
        if not origin:
            return headers.get("sec-fetch-site", "none") in ("same-origin", "none")
        host = headers.get("host", "").lower()
        return origin == self.public_origin or (is_loopback(host) and origin == f"http://{host}")

    async def cap(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        """Answer 413 to a body of more than `most` bytes, whatever its header claims; keep none."""
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > most:
            await drop(receive)
            await refuse(scope, send, 413, TOO_LARGE)
            return
        seen = 0
        started = False
        refused = False

        async def counted() -> Message:
            nonlocal seen, refused
            if refused:
                return {"type": "http.disconnect"}
            message = await receive()
            seen += len(message.get("body", b""))
            if seen <= most:
                return message
            refused = True
            if not started:
                await refuse(scope, send, 413, TOO_LARGE)
            return {"type": "http.disconnect"}

        async def unless_refused(message: Message) -> None:
            nonlocal started
            if not refused:
                started = True
                await send(message)

        try:
            await self.app(scope, counted, unless_refused)
        except Exception:
            if not refused:  # the parser's complaint about a body that we cut off is no news
                raise

    def dressed(self, send: Send) -> Send:
        """`send`, with our headers on every answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self.https:
                    headers.setdefault("strict-transport-security", "max-age=31536000")
                if headers.get("content-type", "").startswith(("text/html", "application/json")):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        return with_headers


def is_risky(scope: Scope) -> bool:
    """Whether another site could do harm by making a person's browser send this."""
    return (
        scope["type"] == "websocket"
        or (scope["method"] not in SAFE_METHODS and not scope["path"].startswith(API))
        or bool(scope["path"].startswith(SOCKET))
    )


def is_form(scope: Scope) -> bool:
    """Whether this may have the body of a plain form; the API and the framework have limits of their own."""
    return scope["method"] not in SAFE_METHODS and not scope["path"].startswith((API, "/_nicegui"))


def is_loopback(host: str) -> bool:
    """Whether a Host header names this very machine."""
    return urlsplit(f"//{host}").hostname in LOOPBACK


async def drop(receive: Receive) -> None:
    """Read what is left of a body, up to `DROPPED` bytes, and forget it.

    Whoever is still writing when the connection closes sees it break, and never reads the answer.
    """
    seen = 0
    while seen < DROPPED:
        message = await receive()
        seen += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return


async def refuse(scope: Scope, send: Send, status: int, text: str) -> None:
    """End a request before the app sees it."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = text.encode()
    headers: Iterable[tuple[bytes, bytes]] = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})
