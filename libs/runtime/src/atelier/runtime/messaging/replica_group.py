"""The consumer group of a service's replicas: the newest state of each aggregate, by the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from atelier.contracts.envelope import Envelope
from atelier.contracts.model import Event, State
from atelier.contracts.topics import Topics
from atelier.runtime import crash_points, metrics, replicas, telemetry
from atelier.runtime.away import is_away
from atelier.runtime.database import Sessions
from atelier.runtime.messaging import dead_letters
from atelier.runtime.messaging.dead_letters import StoredRecord
from atelier.runtime.messaging.patience import patiently
from atelier.runtime.messaging.records import Fact, PoisonError, Record, read_envelope, read_fact
from atelier.runtime.replicas import Versioned
from atelier.runtime.tables import DeadLetterRow

Poisons = list[tuple[Record, PoisonError]]


class ReplicaGroup:
    """Keeps the replicas that a service declares; needs no inbox, since versions only go up."""

    def __init__(
        self, *, service: str, sessions: Sessions, topics: Topics, states: Sequence[type[State]]
    ) -> None:
        self.name = f"{service}.replicas"
        self.topics = tuple(sorted(topics.of_state(state).name for state in states))
        self._sessions = sessions
        self._known = topics

    async def handle(self, records: Sequence[Record]) -> None:
        """Apply a batch in one transaction; poisonous records become dead letters in it.

        Raises where the database stayed away; the batch then comes again.
        """
        news, poisons = self._read(records)
        links = [fact.envelope.traceparent for fact, _ in news]
        with telemetry.batch_span(f"{self.name} batch", links[:32]):
            await patiently(lambda: self._apply(news, poisons))
        crash_points.reached("after_effect")
        metrics.RECORDS.labels(self.name, "*", "handled").inc(len(news))

    def _read(self, records: Sequence[Record]) -> tuple[list[tuple[Fact[Event[Any]], Record]], Poisons]:
        news: list[tuple[Fact[Event[Any]], Record]] = []
        poisons: Poisons = []
        for record in records:
            try:
                fact = read_fact(record, read_envelope(record), self._known)
            except PoisonError as poison:
                poisons.append((record, poison))
                continue
            if fact is None:
                metrics.RECORDS.labels(self.name, record.topic, "skipped").inc()
            else:
                news.append((fact, record))
        return news, poisons

    async def _apply(self, news: Sequence[tuple[Fact[Event[Any]], Record]], poisons: Poisons) -> None:
        newest = replicas.newest([_versioned(fact) for fact, _ in news])
        try:
            await self._write(newest, poisons)
        except DBAPIError as failure:
            if is_away(failure):
                raise
            await self._one_by_one(news, poisons)

    async def _write(self, newest: Sequence[Versioned], poisons: Poisons) -> None:
        async with self._sessions() as session:
            await replicas.upsert(session, newest)
            await self._set_aside(session, poisons)
            await session.commit()

    async def _one_by_one(self, news: Sequence[tuple[Fact[Event[Any]], Record]], poisons: Poisons) -> None:
        """The batch as a whole failed for its data: find the culprits under savepoints."""
        culprits: Poisons = []
        async with self._sessions() as session:
            for fact, record in news:
                try:
                    async with session.begin_nested():
                        await replicas.upsert(session, [_versioned(fact)])
                except DBAPIError as failure:
                    if is_away(failure):
                        raise
                    culprits.append((record, PoisonError("data", str(failure.orig), fact.envelope)))
            await self._set_aside(session, [*poisons, *culprits])
            await session.commit()

    async def _set_aside(self, session: AsyncSession, poisons: Poisons) -> None:
        for record, poison in poisons:
            await dead_letters.set_aside(session, self.name, record, poison)

    async def redrive(self, letter: DeadLetterRow) -> bool:
        """Apply an open letter and close it; False, and why in the letter, where it still fails."""
        record = StoredRecord.of(letter)
        try:
            fact = read_fact(record, read_envelope(record), self._known)
            async with self._sessions() as session:
                await replicas.upsert(session, [_versioned(fact)] if fact else [])
                await dead_letters.close(session, letter.id)
                await session.commit()
        except (PoisonError, DBAPIError) as failure:
            if is_away(failure):
                raise
            return await self._complain(letter, failure)
        return True

    async def _complain(self, letter: DeadLetterRow, failure: Exception) -> bool:
        reason = failure.reason if isinstance(failure, PoisonError) else "data"
        async with self._sessions() as session:
            await dead_letters.complain(session, letter.id, reason, str(failure))
            await session.commit()
        return False


def _versioned(fact: Fact[Event[Any]]) -> Versioned:
    envelope: Envelope = fact.envelope
    return Versioned(envelope.aggregate_version, fact.event.state)
