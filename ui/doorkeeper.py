"""Nobody comes in without a session, but to the few places that are open or have keys of their own."""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.sessions import SignedOut
from ui import assets
from ui.guard import refuse
from ui.visits import KEY, Halfway, Visits, current

OPEN = ("/login", "/logout", "/setup", "/healthz", "/readyz", "/metrics", "/favicon.ico")
OPEN_BELOW = (f"{assets.PREFIX}/", "/login/", "/invite/", "/reset/", "/api/", "/media/", "/l/", "/webhooks/")
FRAMEWORK = "/_nicegui/"
FRAMEWORKS_PAGES = "/_nicegui/client/"
"""The framework's own files are nobody's secret, its pages' uploads are."""


class Doorkeeper:
    """ASGI middleware: finds the visit of each request, and leads who has none to the sign-in."""

    def __init__(self, app: ASGIApp, *, visits: Visits, https: bool) -> None:
        self.app, self.visits, self.cookie = app, visits, cookie_name(https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or not."""
        if scope["type"] not in ("http", "websocket") or is_open(scope["path"]):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            visit = await self.visits.begin(cookie(headers, self.cookie), address(scope))
        except SignedOut as problem:
            if wants_a_page(scope, headers):
                had_one = bool(cookie(headers, self.cookie)) and not isinstance(problem, Halfway)
                await lead_to_sign_in(scope, send, ended=had_one)
            else:
                await refuse(scope, send, 401, problem.text)
            return
        scope[KEY] = visit
        token = current.set(visit)
        try:
            await self.app(scope, receive, send)
        finally:
            current.reset(token)


def is_open(path: str) -> bool:
    """Whether the place needs no session."""
    if path.startswith(FRAMEWORK):
        return not path.startswith(FRAMEWORKS_PAGES)
    return path in OPEN or path.startswith(OPEN_BELOW)


def cookie_name(*, https: bool) -> str:
    """The session's cookie; the prefix makes browsers refuse it from anywhere but this very host."""
    return "__Host-sms_session" if https else "sms_session"


def cookie(headers: Headers, name: str) -> str:
    """The value of the cookie of that name, or nothing."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def address(scope: Scope) -> str:
    """Where a request comes from."""
    return scope["client"][0] if scope.get("client") else ""


def wants_a_page(scope: Scope, headers: Headers) -> bool:
    """Whether a person waits for a page, who can be led elsewhere."""
    return (
        scope["type"] == "http"
        and scope["method"] in ("GET", "HEAD")
        and not scope["path"].startswith(("/_nicegui", "/exports/"))
        and "text/html" in headers.get("accept", "")
    )


async def lead_to_sign_in(scope: Scope, send: Send, *, ended: bool) -> None:
    """Answer with the way to the sign-in, and back from there; `ended` if there was a session."""
    query = scope.get("query_string", b"").decode("latin-1")
    back = scope["path"] + (f"?{query}" if query else "")
    said = ["ended=1"] if ended else []
    said += [f"next={quote(back, safe='')}"] if back != "/" else []
    location = "/login?" + "&".join(said) if said else "/login"
    headers = [(b"location", location.encode("ascii")), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
