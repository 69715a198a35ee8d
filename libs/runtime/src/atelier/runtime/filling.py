"""A new replica starts with what its owner already has: one job, asked for at every start, done once."""

from __future__ import annotations

from collections.abc import Sequence

from atelier.contracts.model import State
from atelier.runtime.jobs import Job, JobHandler
from atelier.runtime.rebuilding import ReplicaKeeper
from atelier.runtime.request_context import Cause
from atelier.runtime.unit_of_work import UnitsOfWork


def fill_job(keeper: ReplicaKeeper, states: Sequence[type[State]]) -> JobHandler:
    """The handler that rebuilds the replica whose kind is the job's key."""
    by_kind = {state.kind: state for state in states}

    async def fill(job: Job) -> None:
        await keeper.rebuild(by_kind[job.key], job.extend)

    return fill


async def ask_for_fill(units: UnitsOfWork, kind_of_job: str, states: Sequence[type[State]]) -> None:
    """Ask for every replica's first filling; asking again is nothing."""
    async with units.begin(Cause(correlation_id="start")) as uow:
        for state in states:
            uow.enqueue(kind_of_job, state.kind, {})
        await uow.commit()
