"""One structured line a request. Built apart from the other logs to be cheap: it is on every path."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal

import orjson
import structlog

from atelier.gateway.exchange import Exchange


class AccessLog:
    """Writes to stderr, like the other logs."""

    def __init__(self, log_format: Literal["json", "console"], log_level: str) -> None:
        level = logging.getLevelNamesMapping()[log_level.upper()]
        console = structlog.dev.ConsoleRenderer(colors=False)
        to_bytes = structlog.processors.JSONRenderer(serializer=orjson.dumps)
        self._log: Any = structlog.wrap_logger(
            structlog.BytesLogger(sys.stderr.buffer)
            if log_format == "json"
            else structlog.PrintLogger(sys.stderr),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                to_bytes if log_format == "json" else console,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(level),
            cache_logger_on_first_use=True,
        ).bind()

    def write(self, exchange: Exchange, seconds: float) -> None:
        """The line of an answered request; times in milliseconds."""
        upstream = exchange.upstream_seconds
        self._log.info(
            "request",
            request_id=exchange.request_id,
            trace_id=exchange.traceparent[3:35],
            user_id=exchange.user_id,
            method=exchange.method,
            route=exchange.route.template if exchange.route else None,
            status=exchange.status,
            ms=round(seconds * 1000, 1),
            upstream_ms=None if upstream is None else round(upstream * 1000, 1),
        )
