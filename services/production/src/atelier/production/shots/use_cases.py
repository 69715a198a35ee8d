"""What can be done with shots."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from atelier.contracts.generation_requests import GenerationRequest
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.shots import GenerationRequested, ShotCreated, ShotDeleted, ShotUpdated
from atelier.production.looks.models import Look
from atelier.production.shots import repository
from atelier.production.shots.models import Shot
from atelier.runtime.authorization import Ownership
from atelier.runtime.clock import new_id
from atelier.runtime.unit_of_work import UnitOfWork


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
