"""A small HTTP/1.1 load generator: `python -m benchmarks.http_load URL CONNECTIONS SECONDS [HEADER…]`.

Sends the same GET over keep-alive connections, the next when the answer is complete, and prints
`{"requests", "errors", "seconds"}`. It reads no more of an answer than its length, so that it
costs less than what it measures.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import cast
from urllib.parse import urlsplit

import uvloop

_LENGTH = b"ength: "  # nginx writes Content-Length, the others content-length


class _Connection(asyncio.Protocol):
    """Counts complete answers until it is told to stop. Answers need a Content-Length."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._received = b""
        self._transport: asyncio.Transport
        self.requests = 0
        self.errors = 0
        self.stopped = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        if not _is_complete(received):
            self._received = received
            return
        self._received = b""
        self.requests += 1
        if not received.startswith(b"HTTP/1.1 200"):
            self.errors += 1
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.stopped:
            self.errors += 1


def _is_complete(received: bytes) -> bool:
    body = received.find(b"\r\n\r\n") + 4
    if body < 4:
        return False
    at = received.find(_LENGTH) + len(_LENGTH)
    return len(received) >= body + int(received[at : received.find(b"\r", at)])


async def load(url: str, connections: int, seconds: float, headers: list[str]) -> dict[str, float]:
    """Requests answered, those of them that weren't 200, and the time that it took."""
    parts = urlsplit(url)
    lines = [f"GET {parts.path}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}", "Accept: */*", *headers]
    request = "\r\n".join([*lines, "", ""]).replace("? HTTP", " HTTP").encode()
    loop = asyncio.get_running_loop()
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    began = time.perf_counter()
    opened = [
        await loop.create_connection(lambda: _Connection(request), host, port) for _ in range(connections)
    ]
    await asyncio.sleep(seconds)
    took = time.perf_counter() - began
    counted = sum(connection.requests for _, connection in opened)
    errors = sum(connection.errors for _, connection in opened)
    for transport, connection in opened:
        connection.stopped = True
        transport.close()
    return {"requests": counted, "errors": errors, "seconds": took}


if __name__ == "__main__":
    _, _url, _connections, _seconds, *_headers = sys.argv
    print(json.dumps(uvloop.run(load(_url, int(_connections), float(_seconds), _headers))))  # noqa: T201
