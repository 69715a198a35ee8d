"""Bytes on their way into a file: looked at once, a piece at a time."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from pathlib import Path
from types import TracebackType
from typing import Self

from atelier.media.resources.content import Digest


class TooLongError(Exception):
    """There are more bytes than are taken."""


class Recorder:
    """Writes a file and digests it on the way; the disk and the digests are worked in threads."""

    def __init__(self, to: Path, limit: int) -> None:
        self._file = to.open("wb")
        self._limit = limit
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._crc32 = 0
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    async def write(self, piece: bytes) -> None:
        """Take a piece; raises `TooLongError` for one too many."""
        self._size += len(piece)
        if self._size > self._limit:
            raise TooLongError
        await asyncio.to_thread(self._write, piece)

    def digest(self) -> Digest:
        """Of all pieces, once the last is written."""
        self._file.flush()
        return Digest(
            sha256=self._sha256.hexdigest(), size=self._size, md5=self._md5.hexdigest(), crc32=self._crc32
        )

    def _write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._sha256.update(piece)
        self._md5.update(piece)
        self._crc32 = zlib.crc32(piece, self._crc32)
