"""Members come and go while handlers run; every fact is handled once, and in time."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID

from newsroom import FACTS, Newsroom, consuming, count_of, eventually, fact, issue
from prometheus_client import REGISTRY
from sqlalchemy import text

from atelier.runtime.messaging.subscriptions import HEARTBEAT_MS
from atelier.runtime.service import Declaration, Service
from example.issues import IssuePrinted

COUNT = text(
    "INSERT INTO tallies AS t (title, count, copies) VALUES (:title, 1, 1) "
    "ON CONFLICT (title) DO UPDATE SET count = t.count + 1"
)


class Desk:
    """A handler that stops at its first fact until it is told to go on, and notes what it handles."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.handled: list[UUID] = []

    async def handle(self, uow: Any, fact: Any) -> None:
        self.begun.set()
        await self.go_on.wait()
        await uow.execute(COUNT, {"title": fact.event.state.title})
        self.handled.append(fact.envelope.id)

    def at(self, declared: Declaration) -> Declaration:
        return replace(declared, facts={IssuePrinted: self.handle})


def _duplicates(room: Newsroom) -> float:
    labels = {"consumer": FACTS, "topic": room.topic, "outcome": "duplicate"}
    return REGISTRY.get_sample_value("consumed_records_total", labels) or 0


async def _reader(room: Newsroom, desk: Desk) -> Service:
    return await room.reader(desk.at)


async def test_a_member_that_joins_in_the_middle_of_a_batch_waits_for_it(make_newsroom: Any) -> None:
    room = await make_newsroom()
    first, second = Desk(), Desk()
    second.go_on.set()
    older, younger = await _reader(room, first), await _reader(room, second)
    await room.send(*(fact(issue("rebalanced")) for _ in range(100)))

    async def rebalances() -> bool:
        return "Rebalance" in await room.state_of_group()

    async with consuming(older):
        await first.begun.wait()
        joining = asyncio.create_task(younger.subscriptions.run())
        await eventually(rebalances)
        told_by = time.monotonic() + 3 * HEARTBEAT_MS / 1000
        while time.monotonic() < told_by:
            assert await rebalances()
            assert not joining.done(), "the partitions are given away while their batch is in hand"
        assert not second.handled
        first.go_on.set()
        await joining
        await room.send(*(fact(issue("rebalanced")) for _ in range(100)))
        await room.settled()
        await younger.subscriptions.stop()

    assert await count_of(older, "rebalanced") == 200
    assert set(Counter(first.handled + second.handled).values()) == {1}
    assert _duplicates(room) == 0, "the batch in hand was committed before its partitions went"
    assert second.handled, "the younger member got partitions"


async def test_members_that_come_and_go_under_a_stream_leave_nothing_out(make_newsroom: Any) -> None:
    room = await make_newsroom()
    desks = [Desk() for _ in range(3)]
    services = [await _reader(room, desk) for desk in desks]
    for desk in desks:
        desk.go_on.set()

    async def write() -> None:
        for _ in range(40):
            await room.send(*(fact(issue("churned")) for _ in range(10)))
            await asyncio.sleep(0)

    writing = asyncio.create_task(write())
    async with consuming(services[0]):
        async with consuming(services[1]), consuming(services[2]):
            await writing
        await room.settled()

    assert await count_of(services[0], "churned") == 400
    assert set(Counter(id_ for desk in desks for id_ in desk.handled).values()) == {1}
