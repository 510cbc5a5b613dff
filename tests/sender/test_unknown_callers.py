"""Guessed addresses of webhooks: turned away with hardly a query, and never in the way of a new account."""

import secrets
from typing import Any

import pytest
from sqlalchemy import event

from sender import webhooks
from sender.webhooks import Webhooks
from storage.database import Database
from tests import arrange
from tests.conftest import NOW
from tests.wait import until_async


async def call(app: Webhooks, token: str) -> int:
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b'{"id": "x", "status": "nothing"}'}

    async def send(message: dict[str, Any]) -> None:
        statuses.append(message.get("status", 0))

    path = f"/webhooks/sandbox/{token}/status"
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": []}
    await app(scope, receive, send)
    return statuses[0]


async def test_many_guesses_cost_a_query_in_a_while(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "GUESS_SECONDS", 60.0)
    token = arrange.token(db, arrange.line(db, NOW))
    app = Webhooks(db, lambda: NOW, "http://here")
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(db._readers, "before_cursor_execute", note)
    guesses = [await call(app, secrets.token_hex(16)) for _ in range(200)]
    event.remove(db._readers, "before_cursor_execute", note)
    assert set(guesses) == {404}
    assert len([one for one in statements if "carrier_account" in one]) == webhooks.GUESSES + 1
    assert await call(app, token) != 404
    assert app.answered["sandbox", 404] == 200


async def test_a_new_account_is_heard_in_a_moment_whoever_guesses(db: Database) -> None:
    app = Webhooks(db, lambda: NOW, "http://here")
    assert await call(app, secrets.token_hex(16)) == 404
    token = arrange.token(db, arrange.line(db, NOW))

    for _ in range(webhooks.GUESSES - 1):
        assert await call(app, token) != 404  # a few wrong calls keep nobody out
        assert await call(app, secrets.token_hex(16)) == 404
    newer = arrange.token(db, arrange.line(db, NOW, label="Another"))

    async def heard() -> bool:
        await call(app, secrets.token_hex(16))
        return await call(app, newer) != 404

    await until_async(heard, 20, "the new account's being heard")
