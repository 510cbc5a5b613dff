"""Traces of the real program, as a collector gets them: the four kinds of spans, and nothing about people."""

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from domain.access import Role
from domain.deliveries import State
from storage import api_keys
from tests import wait
from tests.faults.program import run
from tests.faults.stage import Stage


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A collector's address, and the exports that it got."""
    got: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            assert self.path == "/v1/traces"
            got.append(body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join()
    server.server_close()


def spans(got: list[bytes]) -> Counter[str]:
    names: Counter[str] = Counter()
    for body in got:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            assert any(one.value.string_value == "sms-campaigns" for one in resource.resource.attributes)
            names.update(span.name for scope in resource.scope_spans for span in scope.spans)
    return names


def test_a_campaign_is_traced_to_who_asked_for_it(
    sqlite_stage: Stage, collector: tuple[str, list[bytes]]
) -> None:
    stage, (address, got) = sqlite_stage, collector
    stage.carrier.behave(receipts={"within": 0.2})
    campaign = stage.campaign(people=40)
    key = api_keys.create(stage.db, "Tracer", Role.ADMIN, stage.now)
    program = stage.program(OTEL_EXPORTER_OTLP_ENDPOINT=address)
    program.start()
    stage.wait_for_end(campaign)
    wait.until(lambda: stage.states(campaign)[State.DELIVERED] == 40, 60, "the receipts")
    url = f"{program.url}/api/v1/contacts?search={campaign.phones[0][1:]}"
    headers = {"authorization": f"Bearer {key}"}
    assert httpx.get(url, headers=headers, timeout=20).status_code == 200
    assert program.terminate() == 0
    names = spans(got)
    assert names["send"] == 40
    assert names["API request"] == 1
    assert names["claim and outcome"] >= 2
    assert names["receipt batch"] >= 1
    assert names.keys() == {"send", "API request", "claim and outcome", "receipt batch"}
    told = b"".join(got)
    secrets = [phone[1:].encode() for phone in campaign.phones]
    secrets += [campaign.text.encode(), campaign.token.encode(), key.encode()]
    assert [secret for secret in secrets if secret in told] == []


def test_a_wrong_address_is_refused_by_its_name(sqlite_stage: Stage) -> None:
    refused = run(sqlite_stage.data, "migrate", OTEL_EXPORTER_OTLP_ENDPOINT="over there")
    assert refused.returncode == 2
    assert refused.stderr.startswith("OTEL_EXPORTER_OTLP_ENDPOINT must be an address")
