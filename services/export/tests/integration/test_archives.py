"""Archives from storage into storage: whole, in bounded memory, and nothing of them where they fail."""

from __future__ import annotations

import asyncio
import gc
import io
import zipfile
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psutil
import pytest

from atelier.export.archives import use_cases as archives
from atelier.export.archives.layout import Member
from atelier.export.archives.use_cases import MissingMemberError

MODIFIED = datetime(2026, 3, 1, tzinfo=UTC)
MB = 1024 * 1024


async def each(members: list[Member]) -> AsyncIterator[Member]:
    """As the database would give them."""
    for member in members:
        yield member


async def stored(world: Any, body: bytes, count: int) -> list[Member]:
    """So many members that share one object."""
    key = f"renditions/{uuid4()}.webp"
    await world.storage.put(key, body, "image/webp")
    return [Member(f"{n}.webp", key, len(body), zlib.crc32(body)) for n in range(count)]


async def write(world: Any, members: list[Member]) -> tuple[str, int]:
    """Where the archive is, and its size."""
    key = f"exports/{uuid4()}/1.zip"
    content = sum(member.size for member in members)
    return key, await archives.write(world.storage, key, MODIFIED, each(members), content)


@pytest.mark.parametrize(("size", "count"), [(0, 1), (10, 30), (3 * MB, 7), (MB + 1, 9)])
async def test_the_object_is_the_whole_archive(world: Any, size: int, count: int) -> None:
    body = bytes(range(256)) * (size // 256) + bytes(size % 256)
    key, written = await write(world, await stored(world, body, count))
    archive = b"".join([piece async for piece in world.storage.read(key)])
    assert (await world.storage.head(key)).size == written == len(archive)
    with zipfile.ZipFile(io.BytesIO(archive)) as read:
        assert (read.testzip(), len(read.infolist())) == (None, count)
        assert read.read("0.webp") == body


async def uploads(world: Any) -> set[str]:
    """What is being uploaded; tests that kill leave some, which isn't these tests' matter."""
    return {one.upload_id async for one in world.storage.unfinished("exports/")}


async def test_a_member_that_is_missing_or_short_leaves_no_archive(world: Any) -> None:
    [member] = await stored(world, b"body", 1)
    before = await uploads(world)
    for wrong in (
        Member("gone", f"renditions/{uuid4()}.webp", 4, 0),
        Member("short", member.key, 5, 0),
        Member("gone and large", f"renditions/{uuid4()}.webp", 9 * MB, 0),
    ):
        with pytest.raises(MissingMemberError):
            await write(world, [member, wrong])
    assert await uploads(world) == before


async def test_whoever_is_cancelled_leaves_no_upload(world: Any) -> None:
    members, before = await stored(world, bytes(4 * MB), 40), await uploads(world)
    writing = asyncio.create_task(write(world, members))
    while await uploads(world) == before:
        await asyncio.sleep(0.01)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    assert await uploads(world) == before


async def test_memory_is_flat_from_64_to_256_files(world: Any) -> None:
    members = await stored(world, bytes(MB // 4), 256)
    await write(world, members[:16])
    growth = [await _growth(world, members[:count]) for count in (64, 256)]
    assert growth[1] - growth[0] < 16 * MB, [one / MB for one in growth]


async def _growth(world: Any, members: list[Member]) -> int:
    """How much the resident memory rose at most while an archive was written."""
    gc.collect()
    process = psutil.Process()
    before, highest = process.memory_info().rss, 0
    writing = asyncio.create_task(write(world, members))
    while not writing.done():
        highest = max(highest, process.memory_info().rss)
        await asyncio.sleep(0.01)
    await writing
    return highest - before
