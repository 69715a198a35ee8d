"""One relay a database leads; a stopped one is replaced, and what it sends late changes nothing."""

from __future__ import annotations

import asyncio
import signal
import time
from uuid import uuid4

import asyncpg
from newsroom import MakeService, eventually, relaying
from pressroom import (
    Place,
    an_issue,
    assert_told,
    first_occurrences,
    pressing,
    printing,
    put_event,
    service_on,
    writing,
)

from atelier.runtime.messaging import leadership
from atelier.runtime.service import Service
from example.issues import IssueReprinted

TAKEN_OVER_WITHIN = 10.0


async def test_a_stopped_leader_is_replaced_and_only_repeats_when_it_goes_on(place: Place) -> None:
    async with pressing(place) as leader:
        await eventually(leader.leads)
        async with pressing(place) as successor:
            async with writing([leader.url, successor.url], writers=8, pause=0) as before:
                await eventually(lambda: has(before.writes > 100))
                leader.send(signal.SIGSTOP)  # in the middle of whatever it does
                stopped = time.monotonic()
                await eventually(successor.leads, TAKEN_OVER_WITHIN)
                print(f"taken over after {time.monotonic() - stopped:.1f} s")
                leader.send(signal.SIGCONT)
            async with writing([leader.url, successor.url]) as after:
                await eventually(lambda: has(after.writes > 100))
            await place.drained()
            assert await successor.leads()
            assert not await leader.leads()
            await eventually(leader.is_well)  # another one relays: that is no trouble
    assert after.unanswered == []
    await assert_told(place, after)
    await assert_told(place, before)


async def has(condition: bool) -> bool:
    return condition


async def test_two_relays_at_once_only_repeat(place: Place, make_service: MakeService) -> None:
    services = [await service_on(make_service, place) for _ in range(2)]
    issues = [an_issue() for _ in range(20)]

    async def lead(service: Service) -> None:
        """As a leader that doesn't know that it was replaced."""
        assert service.relay is not None
        async with leadership.candidate(place.database_url, "press", service.relay.wake) as leader:
            await service.relay._lead(leader)

    running = [asyncio.create_task(lead(service)) for service in services]
    for _ in range(10):
        async with printing(services[0]) as uow:
            for issue in issues:
                uow.emit(issue, IssueReprinted)
            await uow.commit()
        for service in services:
            service.relay.wake()  # type: ignore[union-attr]
    await place.drained()
    for service in services:
        await service.relay.stop()  # type: ignore[union-attr]
    await asyncio.gather(*running)
    for service in services:
        await service.relay._producer.close()  # type: ignore[union-attr]
    assert first_occurrences(await place.told()) == {issue.id: list(range(1, 11)) for issue in issues}


async def test_a_relay_that_never_led_sends_nothing_when_it_stops(
    place: Place, make_service: MakeService
) -> None:
    other = await asyncpg.connect(place.database_url)
    await other.execute("SELECT pg_advisory_lock($1)", leadership.LOCK)
    async with relaying(await service_on(make_service, place)):
        await put_event(place, uuid4(), 1)
    await other.close()
    assert (await place.waiting(), await place.told()) == (1, [])
