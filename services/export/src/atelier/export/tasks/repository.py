"""Every select of export tasks and of the pictures in them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select, update

from atelier.contracts.enums import TaskStatus
from atelier.export import policy
from atelier.export.archives.layout import Member
from atelier.export.pictures.models import Rendition
from atelier.export.tasks.models import ExportItem, ExportTask
from atelier.runtime.auth import Principal
from atelier.runtime.http.pages import Page
from atelier.runtime.unit_of_work import UnitOfWork


async def get(uow: UnitOfWork, id_: UUID) -> ExportTask | None:
    """The task."""
    return await uow.one_or_none(select(ExportTask).where(ExportTask.id == id_))


async def lock(uow: UnitOfWork, id_: UUID) -> ExportTask | None:
    """The task, for changing: nobody else changes it until the commit."""
    return await uow.one_or_none(select(ExportTask).where(ExportTask.id == id_).with_for_update())


async def page(
    uow: UnitOfWork, principal: Principal, status: TaskStatus | None, page: Page
) -> tuple[Sequence[ExportTask], int]:
    """The principal's own tasks, newest first, and their number in all."""
    matching = [policy.own(principal)]
    if status is not None:
        matching.append(ExportTask.status == status.value)
    newest = select(ExportTask).where(*matching).order_by(ExportTask.created_at.desc(), ExportTask.id.desc())
    tasks = await uow.all(newest.offset(page.skip).limit(page.limit))
    count = await uow.one_or_none(select(func.count()).select_from(ExportTask).where(*matching))
    return tasks, count or 0


async def drop_items(uow: UnitOfWork, task_id: UUID) -> None:
    """Forget what was listed so far."""
    await uow.execute(delete(ExportItem).where(ExportItem.task_id == task_id))


async def use_renditions(uow: UnitOfWork, task_id: UUID) -> int:
    """Take what was converted before into use; returns how many of the task's pictures that are."""
    digests = select(ExportItem.digest).where(ExportItem.task_id == task_id)
    used = update(Rendition).where(Rendition.digest.in_(digests)).values(used_at=uow.now)
    await uow.execute(used.execution_options(synchronize_session=False))
    return await converted(uow, task_id)


async def converted(uow: UnitOfWork, task_id: UUID) -> int:
    """How many of the task's pictures are converted."""
    statement = select(func.count()).select_from(ExportItem)
    statement = statement.join(Rendition, Rendition.digest == ExportItem.digest)
    return await uow.one_or_none(statement.where(ExportItem.task_id == task_id)) or 0


async def unconverted(uow: UnitOfWork, task_id: UUID, after: int, limit: int) -> Sequence[ExportItem]:
    """The task's next pictures that aren't converted, behind a position."""
    statement = select(ExportItem).outerjoin(Rendition, Rendition.digest == ExportItem.digest)
    missing = statement.where(
        ExportItem.task_id == task_id, ExportItem.position > after, Rendition.digest.is_(None)
    )
    return await uow.all(missing.order_by(ExportItem.position).limit(limit))


async def members(uow: UnitOfWork, task_id: UUID, after: int, limit: int) -> list[tuple[int, Member]]:
    """The next files of the archive behind a position, each with its own."""
    statement = (
        select(ExportItem.position, ExportItem.name, Rendition.key, Rendition.size, Rendition.crc32)
        .join(Rendition, Rendition.digest == ExportItem.digest)
        .where(ExportItem.task_id == task_id, ExportItem.position > after)
        .order_by(ExportItem.position)
        .limit(limit)
    )
    rows = (await uow.execute(statement)).all()
    return [(row.position, Member(row.name, row.key, row.size, row.crc32)) for row in rows]


async def content_size(uow: UnitOfWork, task_id: UUID) -> int:
    """Bytes of all of the task's converted pictures together."""
    statement = select(func.sum(Rendition.size)).select_from(ExportItem)
    statement = statement.join(Rendition, Rendition.digest == ExportItem.digest)
    return int(await uow.one_or_none(statement.where(ExportItem.task_id == task_id)) or 0)
