"""A batch with a record that aiokafka can't read gives its neighbours as they are."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy as Builder

from atelier.contracts.envelope import Envelope, InvalidEnvelopeError
from atelier.runtime.messaging.unreadable import TolerantRecords

PLAIN, GZIP = 0, 1


class Raw(str):
    """A header's name that is written as bytes that aren't UTF-8."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return b"\xff" + super().encode()


def _batch(*names: str, codec: int = PLAIN) -> bytes:
    builder = Builder(2, codec, False, -1, -1, -1, 100_000)
    for at, name in enumerate(names):
        builder.append(at, timestamp=1000 + at, key=b"k%d" % at, value=b"v", headers=[(name, b"h")])
    return bytes(builder.build())


def _read(data: bytes) -> list[Any]:
    records, found = TolerantRecords(data), []
    while records.has_next():
        batch = records.next_batch()
        assert batch.validate_crc()
        assert (batch.base_offset, batch.next_offset) == (0, 3)
        found += list(batch)
    return found


@pytest.mark.parametrize("codec", [PLAIN, GZIP])
def test_the_odd_record_keeps_its_key_and_body_and_its_neighbours_everything(codec: int) -> None:
    found = _read(_batch("one", Raw("two"), "three", codec=codec) + _batch("a", "b", "c", codec=codec))

    assert [(one.offset, one.key, one.timestamp) for one in found[:3]] == [
        (0, b"k0", 1000),
        (1, b"k1", 1001),
        (2, b"k2", 1002),
    ]
    assert [one.headers[0][0] for one in found] == ["one", "\udcfftwo", "three", "a", "b", "c"]


def test_a_sound_batch_is_left_to_aiokafka() -> None:
    data = _batch("one", "two", "three")
    expected = [(one.offset, one.key, one.value, one.headers) for one in DefaultRecordBatch(data)]

    assert [(one.offset, one.key, one.value, one.headers) for one in _read(data)] == expected


def test_a_record_without_any_sense_is_an_empty_one_at_its_offset() -> None:
    data = bytearray(_batch(Raw("one"), "two", "three"))
    at = data.index(b"k1") - 1
    data[at] = 0x7E  # the key's length: more than the record holds
    batch = TolerantRecords(bytes(data)).next_batch()

    assert [(one.offset, one.key, one.value) for one in batch] == [
        (0, b"k0", b"v"),
        (1, None, None),
        (2, b"k2", b"v"),
    ]


@pytest.mark.parametrize("name", ["\udcff", "n\0l"])
def test_a_name_that_is_no_text_makes_no_envelope(name: str) -> None:
    with pytest.raises(InvalidEnvelopeError, match="isn't text"):
        Envelope.from_headers([(name, b"x")])


def test_nul_in_the_envelope_is_refused() -> None:
    with pytest.raises(InvalidEnvelopeError, match="traceparent holds NUL"):
        Envelope.from_headers([("traceparent", b"\0")])
