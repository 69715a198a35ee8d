"""Consumers don't need the broker to start, and find it again when it was away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import newsroom
import pytest
from aiokafka import TopicPartition
from newsroom import consuming, count_of, eventually, fact, issue

from atelier.runtime.messaging.subscriptions import PatientConsumer, Subscriptions
from atelier.stack.testing import EmbeddedStack

NOT_JOINED = "consumers haven't joined the broker"


@pytest.fixture(scope="module")
async def own_kafka() -> AsyncIterator[EmbeddedStack]:
    """A broker that these tests may hurt."""
    stack = EmbeddedStack(parts=["kafka"])
    await asyncio.to_thread(stack.start)
    yield stack
    await asyncio.to_thread(stack.close)


async def test_consumers_that_start_without_a_broker_join_later_and_outlive_its_death(
    own_kafka: EmbeddedStack, make_service: Any, make_database: Any
) -> None:
    servers = own_kafka.endpoints.kafka_bootstrap_servers
    async with newsroom.make_newsroom(servers, make_service, await make_database()) as room:
        service = await room.reader()
        await room.send(*(fact(issue("before")) for _ in range(10)))
        await asyncio.to_thread(own_kafka.kafka.stop)

        joining = asyncio.create_task(service.subscriptions.run())
        await eventually(lambda: _says(service, NOT_JOINED))
        assert not joining.done()
        await asyncio.to_thread(own_kafka.kafka.start)
        await joining
        await room.settled()
        assert await count_of(service, "before") == 10
        assert not await _says(service, NOT_JOINED)
        assert not await _says(service, "the broker is away")

        await asyncio.to_thread(own_kafka.kafka.kill)
        await eventually(lambda: _says(service, "the broker is away"), within=15)
        await asyncio.to_thread(own_kafka.kafka.start)
        await room.send(*(fact(issue("after")) for _ in range(10)))
        await room.settled(within=40)
        assert await count_of(service, "after") == 10
        assert not await _says(service, "the broker is away")
        await service.subscriptions.stop()


async def _says(service: Any, part: str) -> bool:
    return part in service.degraded()


async def test_a_stop_ends_in_time_while_the_broker_stands_still(
    own_kafka: EmbeddedStack, make_service: Any, make_database: Any
) -> None:
    """Once for a consumer at work, and once for one that is only joining."""
    servers = own_kafka.endpoints.kafka_bootstrap_servers
    async with newsroom.make_newsroom(servers, make_service, await make_database()) as room:
        working, joining = await room.reader(), await room.reader()
        await working.subscriptions.run()
        await asyncio.to_thread(own_kafka.kafka.pause)
        try:
            join = asyncio.create_task(joining.subscriptions.run())
            async with asyncio.timeout(12):
                await asyncio.gather(working.subscriptions.stop(), joining.subscriptions.stop())
            join.cancel()
            await asyncio.gather(join, return_exceptions=True)
        finally:
            await asyncio.to_thread(own_kafka.kafka.resume)


async def test_an_empty_poll_is_never_answered_to_faststream(
    stack: EmbeddedStack, make_newsroom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await make_newsroom()
    answers: list[dict[TopicPartition, Any]] = []
    polls = 0
    real = PatientConsumer.__mro__[1].getmany
    patient = PatientConsumer.getmany

    async def counting(self: Any, *partitions: Any, **how: Any) -> Any:
        nonlocal polls
        polls += 1
        return await real(self, *partitions, **how)

    async def noting(self: Any, *partitions: Any, **how: Any) -> Any:
        answers.append(await patient(self, *partitions, **how))
        return answers[-1]

    monkeypatch.setattr(PatientConsumer.__mro__[1], "getmany", counting)
    monkeypatch.setattr(PatientConsumer, "getmany", noting)
    monkeypatch.setattr("atelier.runtime.messaging.subscriptions.LONG_POLL_MS", 50)
    service = await room.reader()

    async def several_polls() -> bool:
        return polls > 6

    async with consuming(service):
        await eventually(several_polls)
        assert answers == [], "nothing came, and nothing was answered"
        await room.send(fact(issue("at last")))
        await room.settled()

    assert answers
    assert all(answers)
    assert isinstance(service.subscriptions, Subscriptions)
