"""The consumer group of a service's facts: each handled once in effect, in order per aggregate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atelier.contracts.model import Event
from atelier.contracts.topics import Topics
from atelier.runtime import crash_points, metrics, telemetry
from atelier.runtime.away import is_away, is_lost
from atelier.runtime.messaging import dead_letters
from atelier.runtime.messaging.dead_letters import StoredRecord
from atelier.runtime.messaging.patience import patiently
from atelier.runtime.messaging.records import (
    Fact,
    PoisonError,
    Record,
    cause_of,
    known_types,
    read_envelope,
    read_fact,
)
from atelier.runtime.request_context import Cause, because_of
from atelier.runtime.tables import DeadLetterRow
from atelier.runtime.unit_of_work import UnitOfWork, UnitsOfWork

log = structlog.get_logger(__name__)

FactHandler = Callable[[UnitOfWork, Fact[Any]], Awaitable[None]]
ATTEMPTS = 3

TAKE_IN = text(
    "INSERT INTO inbox (consumer, event_id) VALUES (:consumer, :event_id) ON CONFLICT DO NOTHING RETURNING 1"
)


class HandlerError(Exception):
    """What a handler raised while the database was there: the fact's fault, or the handler's."""

    def __init__(self, failure: Exception) -> None:
        super().__init__(f"{type(failure).__name__}: {failure}")


class FactGroup:
    """Hands each fact to the one handler of its type, with an inbox row in the same transaction."""

    def __init__(
        self,
        *,
        service: str,
        units: UnitsOfWork,
        topics: Topics,
        handlers: Mapping[type[Event[Any]], FactHandler],
    ) -> None:
        self.name = service
        self.topics = tuple(sorted({topics.of_event(event).name for event in handlers}))
        self._units = units
        self._known = topics
        self._types = known_types(handlers)
        self._handlers = handlers

    async def handle(self, records: Sequence[Record]) -> None:
        """Handle a batch, record by record.

        Returns once each is done with: handled, known before, not ours, or a dead letter. Raises
        where the database stayed away; the batch then comes again.
        """
        for record in records:
            outcome = await patiently(lambda record=record: self._handle(record))  # type: ignore[misc]
            metrics.RECORDS.labels(self.name, record.topic, outcome).inc()

    async def _handle(self, record: Record) -> str:
        try:
            fact = self._read(record)
            if fact is None:
                return "skipped"
            with because_of(cause_of(fact.envelope)):
                return await self._insistently(record, fact)
        except PoisonError as poison:
            async with self._units.begin(poison.cause) as uow:
                await dead_letters.set_aside(await uow.session(), self.name, record, poison)
                await uow.commit()
            return "dead"

    def _read(self, record: Record) -> Fact[Event[Any]] | None:
        envelope = read_envelope(record)
        if envelope.type not in self._types:
            return None
        return read_fact(record, envelope, self._known)

    async def _insistently(self, record: Record, fact: Fact[Event[Any]]) -> str:
        """A handler's own failure is tried again a few times, then the fact is poison."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._once(record, fact)
            except Exception as failure:
                if is_away(failure):
                    raise
                log.warning(
                    "fact failed",
                    consumer=self.name,
                    type=fact.envelope.type,
                    attempt=attempt,
                    exc_info=failure,
                )
                if attempt == ATTEMPTS:
                    raise PoisonError("handler", _said(failure), fact.envelope) from failure
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _once(self, record: Record, fact: Fact[Event[Any]]) -> str:
        envelope = fact.envelope
        with telemetry.consumer_span(f"{self.name} {envelope.type}", envelope.traceparent) as traceparent:
            async with self._units.begin(cause_of(envelope, traceparent)) as uow:
                session = await uow.session()
                await dead_letters.lock(session, self.name, envelope.subject)
                known, blocked = await dead_letters.blocks(session, self.name, envelope)
                if known:
                    return "duplicate"
                if blocked:
                    await dead_letters.park(session, self.name, record, envelope)
                elif not await self._take_in(session, envelope.id):
                    return "duplicate"
                else:
                    await self._apply(uow, fact)
                await uow.commit()
        crash_points.reached("after_effect")
        return "parked" if blocked else "handled"

    async def _take_in(self, session: AsyncSession, event_id: UUID) -> bool:
        taken = await session.execute(TAKE_IN, {"consumer": self.name, "event_id": event_id})
        return taken.first() is not None

    async def _apply(self, uow: UnitOfWork, fact: Fact[Event[Any]]) -> None:
        """A handler that takes too long isn't a database that is away: that just answered."""
        with because_of(uow.cause):
            try:
                await self._handlers[type(fact.event)](uow, fact)
            except Exception as failure:
                if is_lost(failure):
                    raise
                raise HandlerError(failure) from failure

    async def redrive(self, letter: DeadLetterRow) -> bool:
        """Handle an open letter and close it; False, and why in the letter, where it still fails."""
        record = StoredRecord.of(letter)
        try:
            await self._redrive(letter, self._read(record))
        except PoisonError as poison:
            return await self._complain(letter, poison.reason, poison.detail)
        except Exception as failure:
            if is_away(failure):
                raise
            return await self._complain(letter, "handler", _said(failure))
        return True

    async def _redrive(self, letter: DeadLetterRow, fact: Fact[Event[Any]] | None) -> None:
        cause = cause_of(fact.envelope) if fact else Cause(correlation_id="redrive")
        async with self._units.begin(cause) as uow:
            session = await uow.session()
            if letter.aggregate_id is not None:
                await dead_letters.lock(session, self.name, letter.aggregate_id)
            current = await session.get(DeadLetterRow, letter.id, with_for_update=True)
            if current is None or current.closed_at is not None:
                return
            if fact is not None and not await self._was_handled(session, fact.envelope.id):
                await self._apply(uow, fact)
            await dead_letters.close(session, letter.id)
            await uow.commit()

    async def _was_handled(self, session: AsyncSession, event_id: UUID) -> bool:
        statement = text("SELECT 1 FROM inbox WHERE consumer = :consumer AND event_id = :event_id")
        return (
            await session.execute(statement, {"consumer": self.name, "event_id": event_id})
        ).first() is not None

    async def _complain(self, letter: DeadLetterRow, reason: str, detail: str) -> bool:
        async with self._units.begin(Cause(correlation_id="redrive")) as uow:
            await dead_letters.complain(await uow.session(), letter.id, reason, detail)
            await uow.commit()
        return False


def _said(failure: Exception) -> str:
    return str(failure) if isinstance(failure, HandlerError) else f"{type(failure).__name__}: {failure}"
