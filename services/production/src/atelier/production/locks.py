"""Locks from the outside in: shooting, look, shot. Whoever changes one has those around it first."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, select

from atelier.production.looks import repository as looks
from atelier.production.looks.models import Look
from atelier.production.shootings.models import Shooting
from atelier.production.shots import repository as shots
from atelier.production.shots.models import Shot
from atelier.runtime.unit_of_work import UnitOfWork

Statement = TypeVar("Statement", bound=Select[Any])


async def lock_look(uow: UnitOfWork, look_id: UUID) -> tuple[Shooting, Look] | None:
    """The look with its outfit, and its shooting, for changing; None where it isn't there (any more)."""
    shooting_id = await uow.one_or_none(select(Look.shooting_id).where(Look.id == look_id))
    if shooting_id is None:
        return None
    shooting = await uow.one_or_none(_locked(select(Shooting).where(Shooting.id == shooting_id)))
    look = await looks.lock(uow, look_id)
    return None if shooting is None or look is None else (shooting, look)


async def lock_shot(uow: UnitOfWork, shot_id: UUID) -> tuple[Shooting, Look, Shot] | None:
    """The shot with its revisions, and what it is in, for changing; None where it isn't there (any more).

    Where a shot is never changes, so it can be looked up before anything is locked.
    """
    place = (
        await uow.execute(select(Shot.shooting_id, Shot.look_id).where(Shot.id == shot_id))
    ).one_or_none()
    if place is None:
        return None
    shooting = await uow.one_or_none(_locked(select(Shooting).where(Shooting.id == place.shooting_id)))
    look = await uow.one_or_none(_locked(select(Look).where(Look.id == place.look_id)))
    shot = await shots.lock(uow, shot_id)
    return None if shooting is None or look is None or shot is None else (shooting, look, shot)


def _locked(statement: Statement) -> Statement:
    """For changing, as it is now rather than as this session may have read it before."""
    return statement.with_for_update().execution_options(populate_existing=True)
