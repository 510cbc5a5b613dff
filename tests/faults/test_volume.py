"""Thousands of people on real parts: every delivery ends where its number says, and the counts add up."""

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import uvicorn
from sqlalchemy import update

from domain.campaigns import Status
from domain.deliveries import State
from domain.sandbox import BEHAVIOURS, final_state
from sender.dispatcher import Dispatcher
from sender.webhooks import Webhooks
from storage import campaigns, contacts, results
from storage.contacts import Entry
from storage.database import Database
from storage.tables import Message
from tests import arrange, ledger, wait

PEOPLE = int(os.environ.get("VOLUME", "2000"))  # VOLUME=20000 for the figures


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def sender(sqlite_db: Database) -> Iterator[Dispatcher]:
    """The sender, and our webhooks on loopback."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(Webhooks(sqlite_db, now, url), log_config=None, lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: server.run([listener]), daemon=True)
    thread.start()
    wait.until(lambda: server.started)
    made = Dispatcher(sqlite_db, now, url, "secret" * 8)
    yield made
    made.stop()
    server.should_exit = True
    thread.join(10)


def test_thousands_of_deliveries_end_as_their_numbers_prescribe(
    sqlite_db: Database, sender: Dispatcher
) -> None:
    begun = now()
    actor = arrange.person(sqlite_db, begun)
    arrange.no_pause(sqlite_db, actor, begun)
    phones = arrange.numbers(PEOPLE, list(BEHAVIOURS) * 3)
    line_id = arrange.line(sqlite_db, begun, rate=None, delay=0.5)
    list_id = contacts.create_list(sqlite_db, actor, "Everybody", begun)
    contacts.add(sqlite_db, actor, list_id, [Entry(phone) for phone in phones], begun)
    campaign_id = arrange.draft(sqlite_db, actor, begun, line_id, list_id)
    campaigns.schedule(sqlite_db, actor, campaign_id, begun)
    with sqlite_db.write() as session:
        session.execute(update(Message).values(send_at=now(), begins_at=now()))
    expected = Counter(map(final_state, phones))
    began = time.monotonic()
    sender.start()

    def tally() -> dict[State, int]:
        return results.overview(sqlite_db, campaign_id, now()).messages[0].tally

    wait.until(lambda: tally() == expected, 240, "the last receipt")
    took = time.monotonic() - began
    wait.until(lambda: results.overview(sqlite_db, campaign_id, now()).standing.status is Status.COMPLETED)
    ledger.check_tallies(sqlite_db)
    states = ledger.states(sqlite_db, ledger.message_ids(sqlite_db, campaign_id)[0])
    assert states == {phone: final_state(phone) for phone in phones}
    print(f"{PEOPLE} deliveries with receipts took {took:.1f} s")  # noqa: T201 - the figure is the point
