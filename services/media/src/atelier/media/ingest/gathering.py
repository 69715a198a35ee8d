"""Getting the bytes that items name and looking at them. No transaction is open meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from atelier.media.ingest.recording import Recorder, TooLongError
from atelier.media.ingest.sources import Inline, Remote, SourceError
from atelier.media.pictures.errors import PictureError
from atelier.media.pictures.inspecting import Limits, Picture, inspect
from atelier.media.remote.fetching import Fetcher, FetchError
from atelier.media.remote.urls import ForbiddenUrlError
from atelier.media.resources.content import Content, Digest
from atelier.media.uploads.use_cases import TemporaryUpload
from atelier.runtime.processes import LimitedProcesses, WorkKilledError, WorkTimeoutError
from atelier.runtime.storage import NotStoredError, Storage

INLINE_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Gathered:
    """A file that may be stored: looked at, and either in a local file or under a temporary key."""

    content: Content
    file: Path
    upload: TemporaryUpload | None = None


@dataclass(frozen=True)
class Gatherer:
    """Gets bytes from wherever they are, within limits."""

    storage: Storage
    fetcher: Fetcher
    processes: LimitedProcesses
    max_bytes: int
    limits: Limits

    async def gather(self, source: TemporaryUpload | Remote | Inline, folder: Path) -> Gathered:
        """The file that a source names, in `folder`.

        Raises `SourceError` for what can't be had or isn't a picture that is taken, and
        `StorageError` where storage is away.
        """
        file = folder / str(uuid4())
        try:
            if isinstance(source, TemporaryUpload):
                return await self._uploaded(source, file)
            with Recorder(file, self.max_bytes) as recorder:
                if isinstance(source, Remote):
                    await self.fetcher.fetch(source.url, recorder.write)
                    announced = None
                else:
                    await _write(source, recorder)
                    announced = source.announced
                digest = recorder.digest()
            return Gathered(await self._look(file, digest, announced), file)
        except (ForbiddenUrlError, FetchError) as wrong:
            raise SourceError(f"The URL {wrong}.") from wrong
        except TooLongError as wrong:
            raise SourceError(
                f"The file is larger than the {self.max_bytes} bytes that are taken."
            ) from wrong

    async def _uploaded(self, upload: TemporaryUpload, file: Path) -> Gathered:
        stored = await self.storage.head(upload.key)
        if stored is None:
            raise SourceError("Nothing is uploaded to this URL (yet), or its time is over.")
        if upload.file_size is not None and stored.size != upload.file_size:
            announced = f"{upload.file_size} bytes were announced"
            raise SourceError(f"The upload has {stored.size} bytes, but {announced}.")
        if stored.size > self.max_bytes:
            raise TooLongError
        try:
            with Recorder(file, self.max_bytes) as recorder:
                async for piece in self.storage.read(upload.key):
                    await recorder.write(piece)
                digest = recorder.digest()
        except NotStoredError as gone:
            raise SourceError("The upload was removed meanwhile.") from gone
        content = await self._look(file, digest, upload.content_type)
        await asyncio.to_thread(file.unlink)  # storage copies its own object
        return Gathered(content, file, upload)

    async def _look(self, file: Path, digest: Digest, announced: str | None) -> Content:
        try:
            picture = await self.processes.run(inspect, str(file), self.limits)
        except PictureError as wrong:
            raise SourceError(f"The file {wrong}.") from wrong
        except WorkTimeoutError as late:
            raise SourceError("The file takes too long to decode.") from late
        except WorkKilledError as killed:
            raise SourceError("The file takes too much memory to decode.") from killed
        _require_announced(picture, announced)
        return Content(digest, picture)


def _require_announced(picture: Picture, announced: str | None) -> None:
    known = {"image/jpg": "image/jpeg", "application/octet-stream": None, None: None}
    said = known.get(announced, announced)
    if said is not None and said != picture.content_type:
        raise SourceError(f"The file was announced as {said}, but is {picture.content_type}.")


async def _write(inline: Inline, recorder: Recorder) -> None:
    body = await asyncio.to_thread(inline.decode)
    for start in range(0, len(body), INLINE_PIECE):
        await recorder.write(body[start : start + INLINE_PIECE])
