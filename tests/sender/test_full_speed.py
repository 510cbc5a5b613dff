"""A stop, or a long sleep, while a line without a rate sends as fast as it can."""

import asyncio

import httpx

from domain.deliveries import State
from domain.schedules import claim_size
from sender.pump import Pump, Sending
from storage import campaigns
from storage.database import Database
from storage.deliveries import STALE_AFTER, abandon
from storage.tables import Message
from storage.tallies import by_state, of_messages, recount
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
PEOPLE = 1_000


class Carrier(httpx.AsyncBaseTransport):
    """Accepts everything and counts; after so many messages a person presses Stop, in a thread of theirs."""

    def __init__(self, db: Database, campaign_id: int, after: int) -> None:
        self.db, self.campaign_id, self.after = db, campaign_id, after
        self.sent = 0
        self.sent_when_stopped = 0
        self.stopping: asyncio.Task[None] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent += 1
        if self.sent == self.after:
            self.stopping = asyncio.create_task(self._stop())
        await asyncio.sleep(0)
        return httpx.Response(202, json={"id": f"m-{self.sent}"})

    async def _stop(self) -> None:
        actor = arrange.person(self.db, START, name="Who stops")
        await asyncio.to_thread(campaigns.stop, self.db, actor, self.campaign_id, START)
        self.sent_when_stopped = self.sent


async def test_one_claimed_batch_at_most_goes_out_after_the_stop_has_returned(sqlite_db: Database) -> None:
    db = sqlite_db
    line_id = arrange.line(db, NOW, base_url="http://carrier.example")
    actor = arrange.person(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(PEOPLE), line_id=line_id)
    message_id = ledger.message_ids(db, campaign_id)[0]
    carrier = Carrier(db, campaign_id, after=200)
    await Pump(Sending(db, lambda: START, carrier, "http://127.0.0.1:1", "s" * 40), line_id).run()
    assert carrier.stopping is not None
    await carrier.stopping
    assert carrier.sent - carrier.sent_when_stopped <= claim_size(None)
    with db.read() as session:
        assert session.get_one(Message, message_id).state.value == "canceled"
        counted = recount(session, message_id)
        assert counted == of_messages(session, [message_id])[message_id]
    counts = by_state(counted)
    assert counts == {State.SENT: carrier.sent, State.CANCELED: PEOPLE - carrier.sent}
    assert counts[State.CANCELED] > 0


class Sleeper(httpx.AsyncBaseTransport):
    """Accepts everything; after so many messages the machine sleeps, and others count the claims out."""

    def __init__(self, db: Database, after: int) -> None:
        self.db, self.after = db, after
        self.now = START
        self.sent = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent += 1
        if self.sent == self.after:
            self.now += 2 * STALE_AFTER
            abandon(self.db, self.now - STALE_AFTER)
        return httpx.Response(202, json={"id": f"m-{self.sent}"})


async def test_what_was_claimed_before_a_long_sleep_is_not_sent_after_it(sqlite_db: Database) -> None:
    db = sqlite_db
    line_id = arrange.line(db, NOW, base_url="http://carrier.example")
    actor = arrange.person(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(100), line_id=line_id)
    message_id = ledger.message_ids(db, campaign_id)[0]
    carrier = Sleeper(db, after=10)
    await Pump(Sending(db, lambda: carrier.now, carrier, "http://127.0.0.1:1", "s" * 40), line_id).run()
    with db.read() as session:
        counts = by_state(of_messages(session, [message_id])[message_id])
    assert counts == {State.SENT: carrier.sent, State.UNKNOWN: 100 - carrier.sent}
    assert counts[State.UNKNOWN] > 0
