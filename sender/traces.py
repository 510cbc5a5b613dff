"""Spans of OpenTelemetry around what the sender does, where tracing is on; nothing at all where it is not."""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from opentelemetry import trace
from opentelemetry.trace import ProxyTracerProvider, Tracer

from domain.settings import TRACER

T = TypeVar("T")


def tracer() -> Tracer | None:
    """The tracer of this process; None unless somebody gave it a place to send to."""
    provider = trace.get_tracer_provider()
    return None if isinstance(provider, ProxyTracerProvider) else provider.get_tracer(TRACER)


@contextmanager
def exported(collector: str) -> Iterator[None]:
    """Send this process's spans to the collector at that address; what is left goes out at the end."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    class OurSpans(BatchSpanProcessor):
        """Lets no library's own spans out: those name addresses with all that is asked for."""

        def on_end(self, span: ReadableSpan) -> None:
            """Keep what our own rooms measured."""
            if span.instrumentation_scope is not None and span.instrumentation_scope.name == TRACER:
                super().on_end(span)

    provider = TracerProvider(resource=Resource.create({"service.name": "sms-campaigns"}))
    exporter = OTLPSpanExporter(endpoint=f"{collector}/v1/traces", timeout=5)
    provider.add_span_processor(OurSpans(exporter))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()


async def within(tracer: Tracer | None, name: str, work: Awaitable[T], **attributes: int | str) -> T:
    """Wait for the work inside a span; an error's text may be about a person, so it stays out."""
    if tracer is None:
        return await work
    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ):
        return await work
