"""What a page does about the end of its session: it leads to the sign-in, and keeps what was typed."""

from fastapi import APIRouter
from fastapi.responses import Response
from nicegui import Client, ui

PATH = "/session"
"""Answers 204 to who is signed in, and 401, as every closed door, to who is not."""


class SessionWatch(ui.element, component="components/session_watch.js"):
    """Watches in the browser; what it kept is offered only to the person who typed it."""

    def __init__(self, person: int) -> None:
        super().__init__()
        self.props["person"] = person


def tell(client: Client) -> None:
    """Let an open page know that its session is over, or has another role; it sees which."""
    client.run_javascript("window.signedOut ? signedOut(true) : location.reload()")


def router() -> APIRouter:
    """The route that such a page asks."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(PATH)
    async def session() -> Response:
        return Response(status_code=204)

    return routes
