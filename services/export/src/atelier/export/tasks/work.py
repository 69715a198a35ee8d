"""Making an archive: list what is approved, convert it, stream it together.

Each step can be repeated by another worker: the list is kept as rows, converted pictures are kept
by content, and the archive of a worker has a key of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from atelier.contracts.deliverables import Deliverable
from atelier.contracts.enums import TaskStatus
from atelier.contracts.export_tasks import ExportCompleted, ExportFailed, ExportProgressed
from atelier.export.archives import use_cases as archives
from atelier.export.archives.layout import Member
from atelier.export.archives.use_cases import MissingMemberError
from atelier.export.deliveries import Deliveries, Wanted
from atelier.export.naming import UniqueNames
from atelier.export.pictures.formats import ImageFormat
from atelier.export.pictures.use_cases import Delivery, Studio, UndeliverableError
from atelier.export.tasks import repository, use_cases
from atelier.export.tasks.models import ExportItem, ExportTask
from atelier.export.tasks.watching import Progress, TaskEndedError, together, watched, working
from atelier.runtime.authorization import Ownership
from atelier.runtime.away import is_away
from atelier.runtime.errors import UnavailableError
from atelier.runtime.jobs import Job, LeaseLostError, RunAgain
from atelier.runtime.storage import Storage

log = structlog.get_logger(__name__)

AT_ONCE = 16
"""Pictures on their way at once; the processes that convert bound what is really at work."""
PAGE = 500
ATTEMPTS = 5
"""Tries after which an error that nobody foresaw ends the task."""
LONGEST_WAIT = timedelta(minutes=1)
NOTHING = "There is nothing to export: none of these shots is approved."
BROKEN = "The export failed for a reason that isn't yours; it was recorded. Ask for it again."


@dataclass(frozen=True)
class Archive:
    """A whole archive in the bucket, its size in bytes."""

    key: str
    size: int


@dataclass(frozen=True)
class Exporter:
    """Works on tasks; `kept` is how long one is kept once it has ended."""

    storage: Storage
    studio: Studio
    deliveries: Deliveries
    kept: timedelta

    async def export(self, job: Job) -> None:
        """The job of one task: to its end, whichever that is, or until something is away."""
        task_id = UUID(job.key)
        try:
            await self._export(job, task_id)
        except UnavailableError as away:
            wait = await _retry_later(job, task_id)
            raise RunAgain(wait, str(away)) from away
        except (LeaseLostError, RunAgain):
            raise
        except Exception as failure:
            if is_away(failure) or job.attempts < ATTEMPTS:
                raise
            log.error("export failed", task_id=str(task_id), exc_info=failure)
            await self._fail(job, task_id, BROKEN)

    async def expire(self, job: Job) -> None:
        """The job of a task whose time is over: it goes, and its archive."""
        async with job.begin() as uow:
            task = await repository.lock(uow, UUID(job.key))
            if task is not None:
                await use_cases.remove(uow, task)
            await uow.commit()

    async def remove(self, job: Job) -> None:
        """The job of a task that is gone: remove what is left of it in the bucket."""
        await archives.discard(self.storage, use_cases.archives_of(UUID(job.key)))

    async def _export(self, job: Job, task_id: UUID) -> None:
        try:
            task = await _begin(job, task_id)
            progress = Progress(task.processed_items)
            archive = await watched(job, task_id, progress, self._make(job, task, progress))
            await self._complete(job, task_id, archive)
        except UndeliverableError as wrong:
            await self._fail(job, task_id, str(wrong))
        except TaskEndedError:
            await self._clean_up(job, task_id)

    async def _make(self, job: Job, task: ExportTask, progress: Progress) -> Archive:
        delivery = delivery_of(task)
        if not task.listed:
            await self._list(job, task, delivery)
        await self._convert(job, task.id, delivery, progress)
        return await self._archive(job, task)

    async def _list(self, job: Job, task: ExportTask, delivery: Delivery) -> None:
        """Write down what is approved now; from here on the task is about these pictures."""
        async with job.begin() as uow:
            await working(uow, task.id)
            await repository.drop_items(uow, task.id)
            await uow.commit()
        names, total = UniqueNames(), 0
        async for page in self.deliveries.approved(_wanted(task)):
            async with job.begin() as uow:
                for position, deliverable in enumerate(page, total):
                    uow.add(_item(task.id, position, deliverable, delivery, names))
                await uow.commit()
            total += len(page)
        if not total:
            raise UndeliverableError(NOTHING)
        await _listed(job, task.id, total)

    async def _convert(self, job: Job, task_id: UUID, delivery: Delivery, progress: Progress) -> None:
        """Convert what wasn't converted before."""
        async with job.begin() as uow:
            progress.done = await repository.converted(uow, task_id)
        position = -1
        while batch := await _unconverted(job, task_id, position):
            await together(self._render(job, item, delivery, progress) for item in batch)
            position = batch[-1].position

    async def _render(self, job: Job, item: ExportItem, delivery: Delivery, progress: Progress) -> None:
        deliverable = Deliverable.model_validate(item.deliverable)
        try:
            await self.studio.render(job.begin, delivery.picture(deliverable))
        except UndeliverableError as wrong:
            msg = f"{item.name} can't be exported: {wrong}. Give shot {deliverable.shot_id} another revision."
            raise UndeliverableError(msg) from wrong
        progress.done += 1

    async def _archive(self, job: Job, task: ExportTask) -> Archive:
        """Stream the archive together; what an earlier worker left of one goes first.

        Only of earlier ones: who stood still for long may be the earlier one, and a later one through.
        """
        await archives.discard(
            self.storage, use_cases.archives_of(task.id), lambda key: use_cases.epoch_of(key) < job.epoch
        )
        async with job.begin() as uow:
            content_size = await repository.content_size(uow, task.id)
        key = use_cases.archive_of(task.id, job.epoch)
        members = _members(job, task.id)
        try:
            size = await archives.write(self.storage, key, task.created_at, members, content_size)
        except MissingMemberError as missing:
            await self.studio.forget(job.begin, missing.member.key)
            raise UnavailableError(f"A converted picture is missing, so it's made anew: {missing}") from None
        return Archive(key, size)

    async def _complete(self, job: Job, task_id: UUID, archive: Archive) -> None:
        async with job.begin() as uow:
            task = await working(uow, task_id)
            use_cases.end(uow, task, TaskStatus.COMPLETED, self.kept)
            task.archive_key, task.archive_size = archive.key, archive.size
            task.processed_items, task.error_message = task.total_items, None
            uow.emit(task, ExportCompleted)
            await uow.commit()

    async def _fail(self, job: Job, task_id: UUID, message: str) -> None:
        async with job.begin() as uow:
            task = await repository.lock(uow, task_id)
            if task is not None and not task.ended:
                use_cases.end(uow, task, TaskStatus.FAILED, self.kept)
                task.error_message = message
                uow.emit(task, ExportFailed)
            await uow.commit()
        await self._clean_up(job, task_id)

    async def _clean_up(self, job: Job, task_id: UUID) -> None:
        """Remove what was begun for a task that won't have an archive.

        One that is gone or complete may have an archive that somebody fetches: only what this worker
        began goes.
        """
        async with job.begin() as uow:
            task = await repository.get(uow, task_id)
        hopeless = task is not None and task.status != TaskStatus.COMPLETED
        whose = use_cases.archives_of(task_id) if hopeless else use_cases.archive_of(task_id, job.epoch)
        await archives.discard(self.storage, whose)


def delivery_of(task: ExportTask) -> Delivery:
    """How the task's pictures are delivered, as it was settled when it was asked for."""
    return Delivery(
        ImageFormat(task.image_format), task.metadata_adapter, task.naming_template, task.longest_side
    )


async def _begin(job: Job, task_id: UUID) -> ExportTask:
    """Take the task up, for the first time or again; raises `TaskEndedError`."""
    async with job.begin() as uow:
        task = await working(uow, task_id)
        if task.status != TaskStatus.PROCESSING:
            task.step(TaskStatus.PROCESSING)
            task.started_at = task.started_at or uow.now
            uow.emit(task, ExportProgressed)
        await uow.commit()
    return task


async def _listed(job: Job, task_id: UUID, total: int) -> None:
    async with job.begin() as uow:
        task = await working(uow, task_id)
        task.listed, task.total_items = True, total
        task.processed_items = await repository.use_renditions(uow, task_id)
        uow.emit(task, ExportProgressed)
        await uow.commit()


async def _retry_later(job: Job, task_id: UUID) -> timedelta:
    """Show that the task waits for something; returns how long it does, longer each time in a row."""
    async with job.begin() as uow:
        task = await repository.lock(uow, task_id)
        retries = 0
        if task is not None and not task.ended:
            if task.status != TaskStatus.RETRYING:
                task.step(TaskStatus.RETRYING)
            task.retries = retries = task.retries + 1
            uow.emit(task, ExportProgressed)
        await uow.commit()
    return min(LONGEST_WAIT, timedelta(seconds=2 ** min(retries, 10)))


async def _unconverted(job: Job, task_id: UUID, after: int) -> Sequence[ExportItem]:
    async with job.begin() as uow:
        return await repository.unconverted(uow, task_id, after, AT_ONCE)


async def _members(job: Job, task_id: UUID) -> AsyncIterator[Member]:
    """The archive's files in order, read a page at a time."""
    position, read = -1, PAGE
    while read == PAGE:
        async with job.begin() as uow:
            page = await repository.members(uow, task_id, position, PAGE)
        for _, member in page:
            yield member
        read, position = len(page), page[-1][0] if page else position


def _wanted(task: ExportTask) -> Wanted:
    ownership = Ownership(task.owner_id if task.organization_id is None else None, task.organization_id)
    return Wanted(ownership, [UUID(id_) for id_ in task.product_ids], task.look_id, task.shooting_id)


def _item(
    task_id: UUID, position: int, deliverable: Deliverable, delivery: Delivery, names: UniqueNames
) -> ExportItem:
    return ExportItem(
        task_id=task_id,
        position=position,
        name=names.take(delivery.file_name(deliverable), delivery.format.extension),
        digest=delivery.picture(deliverable).digest,
        deliverable=deliverable.model_dump(mode="json"),
    )
