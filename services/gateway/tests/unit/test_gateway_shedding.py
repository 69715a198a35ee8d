"""Slots: never more at once, a short queue, and none lost whatever happens to who waits."""

import asyncio
import time

import pytest

from atelier.gateway.answers import Refusal
from atelier.gateway.shedding import Slots


async def test_so_many_at_once_and_then_none() -> None:
    slots = Slots("catalog", 2, 0)
    assert [slots.take() for _ in range(3)] == [True, True, False]
    slots.give_back()
    assert slots.take()


async def test_beyond_the_queue_it_is_503_at_once() -> None:
    slots = Slots("catalog", 0, 0)
    with pytest.raises(Refusal) as refused:
        await slots.wait()
    assert refused.value.status == 503
    assert (b"retry-after", b"1") in refused.value.headers


async def test_who_waits_longest_is_next() -> None:
    slots = Slots("catalog", 1, 5)
    slots.take()
    done: list[int] = []

    async def want(number: int) -> None:
        await slots.wait()
        done.append(number)
        slots.give_back()

    waiting = [asyncio.create_task(want(number)) for number in range(3)]
    await asyncio.sleep(0)
    slots.give_back()
    await asyncio.gather(*waiting)
    assert done == [0, 1, 2]
    assert slots.take()


async def test_who_waits_too_long_is_told_so_soon() -> None:
    slots = Slots("catalog", 1, 5)
    slots.take()
    began = time.perf_counter()
    with pytest.raises(Refusal):
        await slots.wait()
    assert time.perf_counter() - began < 0.5
    slots.give_back()
    assert slots.take()


async def test_one_who_leaves_the_queue_or_leaves_with_a_slot_loses_none() -> None:
    slots = Slots("catalog", 1, 5)
    slots.take()
    leaving, given = asyncio.create_task(slots.wait()), asyncio.create_task(slots.wait())
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    slots.give_back()  # to `given`, who is cancelled before it runs
    given.cancel()
    await asyncio.gather(leaving, given, return_exceptions=True)
    assert slots.take()
