"""Receipts that come together share a commit, and no answer goes out before its receipt is durable."""

import asyncio
import json
import threading
from typing import Any

import pytest
from sqlalchemy import event, text

from domain.access import Actor
from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from sender.webhooks import Webhooks
from storage import deliveries
from storage.database import Database
from storage.deliveries import Settled
from storage.tables import Message
from storage.tallies import of_messages, recount
from tests import arrange, ledger, wait
from tests.conftest import NOW

START = ledger.start_of(NOW)
PEOPLE = 40


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def sent(db: Database, actor: Actor) -> tuple[int, str, list[str]]:
    """A message that the carrier has accepted for everybody; its webhooks' token, and the attempts."""
    line_id = arrange.line(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(PEOPLE), line_id=line_id)
    message_id = ledger.message_ids(db, campaign_id)[0]
    claimed = ledger.claim(db, message_id, START, PEOPLE)
    outcome = Outcome(Proof.ACCEPTED, "m-1")
    deliveries.settle(db, [Settled(c.id, c.attempt_id, outcome, START) for c in claimed], START)
    query = "SELECT token FROM carrier_account a JOIN line l ON l.account_id = a.id WHERE l.id = :id"
    with db.read() as session:
        token = str(session.execute(text(query), {"id": line_id}).scalar())
        assert session.get_one(Message, message_id).state is not None
    return message_id, token, [one.attempt_id for one in claimed]


class Call:
    """One receipt on its way into the application."""

    def __init__(self, token: str, attempt: str) -> None:
        self.event = f"event-of-{attempt}"
        self.status = 0
        self.read = False
        self.scope = {
            "type": "http", "method": "POST", "path": f"/webhooks/sandbox/{token}/status",
            "query_string": f"a={attempt}".encode(), "headers": [],
        }  # fmt: skip
        self.body = json.dumps({"id": "m-1", "status": "delivered", "event_id": self.event}).encode()

    async def receive(self) -> dict[str, Any]:
        self.read = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, part: dict[str, Any]) -> None:
        self.status = part.get("status", self.status)


def kept(db: Database, key: str) -> int:
    """As another connection sees it: only what is committed."""
    with db.read() as session:
        query = text("SELECT count(*) FROM receipt_inbox WHERE dedupe_key = :key AND applied_at IS NOT NULL")
        return int(session.execute(query, {"key": key}).scalar() or 0)


async def test_an_answer_comes_after_its_commit_and_a_burst_shares_few(db: Database, actor: Actor) -> None:
    message_id, token, attempts = sent(db, actor)
    webhooks = Webhooks(db, lambda: START, "https://app.example")
    early: list[str] = []
    commits: list[object] = []
    event.listen(db.engine, "commit", commits.append)

    class Checking(Call):
        async def send(self, part: dict[str, Any]) -> None:
            await super().send(part)
            if not await db.run(kept, self.event):
                early.append(self.event)

    calls = [Checking(token, attempt) for attempt in attempts]
    await asyncio.gather(*(webhooks(call.scope, call.receive, call.send) for call in calls))
    assert [call.status for call in calls] == [200] * PEOPLE
    assert early == []
    assert 1 <= len(commits) <= PEOPLE // 4
    with db.read() as session:
        assert of_messages(session, [message_id])[message_id] == recount(session, message_id)
        assert recount(session, message_id) == {(State.DELIVERED, ""): PEOPLE}


async def test_nothing_is_answered_while_the_commit_waits(sqlite_db: Database) -> None:
    db = sqlite_db
    _message, token, attempts = sent(db, arrange.person(db, NOW))
    webhooks = Webhooks(db, lambda: START, "https://app.example")
    warm, *rest = (Call(token, attempt) for attempt in attempts)
    await webhooks(warm.scope, warm.receive, warm.send)  # so that the account is known

    holding, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with db.write():
            holding.set()
            let_go.wait(60)

    writer = threading.Thread(target=hold)
    writer.start()
    assert await asyncio.to_thread(holding.wait, 30)
    answering = [asyncio.create_task(webhooks(call.scope, call.receive, call.send)) for call in rest]
    await wait.until_async(lambda: all(call.read for call in rest), 30, "every call being read")
    assert not any(task.done() for task in answering) and not any(call.status for call in rest)
    let_go.set()
    await asyncio.gather(*answering)
    writer.join(30)
    assert {call.status for call in rest} == {200}
    assert all(kept(db, call.event) for call in rest)
