"""What came from Kafka, read tolerantly: a fact, something to skip, or poison."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import ValidationError

from atelier.contracts.envelope import Envelope, InvalidEnvelopeError
from atelier.contracts.model import MAX_BODY_BYTES, Event
from atelier.contracts.topics import Topics
from atelier.runtime.request_context import NO_CAUSE, Cause

E = TypeVar("E", bound=Event[Any])


class Record(Protocol):
    """A Kafka record, or one that was set aside and came back."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...


@dataclass(frozen=True, slots=True)
class Fact(Generic[E]):
    """An event and what came with it."""

    envelope: Envelope
    event: E


class PoisonError(Exception):
    """A record that can never be handled as it is; `reason` is a short word for metrics."""

    def __init__(self, reason: str, detail: str, envelope: Envelope | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail[:2000]
        self.envelope = envelope

    @property
    def cause(self) -> Cause:
        """What made the record, as far as it could be read."""
        return cause_of(self.envelope) if self.envelope is not None else NO_CAUSE


def read_envelope(record: Record) -> Envelope:
    """The record's envelope; raises `PoisonError` for headers that aren't one."""
    try:
        return Envelope.from_headers(record.headers)
    except InvalidEnvelopeError as wrong:
        raise PoisonError("headers", str(wrong)) from wrong


def read_fact(record: Record, envelope: Envelope, topics: Topics) -> Fact[Event[Any]] | None:
    """The record's event; None for a type that isn't known here.

    Raises `PoisonError` for an unknown version, a body over 256 KB or one that isn't its contract.
    """
    event = topics.event(envelope.type)
    if event is None:
        return None
    if envelope.schema_version != event.schema_version:
        raise PoisonError("version", f"{envelope.dataschema} isn't known here", envelope)
    body = record.value or b""
    if len(body) > MAX_BODY_BYTES:
        raise PoisonError("size", f"{len(body)} bytes are more than {MAX_BODY_BYTES}", envelope)
    try:
        return Fact(envelope, event.read(body))
    except (ValidationError, UnicodeDecodeError, RecursionError) as wrong:
        raise PoisonError("body", str(wrong), envelope) from wrong


def cause_of(envelope: Envelope, traceparent: str | None = None) -> Cause:
    """What handling a record is caused by; `traceparent` is the span of the handling, if there is one."""
    return Cause(
        correlation_id=envelope.correlation_id,
        causation_id=str(envelope.id),
        actor_id=envelope.actor_id,
        traceparent=traceparent or envelope.traceparent,
    )


def aggregate_of(record: Record, envelope: Envelope | None) -> UUID | None:
    """Whose event it is: by the envelope, else by the key, which is the aggregate's id too."""
    if envelope is not None:
        return envelope.subject
    try:
        return UUID((record.key or b"").decode())
    except ValueError:
        return None


def known_types(events: Iterable[type[Event[Any]]]) -> frozenset[str]:
    """The type names of events, as envelopes carry them."""
    return frozenset(event.__name__ for event in events)
