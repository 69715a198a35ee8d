"""What can be done with export tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from atelier.contracts.enums import TaskStatus
from atelier.contracts.export_tasks import ExportCancelled, ExportDeleted, ExportRequested
from atelier.contracts.looks import LookState
from atelier.contracts.model import State
from atelier.contracts.products import ProductState
from atelier.contracts.shootings import ShootingState
from atelier.export.pictures.use_cases import Delivery
from atelier.export.policy import FETCHED_WITHIN, require_own
from atelier.export.tasks import repository
from atelier.export.tasks.models import ExportTask
from atelier.export.tasks.schemas import ExportApprovedShotsRequest
from atelier.runtime import tenancy
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Ownership
from atelier.runtime.clock import new_id
from atelier.runtime.errors import ConflictError, InvalidError, Location, Problem
from atelier.runtime.http.pages import Page
from atelier.runtime.http.versions import Expected
from atelier.runtime.references import References, may_refer
from atelier.runtime.storage import Storage
from atelier.runtime.unit_of_work import UnitOfWork

EXPORT, EXPIRE, REMOVE = "export", "expire-export", "remove-export"
"""Jobs, by the id of the task: make the archive; end the task; remove its objects."""

Named = Mapping[UUID, Location]
"""Ids with the places where the request names them."""


def archives_of(task_id: UUID) -> str:
    """What the keys of all of a task's objects begin with."""
    return f"exports/{task_id}/"


def archive_of(task_id: UUID, epoch: int) -> str:
    """The key of the archive that the worker with this lease makes."""
    return f"{archives_of(task_id)}{epoch}.zip"


def epoch_of(key: str) -> int:
    """Whose archive has this key, or had it: the lease's epoch."""
    return int(key.rpartition("/")[2].removesuffix(".zip"))


async def request(
    uow: UnitOfWork,
    references: References,
    principal: Principal,
    organization_id: UUID | None,
    delivery: Delivery,
    body: ExportApprovedShotsRequest,
) -> ExportTask:
    """Ask for an archive of approved shots, of an organization or of one's own."""
    _require_a_choice(body)
    await tenancy.verify(uow, references, principal, {tenancy.ORGANIZATION: organization_id})
    ownership = tenancy.place(principal, organization_id, {})
    await _require_known(uow, references, principal, ownership, body)
    assert ownership.owner_id is not None, "a user asks"
    task = ExportTask(
        id=new_id(),
        created_at=uow.now,
        updated_at=uow.now,
        owner_id=ownership.owner_id,
        organization_id=ownership.organization_id,
        product_ids=[str(id_) for id_ in dict.fromkeys(body.product_ids or ())],
        shooting_id=body.shooting_id,
        look_id=body.shooting_look_id,
        image_format=delivery.image_format,
        metadata_adapter=delivery.metadata_adapter,
        naming_template=delivery.naming_template,
        longest_side=delivery.longest_side,
    )
    uow.add(task)
    uow.emit(task, ExportRequested)
    uow.enqueue(EXPORT, str(task.id), {})
    return task


async def read(uow: UnitOfWork, principal: Principal, id_: UUID) -> ExportTask:
    """A task that the caller asked for."""
    return require_own(principal, await repository.get(uow, id_))


async def list_(
    uow: UnitOfWork, principal: Principal, status: TaskStatus | None, page: Page
) -> tuple[Sequence[ExportTask], int]:
    """A page of the caller's own tasks, newest first, and their number in all."""
    return await repository.page(uow, principal, status, page)


async def cancel(
    uow: UnitOfWork, principal: Principal, id_: UUID, expected: Expected, kept: timedelta
) -> ExportTask:
    """Stop a task that hasn't ended; whoever works on it notices and cleans up."""
    task = await _locked(uow, principal, id_, expected)
    end(uow, task, TaskStatus.CANCELLED, kept)
    uow.emit(task, ExportCancelled)
    return task


async def dismiss(uow: UnitOfWork, principal: Principal, id_: UUID, expected: Expected) -> None:
    """Remove a task that has ended, and its archive."""
    task = await _locked(uow, principal, id_, expected)
    if not task.ended:
        raise ConflictError(f"This export is {task.status}; cancel it first, or wait until it has ended.")
    await remove(uow, task)


async def hand_over(uow: UnitOfWork, storage: Storage, principal: Principal, id_: UUID) -> str:
    """Where the archive can be fetched for an hour; the task is gone from now on, its object then."""
    task = require_own(principal, await repository.lock(uow, id_))
    if task.status != TaskStatus.COMPLETED or task.archive_key is None:
        raise ConflictError(f"This export is {task.status}; only a completed one can be downloaded.")
    name = f"approved-shots-{task.created_at:%Y-%m-%d-%H%M%S}.zip"
    url = await storage.presigned_get(task.archive_key, expires=FETCHED_WITHIN, filename=name)
    await remove(uow, task, objects_after=FETCHED_WITHIN)
    return url


def end(uow: UnitOfWork, task: ExportTask, to: TaskStatus, kept: timedelta) -> None:
    """Let a task end in that status and be kept for so long; raises `ConflictError` where it has ended."""
    task.step(to)
    task.completed_at, task.expires_at = uow.now, uow.now + kept
    uow.enqueue(EXPIRE, str(task.id), {}, delay=kept)


async def remove(uow: UnitOfWork, task: ExportTask, objects_after: timedelta = timedelta(0)) -> None:
    """Remove a task, and its objects after that time."""
    await uow.remove(task, ExportDeleted)
    uow.enqueue(REMOVE, str(task.id), {}, delay=objects_after)


async def _locked(uow: UnitOfWork, principal: Principal, id_: UUID, expected: Expected) -> ExportTask:
    task = require_own(principal, await repository.lock(uow, id_))
    expected.require(task)
    return task


def _require_a_choice(body: ExportApprovedShotsRequest) -> None:
    """Products or one look, not both; filters of products come later."""
    if body.product_filters is not None:
        msg = "Products can't be filtered here yet; send product_ids."
        raise InvalidError.field("body", "product_filters", msg=msg)
    if body.shooting_look_id is not None and body.product_ids:
        msg = "Send either product_ids or shooting_look_id."
        raise InvalidError.field("body", "product_ids", msg=msg)
    if body.shooting_look_id is None and not body.product_ids:
        raise InvalidError.field("body", "product_ids", msg="Send product_ids or shooting_look_id.")


async def _require_known(
    uow: UnitOfWork,
    references: References,
    principal: Principal,
    ownership: Ownership,
    body: ExportApprovedShotsRequest,
) -> None:
    """Every id names something that belongs where the export does; all that don't are told at once."""
    products = {id_: ("body", "product_ids", n) for n, id_ in enumerate(body.product_ids or ())}
    looks = {body.shooting_look_id: ("body", "shooting_look_id")} if body.shooting_look_id else {}
    shootings = {body.shooting_id: ("body", "shooting_id")} if body.shooting_id else {}
    asked: list[tuple[type[State], Named]] = [
        (ProductState, products),
        (LookState, looks),
        (ShootingState, shootings),
    ]
    problems = [
        problem
        for kind, named in asked
        for problem in await _unknown(uow, references, principal, ownership, kind, named)
    ]
    if problems:
        raise InvalidError(problems)


async def _unknown(
    uow: UnitOfWork,
    references: References,
    principal: Principal,
    ownership: Ownership,
    kind: type[State],
    named: Named,
) -> list[Problem]:
    found = await references.fresh(uow, kind, named.keys(), principal)
    return [
        problem
        for id_, loc in named.items()
        if id_ not in found or not may_refer(ownership, found[id_])
        for problem in InvalidError.unknown(*loc).problems
    ]
