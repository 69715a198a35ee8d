"""Requests at a rate, whether answers come or not: `python -m benchmarks.arrivals URL PER_SECOND SECONDS`.

Clients that wait for their answer before they ask again can't overload anything. Prints
`{"good", "refused", "failed", "sent", "refused_p99_ms", "seconds"}`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import uvloop

_PATIENCE_SECONDS = 5.0


@dataclass
class Tally:
    """What became of the requests; refusals in milliseconds."""

    good: int = 0
    failed: int = 0
    refused: list[float] = field(default_factory=list)


class Clients:
    """A pool of connections that grows as it is needed."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, tally: Tally) -> None:
        """One request, counted."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                status = await self._status()
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            status = b"none"
        if status == b"200":
            tally.good += 1
        elif status == b"503":
            tally.refused.append((time.perf_counter() - began) * 1000)
        else:
            tally.failed += 1

    async def _status(self) -> bytes:
        connection = self._idle.pop() if self._idle else None
        reader, writer = connection or await asyncio.open_connection(self._host, self._port)
        writer.write(self._request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
        await reader.readexactly(int(length))
        self._idle.append((reader, writer))
        return head[9:12]


async def arrive(url: str, per_second: float, seconds: float) -> dict[str, float]:
    """Ask at that rate for that long, and hear everybody out."""
    clients, tally, asked = Clients(url), Tally(), set[asyncio.Task[None]]()
    began, sent = time.perf_counter(), 0
    while (now := time.perf_counter() - began) < seconds:
        for _ in range(int(now * per_second) - sent):
            sent += 1
            task = asyncio.create_task(clients.ask(tally))
            asked.add(task)
            task.add_done_callback(asked.discard)
        await asyncio.sleep(0.002)
    took = time.perf_counter() - began
    await asyncio.gather(*asked)
    slowest = sorted(tally.refused)[int(len(tally.refused) * 0.99)] if tally.refused else 0.0
    return {
        "good": tally.good,
        "refused": len(tally.refused),
        "failed": tally.failed,
        "sent": sent,
        "refused_p99_ms": slowest,
        "seconds": took,
    }


if __name__ == "__main__":
    _, _url, _rate, _seconds = sys.argv
    print(json.dumps(uvloop.run(arrive(_url, float(_rate), float(_seconds)))))  # noqa: T201
