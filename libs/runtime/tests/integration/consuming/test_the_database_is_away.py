"""A database that is away or stands still is waited for; then everything is handled once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from newsroom import Newsroom, consuming, count_of, eventually, fact, issue, letters_of, rows

from atelier.stack.testing import EmbeddedStack


@pytest.fixture(scope="module")
async def own_postgres() -> AsyncIterator[EmbeddedStack]:
    """A server that these tests may hurt."""
    stack = EmbeddedStack(parts=["postgres"])
    await asyncio.to_thread(stack.start)
    yield stack
    await asyncio.to_thread(stack.close)


async def _database(stack: EmbeddedStack, name: str) -> str:
    admin = await asyncpg.connect(stack.endpoints.postgres_admin_url)
    try:
        await admin.execute(f"CREATE DATABASE {name}")
    finally:
        await admin.close()
    return stack.endpoints.postgres_admin_url.rpartition("/")[0] + f"/{name}"


@pytest.mark.parametrize("how", ["kill", "stop", "pause"])
async def test_a_database_that_goes_away_under_consumption_costs_nothing(
    make_newsroom: Any, own_postgres: EmbeddedStack, how: str
) -> None:
    room: Newsroom = await make_newsroom()
    room.reader_url = await _database(own_postgres, how)
    service = await room.reader()

    async def some_are_counted() -> bool:
        return await count_of(service, "steady") > 20

    async with consuming(service):
        sending = asyncio.create_task(_send(room, 400))
        await eventually(some_are_counted)
        await asyncio.to_thread(getattr(own_postgres.postgres, how))
        await room.send(*(fact(issue("while away")) for _ in range(20)))
        await sending
        back = own_postgres.postgres.resume if how == "pause" else own_postgres.postgres.start
        await asyncio.to_thread(back)
        await room.settled(within=40)

    assert await count_of(service, "steady") == 400
    assert await count_of(service, "while away") == 20
    assert len(await rows(service, "SELECT 1 FROM replicas")) == 420
    assert not await letters_of(service, "reader", room.topic)


async def _send(room: Newsroom, count: int) -> None:
    for _ in range(count // 10):
        await room.send(*(fact(issue("steady")) for _ in range(10)))
