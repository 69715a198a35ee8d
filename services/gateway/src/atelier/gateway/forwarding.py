"""One request to one service and its answer back: streamed both ways, never parsed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import aiohttp
from starlette.types import Receive, Send
from yarl import URL

from atelier.gateway import answers, metrics
from atelier.gateway.addresses import Addresses
from atelier.gateway.answers import Headers, Refusal
from atelier.gateway.client import Body, Client
from atelier.gateway.deadlines import Deadlines
from atelier.gateway.exchange import HOP_BY_HOP, Exchange
from atelier.gateway.rate_limits import described
from atelier.gateway.retries import may_repeat
from atelier.gateway.routing import Route

_NOT_RELAYED = HOP_BY_HOP | {b"date", b"server", b"x-request-id"}
_INTERNAL_PREFIX = b"x-internal"
_REDIRECTS = range(300, 400)
_SMALL_BYTES = 64 * 1024


class Upload:
    """A request's body on its way: counted, never kept."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._sent = 0
        self.failure: Refusal | None = None
        self.finished = False

    async def open(self) -> bytes | AsyncIterator[bytes]:
        """The whole body where it is here already, else its pieces as they come."""
        first = await self._next_piece()
        return first if self.finished else self._pieces(first)

    async def _pieces(self, piece: bytes) -> AsyncIterator[bytes]:
        if piece:
            yield piece
        while not self.finished:
            piece = await self._next_piece()
            if piece:
                yield piece

    async def _next_piece(self) -> bytes:
        """Raises where the body must not seem complete; the cause is kept in `failure`."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.failure = Refusal(400, "The body ended before it was complete.")
            raise self.failure
        piece: bytes = message.get("body", b"")
        self._sent += len(piece)
        if self._sent > self._limit:
            self.failure = answers.too_large(self._limit)
            raise self.failure
        self.finished = not message.get("more_body", False)
        return piece


class Forwarder:
    """Sends exchanges on to the services and their answers back."""

    def __init__(
        self,
        client: Client,
        addresses: Mapping[str, Addresses],
        deadlines: Deadlines,
        default_deadline: float,
        max_body_bytes: int,
    ) -> None:
        self._client = client
        self._addresses = addresses
        self._deadlines = deadlines
        self._default_deadline = default_deadline
        self._max_body_bytes = max_body_bytes

    async def ask(self, exchange: Exchange, route: Route, receive: Receive) -> Answer:
        """The service's answer once it begins. Refusal 408, 413, 502, 503 or 504 without one."""
        limit = min(route.max_body_bytes or self._max_body_bytes, self._max_body_bytes)
        if exchange.declared_length > limit:
            raise answers.too_large(limit)
        deadline = route.deadline or self._default_deadline
        upload = Upload(receive, limit) if exchange.has_body else None
        began = time.perf_counter()
        try:
            answer = await self._deadlines.within(deadline, self._begin(exchange, route.service, upload))
        except TimeoutError:
            raise _late(exchange, upload, route.service, deadline) from None
        except aiohttp.ClientError:
            raise (upload and upload.failure) or answers.broken(route.service) from None
        finally:
            exchange.upstream_seconds = time.perf_counter() - began
        return answer

    async def relay(self, answer: Answer, exchange: Exchange, receive: Receive, send: Send) -> None:
        """Pass an answer on with the request's id.

        Where the service breaks off, returns without an end, so that the caller's connection is
        cut as well and nobody takes half an answer for a whole one.
        """
        headers = _relayed_headers(answer.response)
        headers.extend(own_headers(exchange))
        await send({"type": "http.response.start", "status": answer.response.status, "headers": headers})
        if answer.body is not None:
            await send({"type": "http.response.body", "body": answer.body})
            return
        deadline = (exchange.route and exchange.route.deadline) or self._default_deadline
        watcher = asyncio.ensure_future(_close_when_gone(receive, answer)) if answer.heard_out else None
        try:
            await self._stream(answer.response.content, deadline, send)
        except (aiohttp.ClientError, TimeoutError):
            answer.response.close()
        finally:
            if watcher is not None:
                watcher.cancel()

    async def _begin(self, exchange: Exchange, service: str, upload: Upload | None) -> Answer:
        body = await upload.open() if upload else None
        addresses = self._addresses[service]
        if not addresses.slots.take():
            await addresses.slots.wait()
        try:
            response = await self._send(exchange, service, body)
            try:
                whole = await response.content.read() if _is_small(response) else None
            except BaseException:
                response.close()
                raise
        finally:
            addresses.slots.give_back()
        return Answer(response, whole, heard_out=upload is None or upload.finished)

    async def _send(self, exchange: Exchange, service: str, body: Body) -> aiohttp.ClientResponse:
        try:
            return await self._send_once(exchange, service, body)
        except aiohttp.ClientError:
            if not (may_repeat(exchange, body) and self._addresses[service].may_retry()):
                raise
        metrics.RETRIES.labels(service).inc()
        return await self._send_once(exchange, service, body)

    async def _send_once(self, exchange: Exchange, service: str, body: Body) -> aiohttp.ClientResponse:
        """To the first address that takes the connection. Refusal 503 where none does."""
        target = exchange.target
        for circuit in self._addresses[service].circuits():
            exchange.circuit = circuit
            url = URL(circuit.url + target, encoded=True)
            try:
                response = await self._client.send(exchange.method, url, exchange.headers, body)
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as nothing_sent:
                circuit.failed(refused=_is_refused(nothing_sent))
                continue
            circuit.answered()
            return response
        raise answers.unavailable(service)

    async def _stream(self, content: aiohttp.StreamReader, deadline: float, send: Send) -> None:
        more = True
        while more:
            piece = await self._deadlines.within(deadline, content.readany())
            more = not content.at_eof()
            await send({"type": "http.response.body", "body": piece, "more_body": more})


@dataclass(slots=True)
class Answer:
    """A service's answer that has begun: `body` where it is here whole, else it has to be streamed.

    `heard_out` says whether the whole request was sent by then.
    """

    response: aiohttp.ClientResponse
    body: bytes | None
    heard_out: bool


def _is_refused(error: aiohttp.ClientError) -> bool:
    return isinstance(error, aiohttp.ClientConnectorError) and isinstance(
        error.os_error, ConnectionRefusedError
    )


def _is_small(response: aiohttp.ClientResponse) -> bool:
    """Whether it is waited for whole: what is cut short is then a clean 502."""
    if response.content.is_eof():
        return True
    length = response.headers.get("Content-Length", "")
    return length.isdecimal() and int(length) <= _SMALL_BYTES


async def _close_when_gone(receive: Receive, answer: Answer) -> None:
    """Stop reading for a caller who left: what is sent to them vanishes without an error."""
    while (await receive())["type"] != "http.disconnect":
        pass
    answer.response.close()


def own_headers(exchange: Exchange) -> Headers:
    """What every answer carries."""
    headers = [exchange.id_header, *exchange.added]
    if exchange.standing is not None:
        headers.extend(described(exchange.standing))
    return headers


def _relayed_headers(response: aiohttp.ClientResponse) -> Headers:
    headers = []
    for name, value in response.raw_headers:
        lowered = name.lower()
        if lowered not in _NOT_RELAYED and not lowered.startswith(_INTERNAL_PREFIX):
            headers.append((lowered, value))
    if response.status in _REDIRECTS:
        return [_without_inner_host(response, header) for header in headers]
    return headers


def _without_inner_host(response: aiohttp.ClientResponse, header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """A redirect of a service to itself, as a path: its own address is nobody's business."""
    name, value = header
    inner = str(response.url.origin()).encode()
    if name == b"location" and value.startswith(inner + b"/"):
        return name, value.removeprefix(inner)
    return header


def _late(exchange: Exchange, upload: Upload | None, service: str, deadline: float) -> Refusal:
    if upload is not None and not upload.finished:
        return Refusal(408, f"The body didn't arrive within {deadline:g} s.")
    if exchange.circuit is not None:
        exchange.circuit.suspect()
    return answers.late(service, deadline)
