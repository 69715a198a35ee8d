"""How long a consumer waits for a database that is away, and what it tries again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_random_exponential

from atelier.runtime.away import is_away

T = TypeVar("T")
AWAY_FOR = 30.0
"""Seconds; well under Kafka's max.poll.interval. After that the batch goes back (NACK)."""


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Do it again, backing off, while the database is away or in the way; other errors pass."""
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(is_away),
        stop=stop_after_delay(AWAY_FOR),
        wait=wait_random_exponential(multiplier=0.1, max=3),
        reraise=True,
    ):
        with attempt:
            return await work()
    raise AssertionError("unreachable: tenacity returns or raises")
