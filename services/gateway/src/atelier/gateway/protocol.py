"""uvicorn's HTTP/1.1 protocol with a limit for heads, documented errors, and the target as it came."""

from __future__ import annotations

import asyncio
import re
from typing import Any, cast

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
_MALFORMED = (b"400 Bad Request", "The request isn't valid HTTP/1.1.")
_TOO_LARGE = (b"431 Request Header Fields Too Large", "The request's headers are too large; send fewer.")
_VERSIONS = ("1.1", "1.0")
_SANE_HOST = re.compile(rb"[A-Za-z0-9._~:\[\]-]*")


class _RefusedError(Exception):
    """Ends the parsing of a head; `_refusal` says why."""


class JoinedWrites:
    """A transport that sends what is written in one turn of the loop at once.

    uvicorn writes an answer's head and body one after the other, and a packet each costs more
    than all the rest of a small answer.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        """As the transport."""
        return self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """Send with whatever else is written before the loop goes on."""
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)

    def close(self) -> None:
        """Send what waits, then close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._waiting:
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._transport.write(data)


class LimitedProtocol(HttpToolsProtocol):
    """Refuses a request head beyond `max_head_bytes`, also one that never ends."""

    max_head_bytes = 32 * 1024
    _in_head = False
    _head_bytes = 0
    _read_bytes = 0
    _refusal = _MALFORMED

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Write through JoinedWrites."""
        super().connection_made(transport)
        self.transport = cast("asyncio.Transport", JoinedWrites(transport, self.loop))

    def data_received(self, data: bytes) -> None:
        """Count a head that isn't complete yet: at most one read beyond the limit is held."""
        self._read_bytes = len(data)
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > self.max_head_bytes:
                self._refusal = _TOO_LARGE
                self.send_400_response("")

    def on_message_begin(self) -> None:
        """A head begins, the first or the next on the connection."""
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """Show the application the whole target: one with a host in it, or `*`, is no path of ours."""
        self._in_head = False
        at_most = self._head_bytes + self._read_bytes
        if at_most > self.max_head_bytes and self._size_of_head() > self.max_head_bytes:
            self._refusal = _TOO_LARGE
            raise _RefusedError
        if not self._is_unambiguous():
            raise _RefusedError
        super().on_headers_complete()
        self.scope["raw_path"] = self.url.partition(b"?")[0]

    def send_400_response(self, msg: str) -> None:
        """In the shape of every other error; the connection can't go on."""
        status, detail = self._refusal
        body = orjson.dumps({"detail": detail})
        self.transport.write(_HEAD % (status, len(body)) + body)
        self.transport.close()

    def _is_unambiguous(self) -> bool:
        """What the parser lets pass and another reader may read differently: one host, and where there
        is an encoding, only chunks, which HTTP/1.0 doesn't know."""
        version, hosts = self.parser.get_http_version(), 0
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
                if not _SANE_HOST.fullmatch(value):
                    return False
            elif name == b"transfer-encoding" and (value.lower() != b"chunked" or version != "1.1"):
                return False
        return version in _VERSIONS and (hosts == 1 or (hosts == 0 and version == "1.0"))

    def _size_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
