"""Logs and traces: one trace id from the gateway to the last consumer.

Without `OTEL_EXPORTER_OTLP_ENDPOINT` nothing is recorded, and the W3C `traceparent` still goes
through, so that log lines of all services can be joined.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON
from opentelemetry.trace import Link, Span, SpanContext, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from atelier.runtime.request_context import current_cause

_propagator = TraceContextTextMapPropagator()
_provider = TracerProvider(sampler=ALWAYS_OFF)
_tracer = _provider.get_tracer("atelier")


def configure(service: str, otlp_endpoint: str | None, log_format: str, log_level: str) -> None:
    """Set up logs to stderr and, where an endpoint is given, the export of spans."""
    _configure_logs(service, log_format, log_level)
    global _provider, _tracer
    if otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        _provider = TracerProvider(resource=Resource.create({"service.name": service}), sampler=ALWAYS_ON)
        exporter = OTLPSpanExporter(endpoint=otlp_endpoint.rstrip("/") + "/v1/traces")
        _provider.add_span_processor(BatchSpanProcessor(exporter))
        _tracer = _provider.get_tracer("atelier")


def shut_down() -> None:
    """Send what spans are left; bounded by the exporter's own deadline."""
    _provider.shutdown()


@contextmanager
def server_span(method: str, traceparent: bytes | None) -> Iterator[str]:
    """The span of a request, a child of the caller's; yields its `traceparent`."""
    parent = traceparent.decode("ascii", "replace") if traceparent else None
    with _span(f"HTTP {method}", SpanKind.SERVER, parent) as span:
        yield traceparent_of(span)


@contextmanager
def consumer_span(name: str, traceparent: str | None) -> Iterator[str]:
    """The span of one fact or job, a child of what caused it; yields its `traceparent`."""
    with _span(name, SpanKind.CONSUMER, traceparent) as span:
        yield traceparent_of(span)


@contextmanager
def batch_span(name: str, traceparents: Sequence[str | None]) -> Iterator[None]:
    """The span of a batch, linked to what caused each of its records."""
    links = [Link(context) for context in map(_context, traceparents) if context.is_valid]
    with _tracer.start_as_current_span(name, kind=SpanKind.CONSUMER, links=links):
        yield


@contextmanager
def _span(name: str, kind: SpanKind, traceparent: str | None) -> Iterator[Span]:
    parent = _propagator.extract({"traceparent": traceparent} if traceparent else {})
    with _tracer.start_as_current_span(name, context=parent, kind=kind) as span:
        yield span


def traceparent_of(span: Span) -> str:
    """The W3C header of a span."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier, trace.set_span_in_context(span))
    return carrier.get("traceparent", "")


def _context(traceparent: str | None) -> SpanContext:
    extracted = _propagator.extract({"traceparent": traceparent} if traceparent else {})
    return trace.get_current_span(extracted).get_span_context()


def _configure_logs(service: str, log_format: str, log_level: str) -> None:
    renderer = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_cause,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[log_level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _quieten(log_level)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _quieten(log_level: str) -> None:
    """Both clients tell of each try while a broker is away, dozens a second; we tell of it once.

    FastStream also warns of settings that are meant. With `LOG_LEVEL=DEBUG` they speak.
    """
    if log_level.upper() == "DEBUG":
        return
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    logging.getLogger("faststream").addFilter(lambda record: record.levelno >= logging.ERROR)


def _add_cause(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    cause = current_cause.get()
    if cause.traceparent:
        line["trace_id"] = cause.traceparent.split("-")[1]
    line.setdefault("request_id", cause.correlation_id)
    return line
