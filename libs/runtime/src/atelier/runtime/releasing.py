"""What an organization's end means for what belonged to it: it goes back to the last owner.

A fact asks for two jobs: one at once, and one two minutes later for writes that were under way
with a token from before. Each works in batches, an event for every entity.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, any_, literal
from sqlalchemy.orm import InstrumentedAttribute

from atelier.contracts.organizations import OrganizationDeleted
from atelier.runtime.jobs import Job, JobHandler
from atelier.runtime.messaging.facts import FactHandler
from atelier.runtime.messaging.records import Fact
from atelier.runtime.unit_of_work import UnitOfWork

RELEASE = "release-organization"
BATCH = 200
AGAIN_AFTER = timedelta(minutes=2)
LONGEST = 255
"""Characters of a name."""
STEM = LONGEST - len(" (9999999)")
"""As much of a name as stays when a number is put behind it."""

ReleaseBatch = Callable[[UnitOfWork, UUID, UUID, int], Awaitable[int]]
"""Release up to so many entities of an organization to a user; returns how many it released."""


def on_organization_deleted(again_after: timedelta = AGAIN_AFTER) -> FactHandler:
    """The handler of the fact, for a service's table of facts."""

    async def handle(uow: UnitOfWork, fact: Fact[OrganizationDeleted]) -> None:
        organization_id = str(fact.event.state.id)
        payload = {"organization_id": organization_id, "owner_id": str(fact.event.last_owner_id)}
        uow.enqueue(RELEASE, organization_id, payload)
        uow.enqueue(RELEASE, f"{organization_id}:again", payload, delay=again_after)

    return handle


def release_job(modules: Sequence[ReleaseBatch]) -> JobHandler:
    """The job that releases the entities of all modules, a transaction for each batch."""

    async def release(job: Job) -> None:
        organization_id, owner_id = UUID(job.payload["organization_id"]), UUID(job.payload["owner_id"])
        for module in modules:
            released = BATCH
            while released == BATCH:
                async with job.begin() as uow:
                    released = await module(uow, organization_id, owner_id, BATCH)
                    await uow.commit()

    return release


def begins_as(column: InstrumentedAttribute[str], names: Collection[str]) -> ColumnElement[bool]:
    """Whether a taken name can stand in the way of one of these, as it is or as `untaken` numbers it."""
    stems = sorted({name[:STEM] for name in names})
    return column.bool_op("^@")(any_(literal(stems, ARRAY(Text))))


def untaken(name: str, taken: Collection[str], limit: int = LONGEST) -> str:
    """The name, or with the first free number behind it; never longer than `limit`."""
    if name not in taken:
        return name
    number = 2
    while True:
        suffix = f" ({number})"
        candidate = name[: limit - len(suffix)] + suffix
        if candidate not in taken:
            return candidate
        number += 1


def release(entity: Any, owner_id: UUID, taken: set[str]) -> None:
    """Make an entity its new owner's personal one, under a name that is free among theirs."""
    entity.organization_id = None
    entity.owner_id = owner_id
    entity.name = untaken(entity.name, taken)
    taken.add(entity.name)
