"""What can be done with temporary uploads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from uuid import UUID

from atelier.media.formats import UPLOADABLE, Format
from atelier.media.settings import MIB, Settings
from atelier.media.uploads import repository
from atelier.media.uploads.models import TemporaryUpload
from atelier.media.uploads.names import PREFIX, key_of
from atelier.media.uploads.schemas import PresignedUrlRequest, PresignedUrlResponse
from atelier.runtime.auth import Principal
from atelier.runtime.clock import new_id
from atelier.runtime.errors import InvalidError
from atelier.runtime.jobs import Job, JobHandler
from atelier.runtime.storage import Storage
from atelier.runtime.unit_of_work import UnitOfWork

EXPIRE_UPLOAD = "expire-temporary-upload"
REMOVE_UPLOAD = "remove-temporary-upload"
QUICK = 10
"""MiB that upload in the usual time; each above has another minute."""

__all__ = [
    "EXPIRE_UPLOAD",
    "PREFIX",
    "REMOVE_UPLOAD",
    "TemporaryUpload",
    "expire_job",
    "finish",
    "of_keys",
    "presign",
    "remove_job",
]


async def presign(
    uow: UnitOfWork, storage: Storage, settings: Settings, principal: Principal, body: PresignedUrlRequest
) -> PresignedUrlResponse:
    """Say where the caller may put a file, and remember that they asked.

    Raises `InvalidError` for a type or a size that isn't taken.
    """
    format_ = _format(body.content_type)
    if body.file_size is not None and body.file_size > settings.max_file_bytes:
        msg = f"A file may have at most {settings.max_file_bytes} bytes."
        raise InvalidError.field("body", "file_size", msg=msg, type_="less_than_equal")
    valid_for = _valid_for(body.file_size or 0, settings.upload_valid_for)
    file_id = new_id()
    key = key_of(file_id, uow.now, body.filename, format_)
    url = await storage.presigned_put(
        key, content_type=format_.content_type, content_length=body.file_size, expires=valid_for
    )
    kept_for = valid_for + settings.upload_kept_for
    uow.add(
        TemporaryUpload(
            id=file_id,
            key=key,
            user_id=principal.user_id,
            service=principal.service,
            folder=body.folder,
            content_type=format_.content_type,
            file_size=body.file_size,
            created_at=uow.now,
            expires_at=uow.now + kept_for,
        )
    )
    uow.enqueue(EXPIRE_UPLOAD, str(file_id), {"key": key}, delay=kept_for)
    return PresignedUrlResponse(
        upload_url=url,
        file_url=f"{settings.cdn_url}/{key}",
        upload_method="PUT",
        expires_in_seconds=int(valid_for.total_seconds()),
        max_file_size=settings.max_file_bytes,
    )


async def of_keys(uow: UnitOfWork, keys: Collection[str]) -> Mapping[str, TemporaryUpload]:
    """Uploads by key."""
    return await repository.by_keys(uow, keys)


async def finish(uow: UnitOfWork, resources: Mapping[UUID, UUID]) -> None:
    """Note what became of uploads, resource by upload, and have their bytes removed after the commit."""
    for upload in await repository.lock(uow, resources.keys()):
        upload.resource_id = resources[upload.id]
        uow.enqueue(REMOVE_UPLOAD, str(upload.id), {"key": upload.key})


def remove_job(storage: Storage) -> JobHandler:
    """The job that removes the bytes of an upload that was taken in."""

    async def remove(job: Job) -> None:
        await storage.delete(job.payload["key"])

    return remove


def expire_job(storage: Storage) -> JobHandler:
    """The job that ends an upload after its time.

    It removes bytes of one that was taken in as well: while the presigned URL was valid, bytes could
    be put there anew.
    """

    async def expire(job: Job) -> None:
        await storage.delete(job.payload["key"])
        async with job.begin() as uow:
            await repository.forget_unused(uow, job.payload["key"])
            await uow.commit()

    return expire


def _format(content_type: str) -> Format:
    format_ = UPLOADABLE.get(content_type.strip().lower())
    if format_ is None:
        msg = f"Files of this type aren't taken; these are: {', '.join(UPLOADABLE)}."
        raise InvalidError.field("body", "content_type", msg=msg)
    return format_


def _valid_for(size: int, shortest: timedelta) -> timedelta:
    return shortest + timedelta(minutes=max(0, -(-size // MIB) - QUICK))
