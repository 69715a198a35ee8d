"""What belonged to an organization goes back to its last owner, with or without a name, children too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from newsroom import rows, run

from atelier.runtime.releasing import Releasable, release_batch
from atelier.runtime.request_context import NO_CAUSE
from atelier.runtime.service import Service
from atelier.runtime.unit_of_work import UnitOfWork
from example import press
from example.issues import IssueReprinted


@pytest.fixture(scope="module")
async def service(make_service: Callable[..., Awaitable[Service]]) -> Service:
    return await make_service(press.declare, press.Settings)


async def _issues(service: Service, organization_id: UUID, count: int) -> None:
    await run(
        service,
        "INSERT INTO issues (id, version, created_at, updated_at, owner_id, organization_id, title, copies) "
        "SELECT gen_random_uuid(), 1, now(), now(), gen_random_uuid(), :organization_id, 'Same', 0 "
        "FROM generate_series(1, :count)",
        organization_id=organization_id,
        count=count,
    )


async def test_entities_without_a_name_are_given_back_as_they_are_with_an_event_each(
    service: Service,
) -> None:
    organization_id, owner_id = uuid4(), uuid4()
    await _issues(service, organization_id, 3)
    async with service.units.begin(NO_CAUSE) as uow:
        released = await release_batch(
            uow, Releasable(press.Issue, IssueReprinted), organization_id, owner_id
        )
        await uow.commit()

    found = await rows(service, "SELECT * FROM issues WHERE owner_id = :id", id=owner_id)
    assert released == 3
    assert [(one.organization_id, one.title, one.version) for one in found] == [(None, "Same", 2)] * 3
    told = await rows(
        service, "SELECT 1 FROM outbox WHERE aggregate_id = ANY(:ids)", ids=[one.id for one in found]
    )
    assert len(told) == 3


async def test_children_are_asked_for_in_the_same_transaction_with_their_new_owner(service: Service) -> None:
    organization_id, owner_id = uuid4(), uuid4()
    followed: list[UUID] = []

    async def follow(uow: UnitOfWork, released: Sequence[Any]) -> None:
        assert (await uow.session()).in_transaction()
        followed.extend(one.owner_id for one in released)

    await _issues(service, organization_id, 2)
    kind = Releasable(press.Issue, IssueReprinted, children=follow)
    async with service.units.begin(NO_CAUSE) as uow:
        assert await release_batch(uow, kind, organization_id, owner_id) == 2
        await uow.commit()
    async with service.units.begin(NO_CAUSE) as uow:
        assert await release_batch(uow, kind, organization_id, owner_id) == 0

    assert followed == [owner_id, owner_id]
