"""Every select and update of temporary uploads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select

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


async def forget_unused(uow: UnitOfWork, key: str) -> None:
    """Delete an upload that wasn't taken in; of the others the row says what became of them."""
    unused = TemporaryUpload.resource_id.is_(None)
    await uow.execute(delete(TemporaryUpload).where(TemporaryUpload.key == key, unused))
