"""Every select of shots and their revisions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from atelier.production.shots.models import Revision, Shot
from atelier.runtime.unit_of_work import UnitOfWork

WITH_REVISIONS = selectinload(Shot.revisions).selectinload(Revision.images)
"""What a shot's state needs loaded beside its row."""


async def get(uow: UnitOfWork, id_: UUID) -> Shot | None:
    """The shot, without its revisions."""
    return await uow.one_or_none(select(Shot).where(Shot.id == id_))


async def lock(uow: UnitOfWork, id_: UUID) -> Shot | None:
    """The shot for changing, with its revisions as they are once the lock is had."""
    statement = select(Shot).where(Shot.id == id_).options(WITH_REVISIONS)
    return await uow.one_or_none(statement.with_for_update(of=Shot).execution_options(populate_existing=True))


async def lock_of_looks(uow: UnitOfWork, look_ids: Collection[UUID]) -> Sequence[Shot]:
    """The shots of these looks for changing, by id, with their revisions."""
    statement = select(Shot).where(Shot.look_id.in_(list(look_ids))).options(WITH_REVISIONS)
    return await uow.all(statement.order_by(Shot.id).with_for_update(of=Shot))
