"""Writing an archive: each member streams out of storage, and the archive into it, in bounded memory."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from atelier.export.archives.layout import Layout, Member
from atelier.runtime.storage import Multipart, NotStoredError, Storage, StorageError

CONTENT_TYPE = "application/zip"
PART = 8 * 1024 * 1024
"""Bytes of a part; S3 takes none below 5 MiB but the last."""
MOST_PARTS = 9_000
"""S3 takes 10,000."""
SMALL = 1024 * 1024
AHEAD = 8
"""So many members of at most `SMALL` bytes are read while those before them are written."""


class MissingMemberError(Exception):
    """The object of a member isn't there, or isn't what it was."""

    def __init__(self, member: Member) -> None:
        super().__init__(f"{member.name}: {member.key}")
        self.member = member


async def write(
    storage: Storage, key: str, modified: datetime, members: AsyncIterator[Member], content_size: int
) -> int:
    """Write the archive under a key and return its size in bytes; nothing is there before it is whole.

    `content_size` is that of all members together, in bytes. Raises `MissingMemberError`. Who is
    cancelled or fails leaves no upload behind.
    """
    upload = await storage.multipart(key, CONTENT_TYPE)
    try:
        part_size = max(PART, math.ceil(content_size / MOST_PARTS))
        size = await _upload(upload, part_size, content(storage, modified, members))
        await _complete(upload)
    except BaseException:
        with contextlib.suppress(StorageError):  # whoever goes on with the task aborts it
            await asyncio.shield(upload.abort())
        raise
    return size


async def discard(storage: Storage, prefix: str, among: Callable[[str], bool] = lambda _: True) -> None:
    """Remove every object and every unfinished upload whose key begins with this and is among those."""
    async for upload in storage.unfinished(prefix):
        if among(upload.key):
            await upload.abort()
    await storage.delete(*[one.key async for one in storage.list(prefix) if among(one.key)])


async def content(
    storage: Storage, modified: datetime, members: AsyncIterator[Member]
) -> AsyncIterator[bytes]:
    """The archive's bytes, in pieces."""
    layout = Layout(modified)
    async for member, whole in _read_ahead(storage, members):
        yield layout.header(member)
        if whole is not None:
            yield await whole
        else:
            async for piece in _pieces(storage, member):
                yield piece
    yield layout.end()


async def _complete(upload: Multipart) -> None:
    """Who is cancelled waits for the answer: what comes of the upload has to be there to be removed."""
    completing = asyncio.create_task(upload.complete())
    try:
        await asyncio.shield(completing)
    except asyncio.CancelledError:
        await asyncio.gather(completing, return_exceptions=True)
        raise


async def _upload(upload: Multipart, part_size: int, pieces: AsyncIterator[bytes]) -> int:
    size, buffer = 0, bytearray()
    async for piece in pieces:
        buffer += piece
        while len(buffer) >= part_size:
            await upload.part(len(upload.parts) + 1, bytes(buffer[:part_size]))
            del buffer[:part_size]
            size += part_size
    await upload.part(len(upload.parts) + 1, bytes(buffer))
    return size + len(buffer)


async def _read_ahead(
    storage: Storage, members: AsyncIterator[Member]
) -> AsyncIterator[tuple[Member, asyncio.Task[bytes] | None]]:
    """Each member in turn, a small one with its bytes on their way."""
    waiting: deque[tuple[Member, asyncio.Task[bytes] | None]] = deque()
    try:
        async for member in members:
            small = member.size <= SMALL
            waiting.append((member, asyncio.create_task(_whole(storage, member)) if small else None))
            if len(waiting) == AHEAD:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()
    finally:
        readings = [reading for _, reading in waiting if reading is not None]
        for reading in readings:
            reading.cancel()
        await asyncio.gather(*readings, return_exceptions=True)


async def _whole(storage: Storage, member: Member) -> bytes:
    return b"".join([piece async for piece in _pieces(storage, member)])


async def _pieces(storage: Storage, member: Member) -> AsyncIterator[bytes]:
    """The member's bytes; exactly as many as its header says."""
    size = 0
    try:
        async for piece in storage.read(member.key):
            size += len(piece)
            yield piece
    except NotStoredError:
        raise MissingMemberError(member) from None
    if size != member.size:
        raise MissingMemberError(member)
