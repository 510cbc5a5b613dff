from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from nicegui import Client
from prometheus_client.parser import text_string_to_metric_families

from domain.access import Actor
from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from storage import receipts, senders
from storage.database import Database
from storage.receipts import Arrived
from tests import arrange, ledger
from tests.conftest import NOW
from ui import health, metrics

START = ledger.start_of(NOW)
TOKEN = "a token for Prometheus"
SEEN = START - timedelta(seconds=3)
FIGURES = {
    "outcomes": {"sandbox": {"accepted": 4, "refused": 1}},
    "latencies": {"sandbox": {"buckets": [2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1], "seconds": 31.5}},
    "pumps": 1,
    "late_by": 0.5,
    "idle": 0.0,
}
CALLS: Mapping[tuple[str, int], int] = {("twilio", 200): 40, ("twilio", 403): 7}


async def ask(
    db: Database, token: str | None, shown: str = "", *, demo: bool = False, come: str = "127.0.0.1"
) -> httpx.Response:
    app = FastAPI()
    app.include_router(metrics.router(db, lambda: START, token, lambda: CALLS, demo=demo))
    transport = httpx.ASGITransport(app, client=(come, 1))
    headers = {"Authorization": shown} if shown else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.get("/metrics", headers=headers)


def values(text: str) -> dict[tuple[str, ...], float]:
    """Each sample by its name and its labels' values."""
    families = text_string_to_metric_families(text)
    return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}


async def test_without_a_token_it_is_closed(sqlite_db: Database) -> None:
    answer = await ask(sqlite_db, None)
    assert (answer.status_code, answer.text) == (403, metrics.CLOSED)
    answer = await ask(sqlite_db, None, "Bearer ")
    assert answer.status_code == 403


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
async def test_a_wrong_token_is_refused(sqlite_db: Database, shown: str) -> None:
    answer = await ask(sqlite_db, TOKEN, shown)
    assert (answer.status_code, answer.text) == (401, metrics.REFUSED)
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_demo_is_open_from_here_alone(sqlite_db: Database) -> None:
    assert (await ask(sqlite_db, None, demo=True)).status_code == 200
    assert (await ask(sqlite_db, None, demo=True, come="10.0.0.7")).status_code == 403


async def test_everything_that_an_operator_asks_for_is_there(db: Database) -> None:
    actor: Actor = arrange.person(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(5))
    message_id = ledger.message_ids(db, campaign_id)[0]
    ledger.settle(db, ledger.claim(db, message_id, START, 1), START)
    ledger.settle(db, ledger.claim(db, message_id, START, 1), START, Outcome(Proof.REFUSED, code="landline"))
    senders.report(db, "box-1", NOW, FIGURES, SEEN)
    stray = Arrived(1, "key", None, "another program's", State.DELIVERED, "", "{}")
    receipts.take(db, [stray], START - timedelta(days=4))
    answer = await ask(db, TOKEN, f"Bearer {TOKEN}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found = values(answer.text)
    expected = {
        ("sms_queue_depth",): 3,
        ("sms_oldest_due_seconds",): 0,
        ("sms_sending_held",): 0,
        ("sms_receipts_waiting",): 1,
        ("sms_receipts_stray",): 1,
        ("sms_outgoing_webhooks_waiting",): 0,
        ("sms_live_pages",): sum(one.has_socket_connection for one in Client.instances.values()),
        ("sms_senders",): 1,
        ("sms_deliveries", "queued"): 3,
        ("sms_deliveries", "sent"): 1,
        ("sms_deliveries", "failed"): 1,
        ("sms_deliveries", "delivered"): 0,
        ("sms_delivery_errors", "sandbox", "bad_number"): 1,
        ("sms_campaigns", "running"): 1,
        ("sms_incoming_calls_total", "twilio", "403"): 7,
        ("sms_pumps", "box-1"): 1,
        ("sms_scheduler_tick_age_seconds", "box-1"): 3.5,
        ("sms_carrier_outcomes_total", "box-1", "sandbox", "accepted"): 4,
        ("sms_carrier_latency_seconds_bucket", "box-1", "sandbox", "0.005"): 2,
        ("sms_carrier_latency_seconds_bucket", "box-1", "sandbox", "0.05"): 4,
        ("sms_carrier_latency_seconds_bucket", "box-1", "sandbox", "+Inf"): 5,
        ("sms_carrier_latency_seconds_count", "box-1", "sandbox"): 5,
        ("sms_carrier_latency_seconds_sum", "box-1", "sandbox"): 31.5,
    }
    named = {(name, *sorted(labels)): value for (name, *labels), value in expected.items()}
    assert {key: found.get(key) for key in named} == named


async def ready(db: Database, late: float | None, minutes: int = 0) -> tuple[int, str]:
    app = FastAPI()
    app.include_router(health.router(db, lambda: START + timedelta(minutes=minutes), lambda: late))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        assert (await client.get("/healthz")).text == "ok\n"
        answer = await client.get("/readyz")
        return answer.status_code, answer.text


async def test_it_is_ready_while_the_database_answers_and_the_scheduler_beats(db: Database) -> None:
    assert await ready(db, 29.0) == (200, "ready\n")
    for late in (None, 31.0):
        assert await ready(db, late) == (503, "the scheduler has not run for 30 seconds\n")


async def test_it_is_not_ready_when_what_is_due_is_not_sent(db: Database) -> None:
    ledger.started(db, arrange.person(db, NOW), NOW, arrange.numbers(2))
    assert await ready(db, 0.1, minutes=4) == (200, "ready\n")
    words = "texts have been due for 12 minutes and nothing sends them\n"
    assert await ready(db, 0.1, minutes=12) == (503, words)


async def test_it_is_not_ready_without_its_database(postgres_db: Database) -> None:
    gone = Database("postgresql+psycopg://127.0.0.1:1/sms")
    assert await ready(gone, 0.1) == (503, "the database does not answer: OperationalError\n")
    gone.close()
