"""W3C trace context: each request is a span, a child of the caller's where that one is valid."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

_VALID = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")

Span = AbstractContextManager[str]
"""Yields the `traceparent` to send on."""
StartSpan = Callable[[str, bytes | None], Span]
"""(method, incoming `traceparent`) → the request's span."""


def next_traceparent(incoming: bytes | None) -> str:
    """The header that goes on: same trace with a span id of ours, or a new trace."""
    valid = _VALID.fullmatch(incoming) if incoming else None
    if valid is None:
        return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"
    trace_id, flags = valid.groups()
    return f"00-{trace_id.decode()}-{os.urandom(8).hex()}-{flags.decode()}"


def unrecorded(method: str, incoming: bytes | None) -> Span:
    """A span that nobody keeps; its ids still join the log lines of all services."""
    return nullcontext(next_traceparent(incoming))


def start_span_with(otlp_endpoint: str | None) -> StartSpan:
    """Spans that are exported where an endpoint is given. `telemetry.configure` must have run."""
    if otlp_endpoint is None:
        return unrecorded
    from atelier.runtime import telemetry

    return telemetry.server_span
