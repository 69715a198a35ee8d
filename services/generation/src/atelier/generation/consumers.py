"""What generation takes from other services: facts to use cases, a table, and the jobs that follow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from atelier.contracts.generations import GenerationUpdated
from atelier.contracts.model import Event, State
from atelier.contracts.organizations import OrganizationDeleted
from atelier.contracts.products import ProductDeleted
from atelier.contracts.shots import GenerationRequested, ShotDeleted, ShotUpdated
from atelier.generation.backends.compositor.backend import Compositor
from atelier.generation.generations import use_cases
from atelier.generation.generations.models import Generation
from atelier.runtime import releasing
from atelier.runtime.jobs import Job, JobHandler
from atelier.runtime.messaging.facts import FactHandler
from atelier.runtime.messaging.records import Fact
from atelier.runtime.releasing import Releasable
from atelier.runtime.unit_of_work import UnitOfWork

REPLICAS: tuple[type[State], ...] = ()


def facts(
    release_again_after: timedelta, tool: str = Compositor.tool
) -> Mapping[type[Event[Any]], FactHandler]:
    """One handler for each fact that generation acts on; `tool` makes the pictures of new generations."""

    async def on_generation_requested(uow: UnitOfWork, fact: Fact[GenerationRequested]) -> None:
        await use_cases.take_over(uow, fact.event.request, tool)

    return {
        GenerationRequested: on_generation_requested,
        ShotUpdated: _on_shot_updated,
        ShotDeleted: _on_shot_deleted,
        ProductDeleted: _on_product_deleted,
        OrganizationDeleted: releasing.on_organization_deleted(release_again_after),
    }


async def _on_shot_updated(uow: UnitOfWork, fact: Fact[ShotUpdated]) -> None:
    await use_cases.follow_shot(uow, fact.event.state)


async def _on_shot_deleted(uow: UnitOfWork, fact: Fact[ShotDeleted]) -> None:
    await use_cases.cancel_of_shot(uow, fact.event.state.id)


async def _on_product_deleted(uow: UnitOfWork, fact: Fact[ProductDeleted]) -> None:
    await use_cases.forget_product(uow, fact.event.state.id)


async def _delete_of_product(job: Job) -> None:
    """A transaction a batch."""
    more = True
    while more:
        async with job.begin() as uow:
            more = await use_cases.delete_of_product(uow, UUID(job.payload["product_id"]))
            await uow.commit()


JOBS: Mapping[str, JobHandler] = {
    use_cases.DELETE: _delete_of_product,
    releasing.RELEASE: releasing.release_job([Releasable(Generation, GenerationUpdated)]),
}
