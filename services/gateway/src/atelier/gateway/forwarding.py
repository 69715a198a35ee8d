"""One request to one service and its answer back: streamed both ways, never parsed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
from aiohttp.connector import Connection
from multidict import CIMultiDict
from starlette.types import Receive, Send
from yarl import URL

from atelier.gateway import answers
from atelier.gateway.answers import Headers, Refusal
from atelier.gateway.exchange import HOP_BY_HOP, Exchange
from atelier.gateway.routing import Route

Body = bytes | AsyncIterator[bytes] | None
_NOT_RELAYED = HOP_BY_HOP | {b"date", b"server", b"x-request-id"}
_INTERNAL_PREFIX = b"x-internal"
_REDIRECTS = range(300, 400)
_KEEP_ALIVE_SECONDS = 4
"""Shorter than the 5 s after which a service may close an idle connection, so that no request
is sent on one that is about to be closed."""
_NO_CONTENT_TYPE: CIMultiDict[None] = CIMultiDict({"Content-Type": None})


class PlainRequest(aiohttp.ClientRequest):
    """aiohttp's request, sent with the headers it is given and none of the client's own."""

    def update_headers(self, headers: Any) -> None:
        """Take them as they are; the copy is for what aiohttp adds in one try and not in the next."""
        self.headers: CIMultiDict[str] = headers.copy()
        self.headers["Host"] = self.url.host_port_subcomponent or ""

    def update_auto_headers(self, skip_auto_headers: Any) -> None:
        """Add none; a body without a type keeps having none."""
        self._skip_auto_headers = _NO_CONTENT_TYPE


class Client:
    """aiohttp's connections and messages without its session.

    A session would keep cookies, follow redirects, decode bodies and repeat requests on a
    connection that broke, and costs as much again. Connections are counted per address, so one
    that never answers can't use up the others'.
    """

    def __init__(self, connect_timeout: float, connections_per_address: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout)
        self._connector = aiohttp.TCPConnector(
            limit=0, limit_per_host=connections_per_address, keepalive_timeout=_KEEP_ALIVE_SECONDS
        )

    async def send(
        self, method: str, url: URL, headers: CIMultiDict[str], body: Body
    ) -> aiohttp.ClientResponse:
        """The answer once its head is here. ClientConnectorError or ConnectionTimeoutError where
        nothing was sent; another ClientError where the connection broke after that."""
        request = PlainRequest(method, url, headers=headers, data=body, loop=self._loop)
        try:
            connection = await self._connector.connect(request, traces=[], timeout=self._timeout)
        except TimeoutError as late:
            raise aiohttp.ConnectionTimeoutError from late
        try:
            return await _exchanged(request, connection)
        except BaseException:
            connection.close()
            raise

    async def close(self) -> None:
        """Close all connections."""
        await self._connector.close()


async def _exchanged(request: PlainRequest, connection: Connection) -> aiohttp.ClientResponse:
    protocol = connection.protocol
    if protocol is None:
        raise aiohttp.ServerDisconnectedError
    protocol.set_response_params(
        skip_payload=request.method == "HEAD", read_until_eof=True, auto_decompress=False
    )
    response = await request.send(connection)
    try:
        return await response.start(connection)
    except BaseException:
        response.close()
        raise


class Addresses:
    """Where a service listens; each request begins with the next one."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = tuple(urls)
        self._next = 0

    def in_turn(self) -> tuple[str, ...]:
        """All of them, in the order to try."""
        if len(self._urls) == 1:
            return self._urls
        at = self._next = (self._next + 1) % len(self._urls)
        return self._urls[at:] + self._urls[:at]


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
        addresses: dict[str, Addresses],
        deadline: float,
        max_body_bytes: int,
    ) -> None:
        self._client = client
        self._addresses = addresses
        self._deadline = deadline
        self._max_body_bytes = max_body_bytes

    async def ask(self, exchange: Exchange, route: Route, receive: Receive) -> Answer:
        """The service's answer once it begins. Refusal 408, 413, 502, 503 or 504 without one."""
        if exchange.declared_length > self._max_body_bytes:
            raise answers.too_large(self._max_body_bytes)
        deadline = route.deadline or self._deadline
        upload = Upload(receive, self._max_body_bytes) if exchange.has_body else None
        began = time.perf_counter()
        try:
            async with asyncio.timeout(deadline):
                body = await upload.open() if upload else None
                response = await self._send(exchange, route.service, body)
        except TimeoutError:
            raise _late(upload, route.service, deadline) from None
        except aiohttp.ClientError:
            raise (upload and upload.failure) or answers.broken(route.service) from None
        finally:
            exchange.upstream_seconds = time.perf_counter() - began
        return Answer(response, deadline, watch=None if upload and not upload.finished else receive)

    async def _send(self, exchange: Exchange, service: str, body: Body) -> aiohttp.ClientResponse:
        target = exchange.target
        for address in self._addresses[service].in_turn():
            try:
                url = URL(address + target, encoded=True)
                return await self._client.send(exchange.method, url, exchange.headers, body)
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                continue  # nothing was sent
        raise answers.unavailable(service)


class Answer:
    """A service's answer that has begun, and still has to be passed on."""

    def __init__(self, response: aiohttp.ClientResponse, deadline: float, watch: Receive | None) -> None:
        self.status = response.status
        self._response = response
        self._deadline = deadline
        self._watch = watch

    def close(self) -> None:
        """Give it up; nothing where it was passed on whole."""
        self._response.close()

    async def relay(self, send: Send, own: tuple[bytes, bytes]) -> None:
        """Pass it on with a header of the gateway's own.

        Where the service breaks off, returns without an end, so that the caller's connection is
        cut as well and nobody takes half an answer for a whole one.
        """
        response = self._response
        headers = _relayed_headers(response)
        headers.append(own)
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        if response.content.is_eof():
            await send({"type": "http.response.body", "body": response.content.read_nowait()})
        else:
            await self._stream(send)

    async def _stream(self, send: Send) -> None:
        watcher = asyncio.ensure_future(self._close_when_gone()) if self._watch else None
        try:
            more = True
            while more:
                async with asyncio.timeout(self._deadline):
                    piece = await self._response.content.readany()
                more = not self._response.content.at_eof()
                await send({"type": "http.response.body", "body": piece, "more_body": more})
        except (aiohttp.ClientError, TimeoutError):
            self._response.close()
        finally:
            if watcher is not None:
                watcher.cancel()

    async def _close_when_gone(self) -> None:
        """Stop reading for a caller who left: what is sent to them vanishes without an error."""
        while self._watch and (await self._watch())["type"] != "http.disconnect":
            pass
        self._response.close()


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


def _late(upload: Upload | None, service: str, deadline: float) -> Refusal:
    if upload is not None and not upload.finished:
        return Refusal(408, f"The body didn't arrive within {deadline:g} s.")
    return answers.late(service, deadline)
