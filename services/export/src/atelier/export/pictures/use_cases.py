"""Pictures as they are delivered: converted once, kept by everything that shaped them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import orjson

from atelier.contracts.deliverables import Deliverable
from atelier.contracts.media import StoredMedia
from atelier.export.pictures import conversion, repository
from atelier.export.pictures.conversion import UnreadablePictureError
from atelier.export.pictures.formats import FORMATS, Format, ImageFormat
from atelier.export.pictures.metadata import ADAPTERS, Metadata
from atelier.export.pictures.models import Rendition
from atelier.runtime.clock import new_id
from atelier.runtime.processes import LimitedProcesses, WorkKilledError, WorkTimeoutError
from atelier.runtime.storage import NotStoredError, Storage, StorageError
from atelier.runtime.unit_of_work import UnitOfWork

PREFIX = "renditions/"
BATCH = 500
STRAY_AFTER = timedelta(days=1)
"""Age at which an object without a row can't be one that is just being made."""

DEFAULT_FORMAT, DEFAULT_ADAPTER = ImageFormat.WEBP, "default"

Begin = Callable[[], UnitOfWork]
"""Begins a transaction: nothing of converting runs inside one."""


class UndeliverableError(Exception):
    """This picture can't be delivered, now or later; the message says why."""


@dataclass(frozen=True)
class Delivery:
    """How pictures are delivered. `longest_side` in pixels, None for each picture's own size."""

    image_format: ImageFormat
    metadata_adapter: str
    naming_template: str
    longest_side: int | None

    @property
    def format(self) -> Format:
        """How the format is written."""
        return FORMATS[self.image_format]

    def file_name(self, deliverable: Deliverable) -> str:
        """The file's name without extension."""
        return ADAPTERS[self.metadata_adapter].file_name(deliverable, self.naming_template)

    def picture(self, deliverable: Deliverable) -> Picture:
        """The deliverable's picture; it has one."""
        assert deliverable.image is not None, "only pictures are delivered"
        return Picture(deliverable.image, self, ADAPTERS[self.metadata_adapter].describe(deliverable))


@dataclass(frozen=True)
class Picture:
    """An original and what is to be made of it."""

    original: StoredMedia
    delivery: Delivery
    metadata: Metadata

    @cached_property
    def digest(self) -> str:
        """Names the converted picture by everything that shapes it, in hex."""
        format_ = asdict(self.delivery.format)
        parts = [self.original.sha256, format_, self.delivery.longest_side, dict(self.metadata.exif)]
        shape = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(shape + self.metadata.xmp).hexdigest()


class Studio:
    """Converts pictures in limited processes, between storage and storage."""

    def __init__(self, storage: Storage, processes: LimitedProcesses, at_once: int) -> None:
        self._storage = storage
        self._processes = processes
        self._turns = asyncio.Semaphore(at_once)
        """Originals on the disk at once: those that are converted, and those that are fetched meanwhile."""

    async def render(self, begin: Begin, picture: Picture) -> Rendition:
        """The converted picture: the one that is kept, or a new one.

        Raises `UndeliverableError` for a picture that can't be converted, `StorageError` where the
        storage is away. Who is cancelled leaves nothing behind.
        """
        async with begin() as uow:
            kept = await repository.use(uow, picture.digest)
            await uow.commit()
        return kept or await self._make(begin, picture)

    async def forget(self, begin: Begin, key: str) -> None:
        """Convert that picture anew when it is needed again: its object isn't what it was."""
        async with begin() as uow:
            await repository.drop(uow, key)
            await uow.commit()

    async def sweep(self, begin: Begin, unused_for: timedelta) -> None:
        """Remove pictures that weren't used for so long, and objects that a killed worker left."""
        dropped = BATCH
        while dropped == BATCH:
            async with begin() as uow:
                keys = await repository.drop_unused(uow, uow.now - unused_for, BATCH)
                await uow.commit()
            await self._storage.delete(*keys)
            dropped = len(keys)
        await self._sweep_strays(begin)

    async def _sweep_strays(self, begin: Begin) -> None:
        batch: dict[str, datetime] = {}
        async for one in self._storage.list(PREFIX):
            batch[one.key] = one.modified
            if len(batch) == BATCH:
                await self._drop_strays(begin, batch)
                batch.clear()
        await self._drop_strays(begin, batch)

    async def _drop_strays(self, begin: Begin, modified: Mapping[str, datetime]) -> None:
        async with begin() as uow:
            known = await repository.known(uow, modified)
            old = uow.now - STRAY_AFTER
        await self._storage.delete(*(key for key in modified if key not in known and modified[key] < old))

    async def _make(self, begin: Begin, picture: Picture) -> Rendition:
        key = f"{PREFIX}{new_id()}.{picture.delivery.format.extension}"
        try:
            async with self._turns:
                converted = await self._convert(picture, key)
            async with begin() as uow:
                made = Rendition(
                    digest=picture.digest,
                    key=key,
                    size=converted.size,
                    crc32=converted.crc32,
                    created_at=uow.now,
                    used_at=uow.now,
                )
                kept = await repository.keep(uow, made)
                await uow.commit()
        except BaseException:
            with contextlib.suppress(StorageError):  # what stays is a stray of the next sweep
                await asyncio.shield(self._storage.delete(key))
            raise
        if kept.key != key:
            await self._storage.delete(key)
        return kept

    async def _convert(self, picture: Picture, key: str) -> conversion.Converted:
        format_ = picture.delivery.format
        with tempfile.TemporaryDirectory(prefix="atelier-export-") as folder:
            source, target = Path(folder, "original"), Path(folder, f"converted.{format_.extension}")
            try:
                await self._storage.download(picture.original.key, source)
                converted = await self._processes.run(
                    conversion.convert,
                    source,
                    target,
                    picture.delivery.image_format,
                    picture.delivery.longest_side,
                    picture.metadata,
                )
            except NotStoredError:
                raise UndeliverableError("its file isn't stored any more") from None
            except UnreadablePictureError as wrong:
                raise UndeliverableError(f"its file can't be converted ({wrong})") from wrong
            except WorkKilledError as killed:
                raise UndeliverableError("converting it takes more memory than it may") from killed
            except WorkTimeoutError as late:
                raise UndeliverableError("converting it takes longer than it may") from late
            await self._storage.upload(target, key, format_.content_type)
        return converted
