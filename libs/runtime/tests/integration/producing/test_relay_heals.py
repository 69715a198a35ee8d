"""The relay's own connection to the database: lost and found again, and the ear for other processes."""

from __future__ import annotations

from newsroom import MakeService, eventually, relaying
from pressroom import Place, an_issue, first_occurrences, printing, service_on

from atelier.runtime.service import Service

END_RELAYS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = 'press-relay'"
)


async def leads(service: Service) -> bool:
    return service.relay is not None and service.relay.leads


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
