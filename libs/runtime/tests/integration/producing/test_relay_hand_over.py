"""What the broker doesn't take holds back its own aggregate, and nothing comes out of order for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from newsroom import TOPIC, MakeService, eventually, relaying
from pressroom import Place, first_occurrences, open_place, put_event, service_on

from atelier.contracts.topics import Topics
from atelier.runtime.service import Service
from atelier.stack.testing import EmbeddedStack
from example.issues import TOPICS

ONE_PARTITION = Topics(tuple(replace(topic, partitions=1) for topic in TOPICS.all))
SOON = 4.0
"""Seconds; less than an event that can't be handed over waits before it is tried again."""


@pytest.fixture
async def narrow(stack: EmbeddedStack) -> Place:
    """A place whose topic has one partition, where every aggregate is in every other's way."""
    endpoints = stack.endpoints
    return await open_place(endpoints.postgres_admin_url, endpoints.kafka_bootstrap_servers, ONE_PARTITION)


@asynccontextmanager
async def administering(place: Place) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=place.bootstrap_servers)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def take_records_up_to(place: Place, size: int) -> None:
    """Have the topic refuse larger batches of records, in bytes."""
    limit = ConfigResource(ConfigResourceType.TOPIC, place.prefix + TOPIC, {"max.message.bytes": str(size)})
    async with administering(place) as admin:
        await admin.alter_configs([limit])


async def told_of(place: Place, aggregate_id: UUID) -> bool:
    return aggregate_id in {one.aggregate_id for one in await place.told()}


async def relays_an_event(service: Service, place: Place) -> None:
    """One more event of another aggregate arrives soon."""
    await put_event(place, id_ := uuid4(), 1)
    service.relay.wake()  # type: ignore[union-attr]
    await eventually(lambda: told_of(place, id_), SOON)


async def test_an_event_that_the_broker_refuses_holds_back_its_own_aggregate_alone(
    narrow: Place, make_service: MakeService
) -> None:
    """The refused one left a gap in its producer's sequence: only a new producer gets anything through."""
    service = await service_on(make_service, narrow)
    async with relaying(service):
        await relays_an_event(service, narrow)
        await take_records_up_to(narrow, 100_000)
        await put_event(narrow, large := uuid4(), 1, body="x" * 200_000)
        await put_event(narrow, large, 2)
        for _ in range(2):
            await relays_an_event(service, narrow)
        assert not await told_of(narrow, large)
        await take_records_up_to(narrow, 1_000_000)
        await narrow.drained()
    assert first_occurrences(await narrow.told())[large] == [1, 2]


async def test_nothing_overtakes_an_event_that_a_new_producer_was_refused(
    narrow: Place, make_service: MakeService
) -> None:
    """A broker that doesn't know the producer yet takes a batch behind the gap that the refused one left."""
    service = await service_on(make_service, narrow)
    await take_records_up_to(narrow, 170_000)
    await put_event(narrow, id_ := uuid4(), 1, body="x" * 200_000)
    await put_event(narrow, id_, 2, body="x" * 150_000)

    async def refused() -> bool:
        return service.relay.trouble is not None  # type: ignore[union-attr]

    async with relaying(service):
        await eventually(refused)
        await relays_an_event(service, narrow)
        assert not await told_of(narrow, id_)
        await take_records_up_to(narrow, 1_000_000)
        await narrow.drained()
    assert first_occurrences(await narrow.told())[id_] == [1, 2]


async def test_an_event_whose_topic_is_missing_holds_back_its_own_aggregate_alone(
    place: Place, make_service: MakeService
) -> None:
    service = await service_on(make_service, place)
    await put_event(place, early := uuid4(), 1, topic="press.later.v1")
    async with relaying(service):
        for _ in range(2):
            await relays_an_event(service, place)
        assert f"{place.prefix}press.later.v1" in str(service.degraded())
        async with administering(place) as admin:
            await admin.create_topics([NewTopic(place.prefix + "press.later.v1", 1, 1)])
        await place.drained()

        async def is_well() -> bool:
            return service.degraded() == []

        await eventually(is_well)
    assert first_occurrences(await place.told("press.later.v1")) == {early: [1]}
