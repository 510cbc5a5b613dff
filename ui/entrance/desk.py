"""What the entrance's routes share: the form that was posted, the visitor's browser, and the cookie."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from domain.browsers import in_words
from domain.problems import NotAllowed, Problem
from domain.sessions import ABSOLUTE
from domain.throttling import TooManyAttempts
from storage.signing_in import SignedIn, Visitor
from ui import doorkeeper
from ui.world import World

T = TypeVar("T")

AT_ONCE = 2
"""Passwords hashed at the same time: each takes 64 MiB."""


class Desk:
    """Where people sign in."""

    def __init__(self, world: World, *, https: bool) -> None:
        self.world, self.https = world, https
        self.cookie = doorkeeper.cookie_name(https=https)
        self._hashing = asyncio.Semaphore(AT_ONCE)

    def visitor(self, request: Request) -> Visitor:
        """The browser, with the cookie that it brought."""
        return Visitor(
            doorkeeper.address(request.scope),
            in_words(request.headers.get("user-agent", "")),
            doorkeeper.cookie(request.headers, self.cookie),
        )

    async def hash(self, verb: Callable[..., T], *arguments: Any) -> T:
        """Run a verb that hashes a password, beside the event loop and beside storage's own threads."""
        async with self._hashing:
            return await asyncio.to_thread(verb, self.world.db, *arguments)

    def admit(self, done: SignedIn, to: str) -> Response:
        """Give the browser its new cookie and lead it on."""
        answer = RedirectResponse(to, status_code=303)
        answer.set_cookie(
            self.cookie,
            done.token,
            max_age=int(ABSOLUTE.total_seconds()),
            path="/",
            secure=self.https,
            httponly=True,
            samesite="lax",
        )
        return answer

    def dismiss(self, to: str = "/login") -> Response:
        """Take the cookie away."""
        answer = RedirectResponse(to, status_code=303)
        answer.delete_cookie(self.cookie, path="/", secure=self.https, httponly=True, samesite="lax")
        return answer


async def posted(request: Request) -> Mapping[str, str]:
    """The form's fields as text."""
    async with request.form(max_files=0, max_fields=20) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def status(problem: Problem) -> int:
    """The status of a page that says what is wrong."""
    if isinstance(problem, TooManyAttempts):
        return 429
    return 401 if isinstance(problem, NotAllowed) else 422
