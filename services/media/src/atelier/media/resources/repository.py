"""Every select and update of media resources."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, text, tuple_, update

from atelier.media.resources.content import Digest
from atelier.media.resources.models import MediaResource
from atelier.runtime.authorization import Ownership
from atelier.runtime.unit_of_work import UnitOfWork

Content = tuple[str, int]
"""SHA-256 in hex and size in bytes."""

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:content, 0))")


def of_tenant(tenant: Ownership) -> ColumnElement[bool]:
    """The resources of an organization, or an owner's personal ones."""
    if tenant.organization_id is not None:
        return MediaResource.organization_id == tenant.organization_id
    return and_(MediaResource.organization_id.is_(None), MediaResource.owner_id == tenant.owner_id)


async def get(uow: UnitOfWork, id_: UUID) -> MediaResource | None:
    """One resource."""
    return await uow.one_or_none(select(MediaResource).where(MediaResource.id == id_))


async def by_ids(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, MediaResource]:
    """Those of the ids that are there."""
    found = await uow.all(select(MediaResource).where(MediaResource.id.in_(ids)))
    return {resource.id: resource for resource in found}


async def lock(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, MediaResource]:
    """Those of the ids that are there, for changing; taken in the order of their ids."""
    statement = select(MediaResource).where(MediaResource.id.in_(ids)).order_by(MediaResource.id)
    return {resource.id: resource for resource in await uow.all(statement.with_for_update())}


async def lock_contents(uow: UnitOfWork, tenant: Ownership, digests: Collection[Digest]) -> None:
    """Nobody else takes these contents in for this tenant until the commit; in one order for all."""
    tenant_id = tenant.organization_id or tenant.owner_id
    for digest in sorted(set(digests)):
        await uow.execute(ONE_AT_A_TIME, {"content": f"{tenant_id}:{digest.sha256}:{digest.size}"})


async def ids_of_contents(
    uow: UnitOfWork, tenant: Ownership, digests: Collection[Digest]
) -> Mapping[Content, UUID]:
    """The tenant's oldest resource of each of these contents that it has."""
    contents = [(digest.sha256, digest.size) for digest in digests]
    statement = (
        select(MediaResource.sha256, MediaResource.file_size, MediaResource.id)
        .where(tuple_(MediaResource.sha256, MediaResource.file_size).in_(contents), of_tenant(tenant))
        .order_by(MediaResource.created_at.desc(), MediaResource.id.desc())
    )
    return {(row.sha256, row.file_size): row.id for row in await uow.execute(statement)}


async def note_attached(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """These locked resources are in use."""
    statement = update(MediaResource).where(MediaResource.id.in_(ids))
    await uow.execute(
        statement.where(MediaResource.unattached_since.is_not(None)).values(unattached_since=None),
    )


async def note_unattached(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """Nothing is attached to these locked resources, from now on where it wasn't so already."""
    statement = update(MediaResource).where(MediaResource.id.in_(ids))
    await uow.execute(
        statement.where(MediaResource.unattached_since.is_(None)).values(unattached_since=func.now()),
    )


async def unattached(uow: UnitOfWork, longer_than: timedelta, after: UUID, limit: int) -> Sequence[UUID]:
    """Ids of the next unprotected resources that nothing was attached to for so long, by id."""
    statement = select(MediaResource.id).where(_is_left(longer_than), MediaResource.id > after)
    return await uow.all(statement.order_by(MediaResource.id).limit(limit))


async def lock_unattached(
    uow: UnitOfWork, ids: Collection[UUID], longer_than: timedelta
) -> Sequence[MediaResource]:
    """Those of the ids that still are left, for deleting."""
    statement = select(MediaResource).where(MediaResource.id.in_(ids), _is_left(longer_than))
    return await uow.all(statement.order_by(MediaResource.id).with_for_update())


def _is_left(longer_than: timedelta) -> ColumnElement[bool]:
    long_ago: ColumnElement[datetime] = func.now() - longer_than
    return and_(MediaResource.unattached_since < long_ago, MediaResource.protected.is_(False))
