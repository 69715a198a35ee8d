"""The relay's own connection to the database: lost and found again, and the ear for other processes."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from newsroom import MakeService, eventually, relaying
from pressroom import Place, an_issue, first_occurrences, open_place, printing, put_event, service_on

from atelier.runtime.messaging.relay import POLL
from atelier.runtime.service import Service
from atelier.stack.testing import EmbeddedStack

END_RELAYS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = 'press-relay'"
)


async def leads(service: Service) -> bool:
    return service.relay is not None and service.relay.leads


async def leads_no_more(service: Service) -> bool:
    return not await leads(service)


async def print_one(service: Service) -> None:
    async with printing(service, an_issue()) as uow:
        await uow.commit()


async def test_a_relay_whose_connection_is_ended_leads_again(place: Place, make_service: MakeService) -> None:
    service = await service_on(make_service, place)
    async with relaying(service):
        for _ in range(2):
            await eventually(lambda: leads(service))
            await print_one(service)
            await place.query(END_RELAYS)
        await place.drained()
    assert sorted(first_occurrences(await place.told()).values()) == [[1], [1]]


async def test_a_relay_waits_for_a_database_that_restarts(
    stack: EmbeddedStack, make_service: MakeService
) -> None:
    with EmbeddedStack(parts={"postgres"}) as own:
        bootstrap_servers = stack.endpoints.kafka_bootstrap_servers
        place = await open_place(own.endpoints.postgres_admin_url, bootstrap_servers)
        service = await service_on(make_service, place)
        async with relaying(service):
            await print_one(service)
            await eventually(lambda: leads(service))
            await asyncio.to_thread(own.postgres.kill)
            await eventually(lambda: leads_no_more(service))
            await asyncio.to_thread(own.postgres.start)
            await put_event(place, restarted := uuid4(), 1)
            await place.drained()
        await service.close()
        told = first_occurrences(await place.told())
    assert told[restarted] == [1]
    assert len(told) == 2


async def test_a_commit_of_another_process_wakes_the_leader(place: Place, make_service: MakeService) -> None:
    leader = await service_on(make_service, place)
    other = await service_on(make_service, place, roles={"http"})
    waits = []
    async with relaying(leader):
        await eventually(lambda: leads(leader))
        for _ in range(20):
            await print_one(other)
            await print_one(other)  # while the first one's nudge may be under way
            waits.append(await place.drained())
    assert max(waits) < POLL / 4, waits
