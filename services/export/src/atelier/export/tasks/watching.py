"""Looking after work on a task: whether it is still wanted, how far it is, and that the lease is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar
from uuid import UUID

from atelier.contracts.export_tasks import ExportProgressed
from atelier.export.tasks import repository
from atelier.export.tasks.models import ExportTask
from atelier.runtime.away import is_away
from atelier.runtime.jobs import Job
from atelier.runtime.unit_of_work import UnitOfWork

T = TypeVar("T")

LOOK_EVERY = 0.25
"""Seconds between looks; a cancelled task's work stops at the next one."""
TELL_EVERY = 1.0
"""Seconds between writes: the lease is kept, and progress told where there is any."""


class TaskEndedError(Exception):
    """The task was cancelled, or is gone: nobody wants its archive any more."""


@dataclass
class Progress:
    """How many pictures are converted, as the work counts them; told now and then."""

    done: int


async def working(uow: UnitOfWork, task_id: UUID) -> ExportTask:
    """The task, locked, for what its worker writes; raises `TaskEndedError`."""
    task = await repository.lock(uow, task_id)
    if task is None or task.ended:
        raise TaskEndedError(str(task_id))
    return task


async def watched(job: Job, task_id: UUID, progress: Progress, work: Coroutine[Any, Any, T]) -> T:
    """Do the work while the task is wanted and the job is ours.

    Raises what the work raises; `TaskEndedError` and `LeaseLostError` after it was stopped.
    """
    doing: asyncio.Task[T] = asyncio.create_task(work)
    watching: asyncio.Task[NoReturn] = asyncio.create_task(_watch(job, task_id, progress))
    try:
        await asyncio.wait({doing, watching}, return_when=asyncio.FIRST_COMPLETED)
        return doing.result() if doing.done() else watching.result()
    finally:
        await _stop(doing, watching)


async def together(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all of them at once; the first that fails stops the others and is what is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _watch(job: Job, task_id: UUID, progress: Progress) -> NoReturn:
    told_at = time.monotonic()
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            if time.monotonic() - told_at < TELL_EVERY:
                await _require_wanted(job, task_id)
            else:
                await _tell(job, task_id, progress.done)
                told_at = time.monotonic()
        except Exception as failure:
            if not is_away(failure):
                raise


async def _require_wanted(job: Job, task_id: UUID) -> None:
    """Raise `TaskEndedError` where it has; only reads."""
    async with job.units.begin(job.cause) as uow:
        task = await repository.get(uow, task_id)
    if task is None or task.ended:
        raise TaskEndedError(str(task_id))


async def _tell(job: Job, task_id: UUID, done: int) -> None:
    """Keep the lease, and tell of so many converted pictures where that is news."""
    async with job.begin() as uow:
        task = await working(uow, task_id)
        if done != task.processed_items:
            task.processed_items, task.retries = done, 0
            uow.emit(task, ExportProgressed)
        await uow.commit()


async def _stop(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
