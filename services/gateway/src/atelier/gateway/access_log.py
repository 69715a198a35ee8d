"""One structured line a request. Built apart from the other logs to be cheap: it is on every path."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
import structlog
from structlog.typing import EventDict

from atelier.gateway.exchange import Exchange


class AccessLog:
    """Writes to stderr, like the other logs."""

    def __init__(self, log_format: Literal["json", "console"], log_level: str) -> None:
        self._wanted = logging.getLevelNamesMapping()[log_level.upper()] <= logging.INFO
        as_json = log_format == "json"
        self._log: Any = structlog.wrap_logger(
            structlog.BytesLogger(sys.stderr.buffer) if as_json else structlog.PrintLogger(sys.stderr),
            processors=[_as_json if as_json else structlog.dev.ConsoleRenderer(colors=False)],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            cache_logger_on_first_use=True,
        ).bind()

    def write(self, exchange: Exchange, seconds: float) -> None:
        """The line of an answered request; times in milliseconds."""
        if not self._wanted:
            return
        upstream = exchange.upstream_seconds
        self._log.info(
            "request",
            level="info",
            timestamp=datetime.now(UTC),
            request_id=exchange.request_id,
            trace_id=exchange.traceparent[3:35],
            user_id=exchange.user_id,
            method=exchange.method,
            route=exchange.route.template if exchange.route else None,
            status=exchange.status,
            ms=round(seconds * 1000, 1),
            upstream_ms=None if upstream is None else round(upstream * 1000, 1),
        )


def _as_json(_: object, __: str, line: EventDict) -> bytes:
    return orjson.dumps(line, option=orjson.OPT_UTC_Z)
