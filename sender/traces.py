"""Spans of OpenTelemetry around what the sender does, where tracing is on; nothing at all where it is not."""

from collections.abc import Awaitable
from typing import TypeVar

from opentelemetry import trace
from opentelemetry.trace import ProxyTracerProvider, Tracer

from domain.settings import TRACER

T = TypeVar("T")


def tracer() -> Tracer | None:
    """The tracer of this process; None unless somebody gave it a place to send to."""
    provider = trace.get_tracer_provider()
    return None if isinstance(provider, ProxyTracerProvider) else provider.get_tracer(TRACER)


async def within(tracer: Tracer | None, name: str, work: Awaitable[T], **attributes: int | str) -> T:
    """Wait for the work inside a span; an error's text may be about a person, so it stays out."""
    if tracer is None:
        return await work
    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ):
        return await work
