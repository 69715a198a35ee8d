"""Batches with a record that aiokafka can't read, read all the same.

Its reader fails for the whole batch where the name of one header isn't UTF-8, from whichever
offset the batch is read. Such a batch is read again here, slower, each record by itself.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import structlog
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecord, _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint_py

log = structlog.get_logger(__name__)

UNREADABLE = (ValueError, IndexError, CorruptRecordException)
OVERHEAD, LENGTH_AT, MAGIC_AT = 12, 8, 16
Headers = list[tuple[str, bytes | None]]


class TolerantRecords:
    """Like aiokafka's `MemoryRecords`: the batches of one answer to a fetch."""

    def __init__(self, data: bytes) -> None:
        self._records: Any = MemoryRecords(data)
        self._data = data
        self._start = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    def next_batch(self) -> Any:
        """The next batch; one of the newest format tolerates what it holds."""
        start = self._start
        (length,) = struct.unpack_from(">i", self._data, start + LENGTH_AT)
        self._start = start + OVERHEAD + length
        batch = self._records.next_batch()
        if self._data[start + MAGIC_AT] < 2:
            return batch
        return TolerantBatch(batch, self._data[start : self._start])


class TolerantBatch:
    """A batch that is read quickly, or where that fails, record by record."""

    def __init__(self, batch: Any, data: bytes) -> None:
        self._batch = batch
        self._data = data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        try:
            records = list(self._batch)
        except UNREADABLE as failure:
            log.error("unreadable record", offset=self._batch.base_offset, error=str(failure))
            records = list(_OneByOne(self._data))
        return iter(records)


class _OneByOne(_DefaultRecordBatchPy):  # type: ignore[misc]  # final, but only for its type checker
    """Reads a record whatever it holds: without key, body and headers where they can't be told apart."""

    def _read_msg(self, decode_varint: Any = decode_varint_py) -> Any:
        length, start = decode_varint(self._buffer, self._pos)
        self._pos: int = start + length
        record = _Cursor(self._buffer[start : self._pos])
        record.varint()  # attributes
        timestamp = self.first_timestamp + record.varint()
        offset = self.base_offset + record.varint()
        try:
            key, value, headers = record.nullable(), record.nullable(), record.headers()
        except UNREADABLE as failure:
            log.error("record without any sense", offset=offset, error=str(failure))
            key, value, headers = None, None, []
        if self.timestamp_type == self.LOG_APPEND_TIME:
            timestamp = self.max_timestamp
        return DefaultRecord(offset, timestamp, self.timestamp_type, key, value, headers)


class _Cursor:
    """The bytes of one record, read from left to right."""

    def __init__(self, data: bytearray) -> None:
        self._data = data
        self._at = 0

    def varint(self) -> int:
        value, self._at = decode_varint_py(self._data, self._at)
        return int(value)

    def headers(self) -> Headers:
        """What isn't UTF-8 in a name becomes lone surrogates, which no sound name holds."""
        return [self._header() for _ in range(self.varint())]

    def _header(self) -> tuple[str, bytes | None]:
        name = (self.nullable() or b"").decode(errors="surrogateescape")
        return name, self.nullable()

    def nullable(self) -> bytes | None:
        length = self.varint()
        if length < 0:
            return None
        self._at += length
        if self._at > len(self._data):
            raise ValueError("a length exceeds its record")
        return bytes(self._data[self._at - length : self._at])


def install() -> None:
    """Have aiokafka's consumers read this way; it offers no setting for it."""
    fetcher.MemoryRecords = TolerantRecords
