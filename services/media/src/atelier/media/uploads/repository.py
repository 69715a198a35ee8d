"""Every select and update of temporary uploads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from atelier.media.uploads.models import TemporaryUpload
from atelier.runtime.unit_of_work import UnitOfWork


async def by_keys(uow: UnitOfWork, keys: Collection[str]) -> Mapping[str, TemporaryUpload]:
    """The uploads with these keys, by key."""
    found = await uow.all(select(TemporaryUpload).where(TemporaryUpload.key.in_(keys)))
    return {upload.key: upload for upload in found}


async def lock(uow: UnitOfWork, ids: Collection[UUID]) -> Sequence[TemporaryUpload]:
    """These uploads for changing, by id."""
    statement = select(TemporaryUpload).where(TemporaryUpload.id.in_(ids)).order_by(TemporaryUpload.id)
    return await uow.all(statement.with_for_update())


async def get(uow: UnitOfWork, id_: UUID) -> TemporaryUpload | None:
    """One upload."""
    return await uow.one_or_none(select(TemporaryUpload).where(TemporaryUpload.id == id_))
