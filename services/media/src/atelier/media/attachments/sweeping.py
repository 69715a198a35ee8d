"""The sweep: attachments that were never confirmed, and resources that nothing uses.

Before anything goes the owners are asked, with no transaction open: events may be late, and a
request may have failed after ingest. An owner that can't be asked keeps what it may hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from atelier.contracts.media import Attaching
from atelier.media.attachments import repository
from atelier.media.attachments.repository import Aggregate
from atelier.media.attachments.use_cases import HOLDING, follow, set_exactly
from atelier.media.resources import use_cases as resources
from atelier.runtime.auth import Principal
from atelier.runtime.errors import UnavailableError
from atelier.runtime.internal_client import InternalClient
from atelier.runtime.jobs import Job, JobHandler, RunAgain
from atelier.runtime.messaging.dead_letters import open_letters
from atelier.runtime.request_context import Cause
from atelier.runtime.unit_of_work import UnitsOfWork

log = structlog.get_logger(__name__)

SWEEP = "sweep-unattached"
BATCH = 200
FIRST = UUID(int=0)
MEDIA = Principal.of_service("media")


@dataclass(frozen=True)
class Sweep:
    """How long things stay, and how often they are looked for."""

    client: InternalClient
    unattached_for: timedelta
    every: timedelta


async def schedule(units: UnitsOfWork) -> None:
    """Have the sweep run from now on; once for all processes."""
    async with units.begin(Cause(correlation_id=SWEEP)) as uow:
        uow.enqueue(SWEEP, SWEEP, {})
        await uow.commit()


def sweep_job(sweep: Sweep) -> JobHandler:
    """The job that sweeps and then waits for its next turn, for ever."""

    async def run(job: Job) -> None:
        await clean_unconfirmed(job, sweep)
        await clean_unattached(job, sweep)
        raise RunAgain(sweep.every)

    return run


async def clean_unconfirmed(job: Job, sweep: Sweep) -> None:
    """Bring the attachments of aggregates that never confirmed some in line with their owners."""
    after = Aggregate("", FIRST)
    while True:
        async with job.begin() as uow:
            stale = await repository.unconfirmed(uow, sweep.unattached_for, after, BATCH)
        if not stale:
            return
        await ask_owners(job, sweep.client, stale)
        after = stale[-1]


async def clean_unattached(job: Job, sweep: Sweep) -> None:
    """Remove what nothing was attached to for long, where all that ever held it agree.

    Nothing goes while a fact waits for an operator: who holds what it tells of isn't known yet.
    """
    after = FIRST
    while True:
        async with job.begin() as uow:
            if await uow.all(open_letters().limit(1)):
                log.warning("nothing is removed while dead letters are open")
                return
            left = await resources.unattached(uow, sweep.unattached_for, after, BATCH)
            holders = await repository.holders(uow, left)
        if not left:
            return
        silent = await ask_owners(job, sweep.client, {holder for _, holder in holders})
        kept = {resource_id for resource_id, holder in holders if holder in silent}
        async with job.begin() as uow:
            await resources.remove_unattached(uow, set(left) - kept, sweep.unattached_for)
            await uow.commit()
        after = left[-1]


async def ask_owners(job: Job, client: InternalClient, aggregates: Collection[Aggregate]) -> set[Aggregate]:
    """Set the attachments of aggregates as their owners say; returns those of owners that are away."""
    by_kind: dict[str, set[UUID]] = defaultdict(set)
    for aggregate in aggregates:
        by_kind[aggregate.kind].add(aggregate.id)
    silent: set[Aggregate] = set()
    for kind, ids in by_kind.items():
        if not await _ask(job, client, kind, ids):
            silent |= {Aggregate(kind, id_) for id_ in ids}
    return silent


async def _ask(job: Job, client: InternalClient, kind: str, ids: Collection[UUID]) -> bool:
    """Whether the owner answered; what it doesn't know doesn't exist."""
    if kind not in HOLDING:
        return False
    try:
        answer = await client.read(HOLDING[kind], ids, MEDIA)
    except UnavailableError:
        return False
    for id_ in sorted(ids):
        said = answer.get(id_)
        state = said.state if said is not None else None
        async with job.begin() as uow:
            if isinstance(state, Attaching):
                await follow(uow, state)
            else:
                await set_exactly(uow, Aggregate(kind, id_), ())
            await uow.commit()
    return True
