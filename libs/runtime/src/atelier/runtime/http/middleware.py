"""Pure ASGI: the request's cause and trace around everything, one log line and metric after it."""

from __future__ import annotations

import re
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from atelier.runtime import metrics, telemetry
from atelier.runtime.clock import new_id
from atelier.runtime.http.errors import answer
from atelier.runtime.request_context import Cause, because_of

log = structlog.get_logger("http")
SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
QUIET = ("/health", "/metrics")


class RequestContext:
    """Takes over the gateway's request id and trace, or starts them, and answers the id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = _request_id(headers.get(b"x-request-id", b""))
        with (
            telemetry.server_span(scope["method"], headers.get(b"traceparent")) as traceparent,
            because_of(Cause(correlation_id=request_id, traceparent=traceparent)),
        ):
            await self._timed(scope, receive, send, request_id)

    async def _timed(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._guarded(scope, receive, send_with_id)
        finally:
            _record(scope, status, time.perf_counter() - started)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        if b"\0" in _unquoted(scope):
            refused = answer(422, [{"loc": ["path"], "msg": "NUL is not allowed.", "type": "string_nul"}])
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _unquoted(scope: Scope) -> bytes:
    """Path and query, with an encoded NUL as NUL."""
    whole: bytes = scope["path"].encode("utf-8", "replace") + scope["query_string"]
    return whole.replace(b"%00", b"\0")


def _request_id(sent: bytes) -> str:
    return sent.decode() if SANE_ID.fullmatch(sent) else str(new_id())


def _record(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "unknown")
    metrics.HTTP_SECONDS.labels(scope["method"], route, str(status)).observe(seconds)
    if not scope["path"].startswith(QUIET):
        log.info(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
        )
