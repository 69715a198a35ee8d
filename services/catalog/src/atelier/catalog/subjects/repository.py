"""Every select of subjects."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, text

from atelier.catalog.subjects.models import Subject
from atelier.runtime.authorization import Owned
from atelier.runtime.slugs import in_the_way
from atelier.runtime.unit_of_work import UnitOfWork

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('subjects'' slugs of ' || :tenant, 0))")


async def get(uow: UnitOfWork, id_: UUID) -> Subject | None:
    """The subject, deleted or not."""
    return await uow.one_or_none(select(Subject).where(Subject.id == id_))


async def lock(uow: UnitOfWork, id_: UUID) -> Subject | None:
    """The subject, deleted or not, for changing: nobody else changes it until the commit."""
    return await uow.one_or_none(select(Subject).where(Subject.id == id_).with_for_update())


async def taken_slugs(
    uow: UnitOfWork, tenant: Owned, slugs: Collection[str], besides: Collection[UUID] = ()
) -> Sequence[str]:
    """Slugs of the tenant's living subjects that can stand in these ones' way, but for those subjects'.

    Until the transaction ends, whoever else asks for the same tenant waits: two that want the same
    slug at once each get one. Lock subjects before, never after.
    """
    await uow.execute(ONE_AT_A_TIME, {"tenant": str(tenant.organization_id or tenant.owner_id)})
    statement = select(Subject.slug).where(
        Subject.deleted_at.is_(None), _of(tenant), in_the_way(Subject.slug, slugs), Subject.id.not_in(besides)
    )
    return await uow.all(statement)


def _of(tenant: Owned) -> ColumnElement[bool]:
    if tenant.organization_id is not None:
        return Subject.organization_id == tenant.organization_id
    return and_(Subject.organization_id.is_(None), Subject.owner_id == tenant.owner_id)
