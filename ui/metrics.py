"""/metrics for Prometheus: the ledger from its tallies, every sender from its reports, and this web."""

import hmac
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import accumulate

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from nicegui import Client
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from domain.deliveries import State
from domain.latencies import BOUNDS
from domain.settings import LOOPBACK
from storage import measures
from storage.database import Database
from storage.measures import Measures
from storage.tables import SenderProcess

Calls = Mapping[tuple[str, int], int]
"""Calls of carriers to this web's webhooks, by kind of carrier and the status of our answer."""

CLOSED = "There are no metrics here until SMS_METRICS_TOKEN is set.\n"
REFUSED = "Send the metrics token in the header: Authorization: Bearer TOKEN.\n"


def router(
    db: Database, clock: Callable[[], datetime], token: str | None, calls: Callable[[], Calls], *, demo: bool
) -> APIRouter:
    """The one route; `calls` tells what came to the webhooks of this process."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/metrics")
    async def metrics(request: Request) -> Response:
        """Everything at this instant, for who has the token; in a demo for whoever asks from here."""
        if not (demo and _is_local(request)):
            if token is None:
                return PlainTextResponse(CLOSED, 403)
            if not _shows(request, token):
                return PlainTextResponse(REFUSED, 401, {"WWW-Authenticate": "Bearer"})
        now = clock()
        scrape = Scrape(await db.run(measures.read, now), now, _live_pages(), calls())
        registry = CollectorRegistry()
        registry.register(scrape)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes


class Scrape(Collector):
    """One look, as Prometheus takes it."""

    def __init__(self, found: Measures, now: datetime, pages: int, calls: Calls) -> None:
        self.found, self.now, self.pages, self.calls = found, now, pages, calls

    def collect(self) -> Iterator[Metric]:
        """Every family; names and labels are listed in docs/operations.md."""
        found = self.found
        yield _gauge("sms_queue_depth", "Texts of running campaigns that are still to be sent", found.queued)
        yield _gauge(
            "sms_oldest_due_seconds", "For how long the oldest text has been due", found.oldest_due or 0.0
        )
        yield _gauge("sms_sending_held", "1 while all sending waits for a release", int(found.held))
        yield _gauge("sms_receipts_waiting", "Receipts stored and not applied", found.receipts_waiting)
        yield _gauge("sms_receipts_stray", "Receipts of 30 days that fit no text", found.receipts_stray)
        yield _gauge("sms_outgoing_webhooks_waiting", "Events still to be told", found.calls_waiting)
        yield _gauge("sms_live_pages", "Browser pages that are open here", self.pages)
        yield _gauge("sms_senders", "Processes that send", len(found.senders))
        yield _gauges(
            "sms_deliveries",
            "Deliveries by state",
            ("state",),
            {(state.value,): found.deliveries.get(state, 0) for state in State},
        )
        yield _gauges(
            "sms_delivery_errors",
            "Deliveries that failed or were not delivered, by class of error",
            ("carrier", "class"),
            {(kind, words): count for (kind, words), count in found.errors.items()},
        )
        yield _gauges(
            "sms_campaigns",
            "Campaigns by status",
            ("status",),
            {(status.value,): count for status, count in found.campaigns.items()},
        )
        yield _gauges(
            "sms_line_held",
            "Lines that don't send at their full pace, and why",
            ("line", "why"),
            dict.fromkeys(found.lines, 1),
        )
        incoming = CounterMetricFamily(
            "sms_incoming_calls", "Calls of carriers to our webhooks", labels=("carrier", "status")
        )
        for (kind, status), count in self.calls.items():
            incoming.add_metric((kind, str(status)), count)
        yield incoming
        yield from self._senders()

    def _senders(self) -> Iterator[Metric]:
        pumps = GaugeMetricFamily("sms_pumps", "Pumps that run", labels=("sender",))
        late = GaugeMetricFamily(
            "sms_scheduler_tick_age_seconds", "Since the scheduler's last beat", labels=("sender",)
        )
        outcomes = CounterMetricFamily(
            "sms_carrier_outcomes",
            "What calls to carriers came to",
            labels=("sender", "carrier", "outcome"),
        )
        latencies = HistogramMetricFamily(
            "sms_carrier_latency_seconds", "How long carriers took to answer", labels=("sender", "carrier")
        )
        for sender in self.found.senders:
            figures = sender.figures
            pumps.add_metric((sender.id,), figures["pumps"])
            late.add_metric((sender.id,), self._tick_age(sender))
            for kind, counts in figures["outcomes"].items():
                for outcome, count in counts.items():
                    outcomes.add_metric((sender.id, kind, outcome), count)
            for kind, latency in figures["latencies"].items():
                sums = accumulate(latency["buckets"])
                bounds = [*(str(bound) for bound in BOUNDS), "+Inf"]
                buckets = list(zip(bounds, sums, strict=True))
                latencies.add_metric((sender.id, kind), buckets, latency["seconds"])
        yield from (pumps, late, outcomes, latencies)

    def _tick_age(self, sender: SenderProcess) -> float:
        """As it was reported, and older by now."""
        since = max(0.0, (self.now - sender.seen_at).total_seconds())
        return float(sender.figures["late_by"] or 0.0) + since


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _gauges(
    name: str, words: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]
) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _live_pages() -> int:
    return sum(1 for client in Client.instances.values() if client.has_socket_connection)


def _is_local(request: Request) -> bool:
    return request.client is not None and request.client.host in LOOPBACK


def _shows(request: Request, token: str) -> bool:
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), token.encode())
