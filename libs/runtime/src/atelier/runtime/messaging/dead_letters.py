"""Records that a group couldn't handle: kept as they came, listed and redriven by an operator."""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from atelier.contracts.envelope import Envelope
from atelier.runtime import metrics
from atelier.runtime.messaging.records import PoisonError, Record, aggregate_of
from atelier.runtime.request_context import because_of
from atelier.runtime.tables import DeadLetterRow

log = structlog.get_logger(__name__)

PARKED = "parked"


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as a dead letter gives it back."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]

    @classmethod
    def of(cls, letter: DeadLetterRow) -> StoredRecord:
        """Byte for byte what came from Kafka."""
        headers = [
            (name, base64.b64decode(value) if value is not None else None) for name, value in letter.headers
        ]
        return cls(
            letter.topic,
            letter.partition,
            letter.record_offset,
            letter.record_key,
            letter.body,
            headers,
        )


async def set_aside(session: AsyncSession, consumer: str, record: Record, poison: PoisonError) -> None:
    """Keep a poisonous record; a redelivery or a repetition of it makes no second letter."""
    if poison.envelope is not None and await _is_known(session, consumer, poison.envelope):
        return
    with because_of(poison.cause):
        log.error(
            "record set aside", consumer=consumer, topic=record.topic, offset=record.offset, why=str(poison)
        )
    metrics.DEAD_LETTERS.labels(consumer, record.topic, poison.reason).inc()
    await _keep(session, consumer, record, poison.envelope, reason=poison.reason, detail=poison.detail)


async def park(session: AsyncSession, consumer: str, record: Record, envelope: Envelope) -> None:
    """Keep a sound record behind an open letter of its aggregate."""
    metrics.DEAD_LETTERS.labels(consumer, record.topic, PARKED).inc()
    detail = "An earlier fact of this aggregate is a dead letter."
    await _keep(session, consumer, record, envelope, reason=PARKED, detail=detail)


async def blocks(session: AsyncSession, consumer: str, envelope: Envelope) -> tuple[bool, bool]:
    """Whether this very event has a letter, and whether its aggregate has an open one."""
    mine = DeadLetterRow.consumer == consumer
    known = exists().where(mine, DeadLetterRow.event_id == envelope.id)
    blocked = exists().where(
        mine, DeadLetterRow.aggregate_id == envelope.subject, DeadLetterRow.closed_at.is_(None)
    )
    is_known, is_blocked = (await session.execute(select(known, blocked))).one()
    return bool(is_known), bool(is_blocked)


async def lock(session: AsyncSession, consumer: str, aggregate_id: UUID) -> None:
    """One at a time for each aggregate: a redrive and the consumer don't overtake each other."""
    digest = hashlib.blake2b(consumer.encode() + aggregate_id.bytes, digest_size=8).digest()
    await session.execute(select(func.pg_advisory_xact_lock(struct.unpack("q", digest)[0])))


def open_letters(consumer: str | None = None, aggregate_id: UUID | None = None) -> Select[DeadLetterRow]:
    """Letters that wait, of one group or aggregate or of all, in the order in which a redrive takes them."""
    statement = select(DeadLetterRow).where(DeadLetterRow.closed_at.is_(None))
    if consumer is not None:
        statement = statement.where(DeadLetterRow.consumer == consumer)
    if aggregate_id is not None:
        statement = statement.where(DeadLetterRow.aggregate_id == aggregate_id)
    return statement.order_by(
        DeadLetterRow.aggregate_id, DeadLetterRow.version.nulls_first(), DeadLetterRow.id
    )


async def close(session: AsyncSession, letter_id: int) -> bool:
    """The letter was dealt with; it stays, so that a redelivery is recognised. False if it was before."""
    statement = update(DeadLetterRow).where(DeadLetterRow.id == letter_id, DeadLetterRow.closed_at.is_(None))
    closed = await session.execute(statement.values(closed_at=func.now()).returning(DeadLetterRow.id))
    return closed.first() is not None


async def complain(session: AsyncSession, letter_id: int, reason: str, detail: str) -> None:
    """Note why a redrive failed."""
    values = {"reason": reason, "detail": _storable(detail)[:2000]}
    await session.execute(update(DeadLetterRow).where(DeadLetterRow.id == letter_id).values(values))


async def _keep(
    session: AsyncSession,
    consumer: str,
    record: Record,
    envelope: Envelope | None,
    *,
    reason: str,
    detail: str,
) -> None:
    values: dict[str, Any] = {
        "consumer": consumer,
        "topic": record.topic,
        "partition": record.partition,
        "record_offset": record.offset,
        "record_key": record.key,
        "headers": [[_storable(name), _base64(value)] for name, value in record.headers],
        "body": record.value,
        "reason": reason,
        "detail": _storable(detail),
        "parked": reason == PARKED,
        "event_id": envelope.id if envelope else None,
        "event_type": _storable(envelope.type) if envelope else None,
        "aggregate_id": aggregate_of(record, envelope),
        "version": envelope.aggregate_version if envelope else None,
        "traceparent": _storable(envelope.traceparent) if envelope and envelope.traceparent else None,
    }
    await session.execute(insert(DeadLetterRow).values(values).on_conflict_do_nothing())


async def _is_known(session: AsyncSession, consumer: str, envelope: Envelope) -> bool:
    """Whether this very event has a letter, under this record's offset or another's."""
    known, _ = await blocks(session, consumer, envelope)
    return known


def _storable(said: str) -> str:
    """PostgreSQL's text holds neither NUL nor lone surrogates, which may be what is complained about."""
    return said.encode(errors="backslashreplace").decode().replace("\0", "\\0")


def _base64(value: bytes | None) -> str | None:
    return base64.b64encode(value).decode() if value is not None else None
