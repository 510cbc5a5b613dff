"""Every error as a problem document (RFC 9457), whatever part of the program it comes from."""

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from domain.attachments import FileTooLarge
from domain.problems import Conflict, NotAllowed, NotFound, Problem, Unavailable
from storage.campaigns import OverdueMessages
from ui.api.world import VISIT

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 100
"""Wrong fields named in one answer; whoever sends more learns no more from the rest."""

_STATUSES: Mapping[type[Problem], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    FileTooLarge: 413,
    Unavailable: 503,
}


class ProblemResponse(JSONResponse):
    """A problem document on its way out."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """As JSON; what a caller sent and is quoted may hold what UTF-8 can't."""
        return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")


def document(
    status: int, detail: str, code: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> ProblemResponse:
    """The answer for a problem; `code` is its name for programs."""
    title = HTTPStatus(status).phrase
    body = {
        "type": f"/api/docs#problem-{status}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code or _snake(title.replace(" ", "")),
        **more,
    }
    return ProblemResponse(body, status, {"cache-control": "no-store", **(headers or {})})


def of_rule(problem: Problem) -> ProblemResponse:
    """The answer for a broken rule, in the rule's own words."""
    status = next((status for kind, status in _STATUSES.items() if isinstance(problem, kind)), 422)
    more: dict[str, Any] = {}
    if isinstance(problem, OverdueMessages):
        more["messages"] = [{"id": id_, "position": place} for id_, place in problem.messages.items()]
    return document(status, problem.text, _snake(type(problem).__name__), **more)


def unexpected() -> ProblemResponse:
    """The answer when the program itself is wrong; what happened is in the log, not here."""
    return document(500, "Something went wrong here. Nothing more is known to you; try again later.")


def install(app: FastAPI) -> None:
    """Let the app answer every exception with a problem document."""

    @app.exception_handler(Problem)
    async def _rule(_request: Request, problem: Problem) -> ProblemResponse:
        return of_rule(problem)

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> ProblemResponse:
        detail = error.detail
        if error.status_code == 404:
            detail = "There is nothing at this address."
        elif error.status_code == 405:
            detail = "This address does not take this method."
        return document(error.status_code, str(detail), headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> ProblemResponse:
        request.scope[VISIT].refused = True
        errors = [_field_error(item) for item in error.errors()[:MOST_ERRORS]]
        first = errors[0] if errors else {"field": "", "detail": ""}
        return document(422, f"{first['field']}: {first['detail']}", "invalid_request", errors=errors)

    @app.exception_handler(Exception)
    async def _unexpected(_request: Request, _error: Exception) -> ProblemResponse:
        return unexpected()


def _field_error(item: Mapping[str, Any]) -> dict[str, str]:
    """Which field is wrong, as a path such as body.0.phone, and why."""
    place: Sequence[Any] = item["loc"]
    return {"field": ".".join(str(part) for part in place), "detail": str(item["msg"])}


def _snake(name: str) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()
