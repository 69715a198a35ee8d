"""Where a stored picture can be fetched."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from weakref import WeakValueDictionary

from atelier.media.files.schemas import ImageType
from atelier.media.formats import Format
from atelier.media.pictures.converting import QUALITY, convert
from atelier.media.pictures.errors import PictureError
from atelier.media.pictures.inspecting import Limits
from atelier.media.resources import use_cases as resources
from atelier.media.resources.keys import converted_key, resource_of
from atelier.media.resources.models import MediaResource
from atelier.media.settings import Settings
from atelier.runtime.clock import new_id
from atelier.runtime.errors import InvalidError, NotFoundError, UnavailableError
from atelier.runtime.processes import LimitedProcesses, WorkKilledError, WorkTimeoutError
from atelier.runtime.request_context import current_cause
from atelier.runtime.storage import NotStoredError, Storage
from atelier.runtime.unit_of_work import UnitsOfWork

WHAT = "File"


@dataclass(frozen=True)
class Converter:
    """Makes copies of pictures in other formats, each once; they stay as long as the picture does."""

    storage: Storage
    processes: LimitedProcesses
    limits: Limits
    unnamed_after: timedelta
    _turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def copy(self, units: UnitsOfWork, resource: MediaResource, format_: Format) -> str:
        """The key of the copy.

        Raises `InvalidError` for a picture that can't be had in this format, `NotFoundError` where
        its bytes are gone, `UnavailableError` where storage is away.
        """
        key = converted_key(resource.id, format_.extension)
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn:
            if await self.storage.head(key) is None:
                await self._make(units, resource, format_, key)
        return key

    async def _make(self, units: UnitsOfWork, resource: MediaResource, format_: Format, key: str) -> None:
        async with units.begin(current_cause.get()) as uow:
            what = f"{format_.extension}:{new_id()}"  # each try: an earlier one's job may have run
            await resources.announce(uow, [resource.id], self.unnamed_after, what)
            await uow.commit()
        with TemporaryDirectory(prefix="atelier-convert-") as folder:
            source, target = Path(folder, "source"), Path(folder, "target")
            try:
                await self.storage.download(resource.key, source)
            except NotStoredError as gone:
                raise NotFoundError.of(WHAT) from gone
            await self._convert(source, resource.content_type, target, format_.content_type)
            await self.storage.upload(target, key, format_.content_type)

    async def _convert(self, source: Path, source_type: str, target: Path, target_type: str) -> None:
        try:
            await self.processes.run(convert, str(source), source_type, str(target), target_type, self.limits)
        except (PictureError, WorkKilledError) as wrong:
            msg = f"This picture can't be converted to {target_type}."
            raise InvalidError.field("query", "type", msg=msg) from wrong
        except WorkTimeoutError as late:
            raise UnavailableError("Converting this picture took too long; try again later.") from late


async def locate(
    units: UnitsOfWork, settings: Settings, converter: Converter, path: str, type_: ImageType | None
) -> str:
    """The URL at which the file with this path can be fetched; always below `CDN_URL`.

    Raises `NotFoundError` for every path that isn't the key of a resource's file.
    """
    resource = await _find(units, path)
    if type_ is None:
        return f"{settings.cdn_url}/{resource.key}"
    if settings.transforming_cdn:
        wanted = f"format={type_.value},quality={QUALITY}"
        return f"{settings.cdn_url}/cdn-cgi/image/{wanted}/{resource.key}"
    if type_.target.content_type == resource.content_type:
        return f"{settings.cdn_url}/{resource.key}"
    return f"{settings.cdn_url}/{await converter.copy(units, resource, type_.target)}"


async def _find(units: UnitsOfWork, path: str) -> MediaResource:
    """In a transaction that ends before storage is asked."""
    resource_id = resource_of(path)
    if resource_id is None:
        raise NotFoundError.of(WHAT)
    async with units.begin(current_cause.get()) as uow:
        resource = await resources.find(uow, resource_id)
    if resource is None or resource.key != path:
        raise NotFoundError.of(WHAT)
    return resource
