"""The ASGI application: finds the operation, who asks, and passes both ways."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog
from multidict import istr
from starlette.types import Receive, Scope, Send

from atelier.gateway import answers
from atelier.gateway.answers import Headers, Refusal, send_json
from atelier.gateway.authentication import Authentication, Caller
from atelier.gateway.browsers import Cors
from atelier.gateway.exchange import Exchange
from atelier.gateway.forwarding import Forwarder, own_headers
from atelier.gateway.pages import FOR_SUPERUSERS, Page
from atelier.gateway.rate_limits import RateLimits
from atelier.gateway.routing import Missing, Route, RoutingTable
from atelier.gateway.tracing import StartSpan

IDENTITY = "identity"
_AUTHORIZATION = istr("Authorization")
_TRACEPARENT = istr("traceparent")
_PAGE_METHODS = ("GET", "HEAD")
_READS = ("GET", "HEAD")
_FAILED = Refusal(500, "The gateway failed; its log says why.")
_STOPPED = Refusal(503, "The gateway is stopping; whether the request took effect is unknown.")

Observe = Callable[[Exchange, float], None]
"""(exchange, seconds): told of every answered request."""
log = structlog.get_logger("gateway")


@dataclass(frozen=True, slots=True)
class Parts:
    """What exists only while the process serves: clients need a running loop."""

    authentication: Authentication
    forwarder: Forwarder
    pages: Mapping[bytes, Page]
    is_superuser: Callable[[Caller], bool]
    close: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every request, whatever it asks for."""

    cors: Cors = field(default_factory=lambda: Cors(()))
    limits: RateLimits = field(default_factory=lambda: RateLimits({}))
    added: Headers = field(default_factory=list)
    """Headers of every answer."""


class Gateway:
    """`open_parts` is called once the server's loop runs."""

    def __init__(
        self,
        table: RoutingTable,
        open_parts: Callable[[], Awaitable[Parts]],
        start_span: StartSpan,
        observers: tuple[Observe, ...],
        rules: Rules,
    ) -> None:
        self._table = table
        self._open_parts = open_parts
        self._start_span = start_span
        self._observers = observers
        self._rules = rules
        self._parts: Parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI 3: `http` and `lifespan`."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._parts = await self._open_parts()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._parts.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope)
        exchange.added = self._rules.added
        with self._start_span(exchange.method, exchange.given.get(b"traceparent")) as traceparent:
            exchange.traceparent = traceparent
            try:
                await self._answer(exchange, scope, receive, send)
            except Refusal as refusal:
                await _refuse(exchange, refusal, send)
            except asyncio.CancelledError:
                await self._fail(exchange, _STOPPED, send)  # by a stop whose time is over
            except Exception:
                log.exception("request_failed", request_id=exchange.request_id)
                await self._fail(exchange, _FAILED, send)
            finally:
                self._observe(exchange)

    async def _answer(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        if self._rules.cors.on and await self._preflight(exchange, scope, send):
            return
        page = self._parts.pages.get(exchange.raw_path)
        if page is not None:
            await self._serve_page(exchange, page, scope, receive, send)
            return
        route = exchange.route = self._route(exchange)
        caller = await self._caller(exchange, scope, route.login)
        exchange.prepare_headers(scope)
        exchange.headers[_AUTHORIZATION] = caller.authorization
        exchange.headers[_TRACEPARENT] = exchange.traceparent
        await self._forward(exchange, route, receive, send)

    async def _preflight(self, exchange: Exchange, scope: Scope, send: Send) -> bool:
        """Whether that was the whole question of a browser; else answers are told who may read them."""
        headers = self._rules.cors.preflight(scope)
        if headers is None:
            exchange.added = [*exchange.added, *self._rules.cors.headers(scope)]
            return False
        exchange.status = 204
        headers = [*headers, *own_headers(exchange)]
        await send({"type": "http.response.start", "status": exchange.status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return True

    async def _caller(self, exchange: Exchange, scope: Scope, login: bool) -> Caller:
        """Who asks, where they may at this rate: an address is counted whether its token is good or not."""
        limits = self._rules.limits
        if not limits.none and scope["client"]:
            limits.check(exchange, "address", scope["client"][0])
        caller = await self._parts.authentication.caller(exchange.given, exchange.method, login)
        exchange.user_id = caller.user_id
        if not limits.none:
            limits.check(exchange, "user", caller.user_id)
            limits.check(exchange, "api_key", caller.api_key_id)
        return caller

    async def _serve_page(
        self, exchange: Exchange, page: Page, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if exchange.method not in _PAGE_METHODS:
            raise _method_not_allowed(_PAGE_METHODS)
        if exchange.raw_path in FOR_SUPERUSERS:
            caller = await self._caller(exchange, scope, login=True)
            if not self._parts.is_superuser(caller):
                raise Refusal(403, "Only superusers may see this.")
        response = await page()
        exchange.status = response.status_code
        response.raw_headers.extend(own_headers(exchange))
        await response(scope, receive, send)

    def _route(self, exchange: Exchange) -> Route:
        if not exchange.query.isascii():
            raise Refusal(400, "The query holds bytes that must be percent-encoded.")
        found = self._table.find(exchange.method, exchange.raw_path)
        if isinstance(found, Missing):
            raise _method_not_allowed(found.allowed) if found.allowed else answers.not_found()
        return found

    async def _forward(self, exchange: Exchange, route: Route, receive: Receive, send: Send) -> None:
        writes_identity = route.service == IDENTITY and exchange.method not in _READS
        forwarder = self._parts.forwarder
        try:
            answer = await forwarder.ask(exchange, route, receive)
        finally:
            if writes_identity:
                self._parts.authentication.forget()
        exchange.status = answer.response.status
        try:
            await forwarder.relay(answer, exchange, receive, send)
        finally:
            answer.response.close()

    async def _fail(self, exchange: Exchange, refusal: Refusal, send: Send) -> None:
        """Nothing can be said any more once an answer has begun: the connection is cut."""
        if exchange.status == 0:
            await _refuse(exchange, refusal, send)

    def _observe(self, exchange: Exchange) -> None:
        seconds = time.perf_counter() - exchange.started
        for observe in self._observers:
            observe(exchange, seconds)


async def _refuse(exchange: Exchange, refusal: Refusal, send: Send) -> None:
    exchange.status = refusal.status
    headers = [*refusal.headers, *own_headers(exchange), *exchange.closing()]
    await send_json(send, refusal.status, {"detail": refusal.detail}, headers)


def _method_not_allowed(allowed: tuple[str, ...]) -> Refusal:
    methods = ", ".join(allowed)
    return Refusal(405, f"This path takes {methods}.", [(b"allow", methods.encode())])
