"""The broker is away for longer than every timeout of the producer: writes go on, and nothing is lost.

Both ways of being away are waited for at once, each with a broker, a database and a process of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from newsroom import eventually
from pressroom import Ledger, assert_told, open_place, pressing, writing

from atelier.runtime.messaging.producer import REQUEST_TIMEOUT_MS
from atelier.stack.testing import EmbeddedStack, Part

AWAY = 45.0
DRAINED_WITHIN = 60.0
Outages = dict[str, asyncio.Task["Outage"]]


@dataclass(frozen=True)
class Outage:
    """What became of it."""

    ledger: Ledger
    degraded: list[str]
    """What press said of itself shortly before the end."""
    longest_wait: int
    """How many events waited then."""
    drained_after: float
    """Seconds from the broker's return to an empty outbox."""


async def live_through(
    admin_url: str, leave: Callable[[Part], None], come_back: Callable[[Part], None]
) -> Outage:
    """Write all the time while the broker is there, away and there again."""
    async with AsyncExitStack() as closing:
        stack = EmbeddedStack(parts={"kafka"})
        closing.push_async_callback(asyncio.to_thread, stack.close)
        await asyncio.to_thread(stack.start)
        place = await open_place(admin_url, stack.endpoints.kafka_bootstrap_servers)
        press = await closing.enter_async_context(pressing(place))
        async with writing([press.url], pause=0.2) as ledger:
            await eventually(lambda: has(lambda: ledger.writes > 20))
            await asyncio.to_thread(leave, stack.kafka)
            left = time.monotonic()
            await eventually(lambda: has(lambda: time.monotonic() - left > AWAY), AWAY + 5)
            degraded, waiting = await press.degraded(), await place.waiting()
            await asyncio.to_thread(come_back, stack.kafka)
            came_back, written = time.monotonic(), ledger.writes
            await eventually(lambda: has(lambda: ledger.writes > written + 20))
        await place.drained(DRAINED_WITHIN)
        drained_after = time.monotonic() - came_back

        async def is_well() -> bool:
            return await press.degraded() == []

        await eventually(is_well)
        await assert_told(place, ledger)
        return Outage(ledger, degraded, waiting, drained_after)


async def has(condition: Callable[[], bool]) -> bool:
    return condition()


@pytest.fixture(scope="module")
async def outages(stack: EmbeddedStack) -> AsyncIterator[Outages]:
    """Both outages, under way."""
    url = stack.endpoints.postgres_admin_url
    tasks = {
        "killed": asyncio.create_task(live_through(url, Part.kill, Part.start)),
        "paused": asyncio.create_task(live_through(url, Part.pause, Part.resume)),
    }
    yield tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


@pytest.mark.parametrize("how", ["killed", "paused"])
async def test_writes_go_on_and_nothing_is_lost_while_the_broker_is_away(outages: Outages, how: str) -> None:
    assert AWAY > REQUEST_TIMEOUT_MS / 1000
    outage = await outages[how]
    print(f"{how}: {outage.longest_wait} waited, {outage.drained_after:.1f} s to drain")
    assert outage.ledger.unanswered == [], "every write was answered by 2xx"
    assert outage.longest_wait > AWAY * 5, "they were written meanwhile"
    assert [one for one in outage.degraded if one.startswith("events wait")] != []
