"""A fact has its effect once, however often and from wherever it comes."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from newsroom import (
    FACTS,
    Newsroom,
    consuming,
    count_of,
    eventually,
    fact,
    handling,
    issue,
    letters_of,
    rows,
)
from sqlalchemy import text

from atelier.runtime.service import Service
from example.issues import IssueReprinted

_PAUSE = text("SELECT pg_sleep(0.02)")


@pytest.fixture(scope="module")
async def reader(room: Newsroom) -> AsyncIterator[Service]:
    service = await room.reader()
    async with consuming(service):
        yield service


async def test_a_fact_that_comes_ten_times_and_shuffled_counts_once(room: Newsroom, reader: Service) -> None:
    records = [fact(issue("tenfold")) for _ in range(20)] * 10
    random.Random(4).shuffle(records)

    await room.send(*records)
    await room.settled()

    assert await count_of(reader, "tenfold") == 20


async def test_two_facts_with_the_same_offset_and_time_in_two_partitions_both_count(
    room: Newsroom, reader: Service
) -> None:
    ends = await room.ends()
    level = max(ends.values())
    padding = [
        fact(issue("padding"), partition=partition.partition)
        for partition, end in ends.items()
        for _ in range(level - end)
    ]
    await room.send(*padding)
    now = int(time.time() * 1000)

    await room.send(*(fact(issue("twin"), partition=partition, timestamp_ms=now) for partition in (0, 1)))
    await room.settled()

    assert {end for partition, end in (await room.ends()).items() if partition.partition in (0, 1)} == {
        level + 1
    }
    assert await count_of(reader, "twin") == 2


async def test_facts_of_one_aggregate_are_handled_in_the_order_of_their_versions(
    make_newsroom: Any,
) -> None:
    room = await make_newsroom()
    seen: list[int] = []

    async def note(_: object, noted: Any) -> None:
        seen.append(noted.envelope.aggregate_version)

    state = issue("ordered")
    await room.send(*(fact(state, version, IssueReprinted) for version in range(1, 201)))
    service = await room.reader(lambda declared: handling(declared, note))
    async with consuming(service):
        await room.settled()

    assert seen == list(range(1, 201))


async def test_reading_the_topic_again_from_its_start_changes_nothing(make_newsroom: Any) -> None:
    room = await make_newsroom()
    await room.send(*(fact(issue("again")) for _ in range(30)))
    async with consuming(await room.reader()):
        await room.settled()
    await room.rewind(FACTS)

    service = await room.reader()
    async with consuming(service):
        await room.settled()

    assert await count_of(service, "again") == 30
    assert len(await rows(service, "SELECT 1 FROM inbox")) == 30
    assert not await letters_of(service, FACTS, room.topic)


async def test_a_consumer_killed_between_effect_and_offset_counts_once(
    make_newsroom: Any, make_process: Any
) -> None:
    rooms = {crash_point: await make_newsroom() for crash_point in ("after_effect:3", "before_offset")}
    services = {crash_point: await room.reader() for crash_point, room in rooms.items()}

    async def killed_at(crash_point: str) -> int:
        room = rooms[crash_point]
        await room.send(*(fact(issue("killed")) for _ in range(10)))
        doomed = make_process("reader", room.environment(ATELIER_CRASH_AT=crash_point))
        doomed.serve()
        assert await doomed.ended() == -9
        heir = make_process("reader", room.environment())
        heir.serve()
        await room.settled(within=60)  # the broker misses the dead member only after its session
        assert await heir.stop() == 0
        return await count_of(services[crash_point], "killed")

    assert await asyncio.gather(*map(killed_at, rooms)) == [10, 10]


async def test_a_stopping_consumer_commits_the_batch_that_it_has_in_hand(make_newsroom: Any) -> None:
    room = await make_newsroom()
    handled: list[Any] = []

    async def slowly(uow: Any, noted: Any) -> None:
        await uow.execute(_PAUSE)
        handled.append(noted.envelope.id)

    await room.send(*(fact(issue("stopping"), partition=0) for _ in range(20)))
    service = await room.reader(lambda declared: handling(declared, slowly))

    async def begun() -> object:
        return handled

    async with consuming(service):
        await eventually(begun)
        assert len(handled) < 20

    assert len(handled) == 20
    await room.settled([FACTS], within=2)
