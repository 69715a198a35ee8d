"""Writing a ZIP archive. Baseline: a loop that reads each member, counts its CRC and copies it in.

Contender: export's own bytes of an archive, with sizes and CRCs that were kept when the pictures were
stored. Both read from the same memory, so that nothing but the work on the bytes is measured; the
memory of the whole way is measured beside it, from a real storage into it, in a process of its own.
"""

from __future__ import annotations

import asyncio
import io
import os
import time
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import SecretStr

from atelier.export.archives import use_cases
from atelier.export.archives.layout import Member
from atelier.export.settings import Settings
from atelier.runtime.processes import LimitedProcesses
from atelier.runtime.storage import Storage
from atelier.stack.testing import EmbeddedStack
from benchmarks import naive_pictures
from benchmarks.harness import Contender, Row, Sample, compare

MIB = 1024 * 1024
FILE = 3 * MIB // 2
"""Bytes of a picture as shops get it."""
FEW, MANY = 64, 256
SECONDS = 1.0
MODIFIED = datetime(2026, 11, 27, tzinfo=UTC)
MEMORY = 2 * 1024**3
FLAT = 1.15
"""What four times as many files may take more: the noise of two runs, 400 MB it would be otherwise."""


async def run() -> list[Row]:
    """Megabytes a second, and the most memory with few and many files."""
    body = os.urandom(FILE)
    await _check(body)
    rows = await compare(
        "archive",
        Contender("CRC-and-copy loop", partial(_load, partial(_loop, body))),
        [Contender("export's archive", partial(_load, partial(_streamed, body)), bar=3)],
        unit="MB/s",
    )
    with EmbeddedStack(parts=("s3",)) as stack:
        settings = _settings(stack)
        few, many, at_once = (
            partial(_peak, way, settings, count)
            for way, count in ((_write, FEW), (_write, MANY), (_in_memory, MANY))
        )
        return rows + await compare(
            "archive, memory",
            Contender(f"{FEW} files", few),
            [
                Contender(f"{MANY} files", many, bar=FLAT, at_most=True),
                Contender(f"{MANY} files, put together in memory", at_once),
            ],
            unit="MB",
            rounds=3,
        )


class _Memory:
    """A storage with one picture, as much of it as an archive reads."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self, _: str, start: int = 0) -> AsyncIterator[bytes]:
        for at in range(start, len(self._body), MIB):
            yield self._body[at : at + MIB]


class _Sink(io.RawIOBase):
    """Takes bytes as an upload does, without a way back."""

    written = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self.written += len(piece)
        return len(piece)


Archive = Callable[[], Any]
"""Writes an archive once and answers its size."""


async def _loop(body: bytes) -> int:
    """As the standard library writes it: every byte is read for its CRC and copied."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for number in range(FEW):
            with archive.open(_name(number), "w") as member:
                async for piece in _Memory(body).read(""):
                    member.write(piece)
    return sink.written


async def _streamed(body: bytes) -> int:
    sink = _Sink()
    async for piece in use_cases.content(_memory(body), MODIFIED, _members(FEW, body)):
        sink.write(piece)
    return sink.written


async def _check(body: bytes) -> None:
    """Ours is an archive that others read, with every byte in it."""
    pieces = [piece async for piece in use_cases.content(_memory(body), MODIFIED, _members(FEW, body))]
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.namelist() == [_name(number) for number in range(FEW)]
        assert archive.testzip() is None
        assert archive.read(_name(FEW - 1)) == body


async def _load(archive: Archive) -> Sample:
    started, cpu = time.perf_counter(), time.process_time()
    done = size = 0
    while time.perf_counter() < started + SECONDS:
        size += await archive()
        done += FEW
    return Sample(size / (time.perf_counter() - started) / 1e6, done, time.process_time() - cpu)


@dataclass(frozen=True)
class _Stored:
    """A real storage in the worker, with one picture in it."""

    storage: Storage
    body: bytes
    key: str = "benchmark/picture"


async def _peak(way: Callable[[_Stored, int], Any], settings: Settings, count: int) -> Sample:
    processes = LimitedProcesses(workers=1, memory_bytes=MEMORY, timeout=120)
    try:
        cost = await processes.run(naive_pictures.measured, _in_worker, way, settings, count)
    finally:
        await processes.close()
    return Sample(cost.peak_bytes / 1e6, count, cost.cpu_seconds)


def _in_worker(way: Callable[[_Stored, int], Any], settings: Settings, count: int) -> None:
    asyncio.run(_with_storage(way, settings, count))


async def _with_storage(way: Callable[[_Stored, int], Any], settings: Settings, count: int) -> None:
    stored = _Stored(Storage(settings), os.urandom(FILE))
    try:
        await stored.storage.put(stored.key, stored.body, "image/jpeg")
        await way(stored, count)
    finally:
        await stored.storage.close()


async def _write(stored: _Stored, count: int) -> None:
    """As an export does it."""
    members = _members(count, stored.body, stored.key)
    await use_cases.write(stored.storage, "benchmark/archive", MODIFIED, members, count * FILE)


async def _in_memory(stored: _Stored, count: int) -> None:
    """As tutorials do it."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for number in range(count):
            picture = b"".join([piece async for piece in stored.storage.read(stored.key)])
            archive.writestr(_name(number), picture)
    await stored.storage.put("benchmark/archive", whole.getvalue(), "application/zip")


async def _members(count: int, body: bytes, key: str = "") -> AsyncIterator[Member]:
    crc32 = zlib.crc32(body)
    for number in range(count):
        yield Member(_name(number), key, len(body), crc32)


def _memory(body: bytes) -> Any:
    return _Memory(body)


def _name(number: int) -> str:
    return f"{number:04}.jpg"


def _settings(stack: EmbeddedStack) -> Settings:
    endpoints = stack.endpoints
    return Settings.for_document().model_copy(
        update={
            "s3_endpoint_url": endpoints.s3_endpoint_url,
            "s3_bucket": endpoints.s3_bucket,
            "s3_access_key": SecretStr(endpoints.s3_access_key),
            "s3_secret_key": SecretStr(endpoints.s3_secret_key),
        }
    )
