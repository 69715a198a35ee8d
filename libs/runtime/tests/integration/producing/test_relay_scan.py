"""The relay reads the smallest ids that are left, whatever it has read before."""

from __future__ import annotations

from uuid import UUID, uuid4

import asyncpg
from newsroom import MakeService, eventually, relaying
from pressroom import Place, an_issue, first_occurrences, printing, put_event, service_on

from example.issues import IssueReprinted


async def told_of(place: Place, *aggregates: UUID) -> bool:
    """Whether the topic has an event of each."""
    return set(aggregates) <= {one.aggregate_id for one in await place.told()}


async def test_a_transaction_that_takes_its_ids_early_and_commits_late_is_not_skipped(
    place: Place, make_service: MakeService
) -> None:
    service = await service_on(make_service, place)
    early, late = uuid4(), uuid4()
    connection = await asyncpg.connect(place.database_url)
    async with relaying(service):
        transaction = connection.transaction()
        await transaction.start()
        await put_event(place, early, 1, connection=connection)
        await put_event(place, late, 1)
        await eventually(lambda: told_of(place, late))
        assert not await told_of(place, early)
        await transaction.commit()
        await connection.close()
        await eventually(lambda: told_of(place, early), within=6)
    assert await place.waiting() == 0


async def test_an_outbox_larger_than_a_batch_is_relayed_in_the_order_of_versions(
    place: Place, make_service: MakeService
) -> None:
    service = await service_on(make_service, place)
    issues = [an_issue("x" * 8192) for _ in range(40)]
    async with printing(service, *issues) as uow:
        for issue in issues * 59:
            uow.emit(issue, IssueReprinted)
        await uow.commit()
    async with relaying(service):
        await place.drained()
    told = await place.told()
    assert first_occurrences(told) == {issue.id: list(range(1, 61)) for issue in issues}
    assert len(told) == 2400, "each once"
