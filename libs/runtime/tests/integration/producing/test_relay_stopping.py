"""SIGTERM under writes, and what a service costs that has nothing to do."""

from __future__ import annotations

import time

import asyncpg
from newsroom import eventually
from pressroom import Place, assert_told, pressing, writing

from atelier.stack.testing import EmbeddedStack

STOPPED_WITHIN = 10.0
WATCHED = 5.0


async def test_a_service_that_is_stopped_under_writes_answers_flushes_and_ends(place: Place) -> None:
    async with pressing(place) as press, writing([press.url], writers=8, pause=0) as ledger:

        async def is_busy() -> bool:
            return ledger.writes > 100

        await eventually(is_busy)
        began = time.monotonic()
        assert await press.stop() == 0
        print(f"stopped after {time.monotonic() - began:.1f} s")
        assert time.monotonic() - began < STOPPED_WITHIN
        assert await place.waiting() == 0
    assert {one for one in ledger.unanswered if not one.startswith("Connect")} == set(), "none was cut off"
    await assert_told(place, ledger)


async def test_an_idle_service_asks_its_database_once_a_second_at_most(
    stack: EmbeddedStack, place: Place
) -> None:
    """PostgreSQL counts transactions; what an idle service asks is one each."""
    admin = await asyncpg.connect(stack.endpoints.postgres_admin_url)
    name = place.database_url.rpartition("/")[2]

    async def commits() -> int:
        return int(await admin.fetchval("SELECT xact_commit FROM pg_stat_database WHERE datname = $1", name))

    async with pressing(place) as press:
        await eventually(press.leads)
        seen = [(time.monotonic(), await commits())]

        async def is_idle() -> bool:
            """Over a while that begins when what the start did is counted."""
            seen.append((time.monotonic(), await commits()))
            (began, before), (now, after) = seen[0], seen[-1]
            if now - began < WATCHED:
                return False
            print(f"{(after - before) / (now - began):.2f} transactions a second")
            seen.clear()
            seen.append((now, after))
            return (after - before) / (now - began) <= 1

        await eventually(is_idle, 4 * WATCHED)
    await admin.close()
