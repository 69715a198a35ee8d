"""What can be done with shots; their revisions have a file of their own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from atelier.contracts.enums import ShotRevisionStatus, ShotStatus
from atelier.contracts.generation_requests import GenerationRequest
from atelier.contracts.model import Event
from atelier.contracts.products import ProductState
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.shots import (
    GenerationRequested,
    ShotCreated,
    ShotDeleted,
    ShotRevisionApproved,
    ShotRevisionRejected,
    ShotState,
    ShotStatusChanged,
    ShotUpdated,
)
from atelier.production import statuses
from atelier.production.locks import lock_shot
from atelier.production.looks.models import Look
from atelier.production.policy import Action, admit, require_visible, require_visible_product, visible_to
from atelier.production.shootings.models import Shooting
from atelier.production.shots import repository
from atelier.production.shots.models import Shot
from atelier.production.shots.repository import ShotFilter
from atelier.production.shots.transitions import VERDICTS, Mover, may_step, rejected, require_step
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Ownership, Scope
from atelier.runtime.clock import new_id
from atelier.runtime.errors import ConflictError, NotFoundError
from atelier.runtime.http.pages import Page
from atelier.runtime.http.versions import Expected
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

WHAT = "Shot"
NO_PICTURE = "There is no picture to approve: add a revision with an image, from a prediction or an upload."
JUDGED: dict[ShotRevisionStatus, type[Event[ShotState]]] = {
    ShotRevisionStatus.APPROVED: ShotRevisionApproved,
    ShotRevisionStatus.REJECTED: ShotRevisionRejected,
}


def plan(uow: UnitOfWork, look: Look, shot_types: Sequence[ShotTypeState]) -> list[Shot]:
    """Plan one shot of a new look for each shot type, in their order.

    The rows are plain objects until they are flushed: what else is told of them, such as
    `request_generation`, is told before.
    """
    shots = [_planned(uow, look, shot_type) for shot_type in shot_types]
    for shot in shots:
        uow.add(shot)
        uow.emit(shot, ShotCreated)
    return shots


def _planned(uow: UnitOfWork, look: Look, shot_type: ShotTypeState) -> Shot:
    return Shot(
        id=new_id(),
        created_at=uow.now,
        updated_at=uow.now,
        owner_id=look.owner_id,
        organization_id=look.organization_id,
        shooting_id=look.shooting_id,
        look_id=look.id,
        product_id=look.product_id,
        subject_id=look.subject_id,
        shot_type_id=shot_type.id,
    )


def request_generation(uow: UnitOfWork, shot: Shot, request: GenerationRequest) -> None:
    """Ask for pictures of a locked or newly planned shot; it moves when they are there."""
    shot.generations_requested += 1
    uow.emit(shot, GenerationRequested, request=request)


async def of_looks(uow: UnitOfWork, look_ids: Collection[UUID]) -> Sequence[Shot]:
    """The shots of looks that the caller may read, in the order of their planning, without revisions."""
    return await repository.of_looks(uow, look_ids)


async def lock_of_look(uow: UnitOfWork, look: Look) -> Sequence[Shot]:
    """The shots of a locked look with their revisions, for changing."""
    return await repository.lock_of_looks(uow, [look.id])


async def follow(uow: UnitOfWork, look_ids: Collection[UUID], ownership: Ownership) -> None:
    """Give the shots of locked looks the owner and organization that their shooting has now."""
    assert ownership.owner_id is not None, "every shooting has an owner"
    for shot in await repository.lock_of_looks(uow, look_ids):
        shot.owner_id, shot.organization_id = ownership.owner_id, ownership.organization_id
        uow.emit(shot, ShotUpdated)


async def delete_of_looks(uow: UnitOfWork, look_ids: Collection[UUID]) -> None:
    """Delete the shots of locked looks for good, at once, so that the looks can go too."""
    for shot in await repository.lock_of_looks(uow, look_ids):
        await uow.remove(shot, ShotDeleted)
    await uow.flush()


async def read(uow: UnitOfWork, principal: Principal, id_: UUID) -> Shot:
    """A shot that the caller may read."""
    return require_visible(principal, await repository.get(uow, id_), WHAT)


async def list_(
    uow: UnitOfWork, principal: Principal, scope: Scope, narrowed: ShotFilter, page: Page
) -> tuple[Sequence[Shot], int]:
    """A page of the scope's shots that match, newest first, and their number in all."""
    return await repository.page(uow, scope.criterion(principal, Shot), narrowed, page)


async def list_of_product(
    uow: UnitOfWork,
    references: References,
    principal: Principal,
    product_id: UUID,
    organization_id: UUID | None,
    narrowed: ShotFilter,
    page: Page,
) -> tuple[Sequence[Shot], int]:
    """A page of the product's shots that the caller may read, newest first, and their number in all.

    Raises `NotFoundError` for a product that they may not read; a deleted one keeps its shots.
    """
    product = (await references.shown(ProductState, {product_id}, uow)).get(product_id)
    require_visible_product(principal, product, organization_id)
    return await repository.page(uow, visible_to(principal, Shot), narrowed, page)


async def approve(uow: UnitOfWork, principal: Principal, id_: UUID, expected: Expected) -> Shot:
    """Take a shot's current revision as what will be delivered.

    Raises `ConflictError` where the shot can't make that step, or has no picture to deliver.
    """
    shooting, look, shot = await locked(uow, principal, id_, expected)
    require_step(shot.status, ShotStatus.APPROVED, Mover.APPROVE)
    _require_picture(shot)
    move(uow, shot, ShotStatus.APPROVED)
    await statuses.recount(uow, shooting, look)
    return shot


async def reject(uow: UnitOfWork, principal: Principal, id_: UUID, expected: Expected) -> Shot:
    """Send a shot back, and with it its current revision, where there is one.

    Raises `ConflictError` where the shot can't make that step.
    """
    shooting, look, shot = await locked(uow, principal, id_, expected)
    to = rejected(shot.status)
    require_step(shot.status, to, Mover.REJECT)
    move(uow, shot, to)
    await statuses.recount(uow, shooting, look)
    return shot


async def propose(uow: UnitOfWork, id_: UUID) -> None:
    """Pictures are there: a shot that waits for some shows them; any other stays as it is."""
    found = await lock_shot(uow, id_)
    if found is None:
        return
    shooting, look, shot = found
    if may_step(shot.status, ShotStatus.PROPOSAL, Mover.RESULT):
        move(uow, shot, ShotStatus.PROPOSAL)
        await statuses.recount(uow, shooting, look)


async def locked(
    uow: UnitOfWork, principal: Principal, id_: UUID, expected: Expected
) -> tuple[Shooting, Look, Shot]:
    """A shot that the caller may change, in the version that they expect, and what it is in."""
    found = await lock_shot(uow, id_)
    if found is None:
        raise NotFoundError.of(WHAT)
    _, _, shot = found
    admit(principal, Action.WRITE, shot, WHAT)
    expected.require(shot)
    return found


def move(uow: UnitOfWork, shot: Shot, to: ShotStatus) -> None:
    """Let a locked shot make an allowed step, and its current revision get the verdict in it."""
    previous, shot.status = shot.status, to.value
    judge(uow, shot)
    uow.emit(shot, ShotStatusChanged, previous_status=previous)


def judge(uow: UnitOfWork, shot: Shot) -> None:
    """Give the current revision the verdict that lies in its shot's status, if it isn't it already."""
    revision, verdict = shot.current_revision(), VERDICTS.get(ShotStatus(shot.status))
    if revision is None or verdict is None or revision.shot_revision_status == verdict:
        return
    revision.shot_revision_status, revision.updated_at = verdict.value, uow.now
    uow.emit(shot, JUDGED[verdict], revision_id=revision.id)


def _require_picture(shot: Shot) -> None:
    revision = shot.current_revision()
    if revision is None or not any(image.image for image in revision.images):
        raise ConflictError(NO_PICTURE)
