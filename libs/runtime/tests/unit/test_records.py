"""What a record from Kafka is taken for: a fact, something to skip, or poison."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import pytest
from newsroom import Sent, fact, issue

from atelier.contracts.model import MAX_BODY_BYTES
from atelier.runtime.messaging.dead_letters import StoredRecord
from atelier.runtime.messaging.records import (
    PoisonError,
    aggregate_of,
    known_types,
    read_envelope,
    read_fact,
)
from example.issues import TOPICS, IssuePrinted


@dataclass(frozen=True)
class ARecord:
    key: bytes | None
    value: bytes | None
    headers: Any
    topic: str = "press.issues.v1"
    partition: int = 0
    offset: int = 7

    @classmethod
    def of(cls, sent: Sent) -> ARecord:
        return cls(sent.key, sent.value, sent.headers)


def _read(sent: Sent) -> Any:
    record = ARecord.of(sent)
    return read_fact(record, read_envelope(record), TOPICS)


def test_a_sound_record_is_its_event_and_envelope() -> None:
    state = issue("sound", copies=3)
    read = _read(fact(state, 5))

    assert read.event == IssuePrinted(state=state)
    assert (read.envelope.aggregate_version, read.envelope.subject) == (5, state.id)


def test_a_type_that_is_not_known_is_no_fact_whatever_its_body_and_version() -> None:
    strange = replace(fact(issue("strange")), value=b"\xff").but(ce_type=b"IssueBurnt", ce_dataschema=b"?")
    assert _read(strange) is None


@pytest.mark.parametrize(
    "schema", [b"urn:atelier:event:IssuePrinted:2", b"IssuePrinted", b"x:-1", b"x:\xc2\xb2"]
)
def test_a_version_that_is_not_known_is_poison(schema: bytes) -> None:
    with pytest.raises(PoisonError) as poison:
        _read(fact(issue("new")).but(ce_dataschema=schema))
    assert poison.value.reason == "version"


@pytest.mark.parametrize("more", [0, 1])
def test_a_body_of_256_kilobytes_is_read_and_one_byte_more_is_poison(more: int) -> None:
    sent = fact(issue("large"))
    padding = b" " * (MAX_BODY_BYTES - len(sent.value or b"") + more)
    large = replace(sent, value=(sent.value or b"") + padding)
    if not more:
        assert _read(large)
        return
    with pytest.raises(PoisonError) as poison:
        _read(large)
    assert poison.value.reason == "size"


@pytest.mark.parametrize(
    "value", [None, b"", b"{", b"null", b"[]", b"\xff", b"[" * 200_000, b'{"state": null}']
)
def test_a_body_that_is_not_its_contract_is_poison_with_the_envelope_known(value: bytes | None) -> None:
    with pytest.raises(PoisonError) as poison:
        _read(replace(fact(issue("body")), value=value))
    assert poison.value.reason == "body"
    assert poison.value.cause.correlation_id == "test"
    assert len(poison.value.detail) <= 2000


def test_headers_that_are_no_envelope_are_poison_of_an_unknown_cause() -> None:
    with pytest.raises(PoisonError) as poison:
        _read(fact(issue("headers")).but(ce_id=None))
    assert (poison.value.reason, poison.value.cause.traceparent) == ("headers", None)


def test_whose_record_it_is_is_told_by_the_envelope_else_by_the_key() -> None:
    state = issue("whose")
    record = ARecord.of(replace(fact(state), key=str(uuid4()).encode()))

    assert aggregate_of(record, read_envelope(record)) == state.id
    assert str(aggregate_of(record, None)).encode() == record.key
    for key in (None, b"", b"\xff", b"7"):
        assert aggregate_of(replace(record, key=key), None) is None


def test_types_are_known_by_their_names() -> None:
    assert known_types([IssuePrinted]) == {"IssuePrinted"}


@dataclass
class ALetter:
    topic: str = "t"
    partition: int = 1
    record_offset: int = 2
    record_key: bytes | None = b"\x00k"
    body: bytes | None = b"\xff\x00"
    headers: list[Any] = field(default_factory=lambda: [["a", "/wA="], ["a", None], ["b", ""]])


def test_a_letter_gives_its_record_back_byte_for_byte() -> None:
    record = StoredRecord.of(ALetter())  # type: ignore[arg-type]

    assert (record.key, record.value, record.offset) == (b"\x00k", b"\xff\x00", 2)
    assert record.headers == [("a", b"\xff\x00"), ("a", None), ("b", b"")]
