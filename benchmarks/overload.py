"""Five times what a service can do: goodput against its peak, how quick a no is, and the time after.

The service does 100 a second at most. The peak is what it does for as many clients as it has hands;
then requests arrive at five times that rate, whether they are answered or not.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack

from benchmarks.gateway import Server, served_by_gateway, served_by_uvicorn
from benchmarks.harness import Row

HANDS, TIMES, SECONDS, ROUNDS = 8, 5, 4, 3
GOODPUT_BAR, REFUSED_BAR_MS, NORMAL_BAR_SECONDS = 0.8, 50, 30
_LIMITS = {"GATEWAY_CONCURRENCY_PER_ADDRESS": "16", "GATEWAY_QUEUE_PER_ADDRESS": "8"}
"""Twice the service's hands, so that none of them waits for work."""


async def run() -> list[Row]:
    """Rows for goodput, refusals and recovery, each with its bar."""
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(served_by_uvicorn("service"))
        identity = await stack.enter_async_context(served_by_uvicorn("identity"))
        gateway = await stack.enter_async_context(served_by_gateway(service.url, identity.url, **_LIMITS))
        return _rows([await _round(gateway) for _ in range(ROUNDS)])


async def _round(gateway: Server) -> tuple[float, float, float, float]:
    """(peak/s, goodput/s, 99th percentile of refusals in ms, seconds until all is answered again)."""
    url = f"{gateway.url}/api/v1/bench/scarce"
    closed = await _told("benchmarks.http_load", url, str(HANDS), str(SECONDS))
    peak = closed["requests"] / closed["seconds"]
    assert closed["errors"] == 0, "refused without overload"
    over = await _told("benchmarks.arrivals", url, str(peak * TIMES), str(SECONDS))
    assert over["failed"] == 0, f"{over['failed']} answers were neither 200 nor 503"
    assert over["refused"] > 0, "nothing was too much"
    began = time.perf_counter()
    while (await _told("benchmarks.arrivals", url, str(peak / 2), "0.5"))["refused"]:
        assert time.perf_counter() - began < NORMAL_BAR_SECONDS, "it doesn't become normal again"
    after = time.perf_counter() - began
    return peak, over["good"] / over["seconds"], over["refused_p99_ms"], after


async def _told(module: str, *arguments: str) -> Mapping[str, float]:
    command = (sys.executable, "-m", module, *arguments)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    told: dict[str, float] = json.loads(output)
    return told


def _rows(rounds: list[tuple[float, float, float, float]]) -> list[Row]:
    name = f"overload {TIMES}×"
    peak, good, refused, after = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratios = [each[1] / each[0] for each in rounds]
    shares = [each[2] / REFUSED_BAR_MS for each in rounds]
    back = [each[3] / NORMAL_BAR_SECONDS for each in rounds]
    return [
        Row(name, "peak", peak, "good/s"),
        Row(
            name,
            "goodput",
            good,
            "good/s",
            statistics.median(ratios),
            min(ratios),
            max(ratios),
            bar=GOODPUT_BAR,
        ),
        _within(name, f"refusals, p99 of {REFUSED_BAR_MS} ms", refused, "ms", shares),
        _within(name, f"normal again, of {NORMAL_BAR_SECONDS} s", after, "s", back),
    ]


def _within(benchmark: str, name: str, value: float, unit: str, shares: list[float]) -> Row:
    """A row whose ratio is the share of what is allowed."""
    middle = statistics.median(shares)
    return Row(benchmark, name, value, unit, middle, min(shares), max(shares), bar=1, at_most=True)
