"""One transaction: what changes, the events that tell of it, and the answer that is kept.

Use cases read and add through it; only the runtime commits it. Its connection is taken at the
first statement, so what a use case asks of other services before that holds no transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Executable, Result, Select, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase

from atelier.contracts.envelope import Envelope
from atelier.contracts.model import Event, State
from atelier.contracts.topics import Topics
from atelier.runtime import bulk, crash_points, outbox, replicas
from atelier.runtime.clock import Clock, new_id
from atelier.runtime.errors import ConflictError
from atelier.runtime.outbox import KeptAnswer
from atelier.runtime.replicas import Versioned
from atelier.runtime.request_context import Cause

T = TypeVar("T")
ENQUEUE = text(
    "INSERT INTO jobs (kind, key, payload, traceparent, run_at) "
    "VALUES (:kind, :key, :payload, :traceparent, now() + :delay) ON CONFLICT (kind, key) DO NOTHING"
).bindparams(bindparam("payload", type_=JSONB))
Guard = Callable[[AsyncConnection], Awaitable[None]]


@dataclass(frozen=True)
class _Emission:
    aggregate: Any
    event: type[Event[Any]]
    version: int
    happened: dict[str, Any]
    deleted_at: datetime | None


class UnitOfWork:
    """Made by `UnitsOfWork`; use it inside `async with`, which rolls back what isn't committed."""

    def __init__(self, units: UnitsOfWork, cause: Cause) -> None:
        self.cause = cause
        self.now = units.clock.now()
        self._units = units
        self._session: AsyncSession | None = None
        self._connection: AsyncConnection | None = None
        self._guard: Guard | None = None
        self._added: list[DeclarativeBase] = []
        self._emissions: list[_Emission] = []
        self._jobs: list[dict[str, Any]] = []
        self._learned: list[Versioned] = []
        self._answer: KeptAnswer | None = None
        self.shown_once: tuple[str, ...] = ()
        """Fields of the answer that are secrets: a kept answer has null there."""

    async def __aenter__(self) -> UnitOfWork:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._disconnect()

    async def pause(self) -> None:
        """End the transaction, which has only read, so that none waits while other services are asked.

        The next statement begins another, in which what was read before may be different.
        """
        changed = self._added or self._emissions or self._jobs
        assert not changed, "what was changed would be lost"
        await self._disconnect()
        self._session = self._connection = None

    async def _disconnect(self) -> None:
        try:
            if self._session is not None:
                await self._session.close()
        finally:
            if self._connection is not None:
                await self._connection.close()

    def guard(self, guard: Guard) -> None:
        """Run this first in the transaction, before any statement of the use case."""
        self._guard = guard

    async def connection(self) -> AsyncConnection:
        """The connection, its transaction begun; for the statements that every write makes."""
        if self._connection is None:
            self._connection = await self._units.engine.connect()
            await self._connection.begin()
            if self._guard is not None:
                await self._guard(self._connection)
        return self._connection

    async def session(self) -> AsyncSession:
        """The same transaction as an ORM session, for repositories that need more than the below."""
        if self._session is None:
            connection = await self.connection()
            self._session = AsyncSession(connection, expire_on_commit=False, autoflush=False)
        return self._session

    async def execute(self, statement: Executable, parameters: Any = None) -> Result[*tuple[Any, ...]]:
        """Run one statement."""
        return await (await self.session()).execute(statement, parameters)

    async def one_or_none(self, statement: Select[T]) -> T | None:
        """The only row of a select, or None."""
        result: Result[T] = await (await self.session()).execute(statement)
        return result.scalars().one_or_none()

    async def all(self, statement: Select[T]) -> Sequence[T]:
        """Every row of a select; the caller bounds it."""
        result: Result[T] = await (await self.session()).execute(statement)
        return result.scalars().all()

    def add(self, row: DeclarativeBase) -> None:
        """Insert this row at the commit. The row stays a plain object: it isn't tracked."""
        self._added.append(row)

    async def delete(self, row: DeclarativeBase) -> None:
        """Delete this loaded row at the commit."""
        await (await self.session()).delete(row)

    def emit(self, aggregate: Any, event: type[Event[Any]], **happened: Any) -> None:
        """Tell of a change: the aggregate takes its next version, and the event its state at commit.

        `happened` are the event's own fields, beside the state.
        """
        self._record(aggregate, event, happened, deleted_at=None)

    async def remove(self, aggregate: Any, event: type[Event[Any]], **happened: Any) -> None:
        """Delete an aggregate for good and tell of it, with its last state."""
        self._record(aggregate, event, happened, deleted_at=self.now)
        await self.delete(aggregate)

    def _record(
        self,
        aggregate: Any,
        event: type[Event[Any]],
        happened: dict[str, Any],
        deleted_at: datetime | None,
    ) -> None:
        aggregate.version += 1
        aggregate.updated_at = self.now
        self._emissions.append(_Emission(aggregate, event, aggregate.version, happened, deleted_at))

    def enqueue(
        self, kind: str, key: str, payload: Mapping[str, Any], delay: timedelta = timedelta(0)
    ) -> None:
        """Ask for a job, `delay` after the commit; asking again with the same kind and key is nothing."""
        self._jobs.append({"kind": kind, "key": key, "payload": dict(payload), "delay": delay})

    def keep(self, answer: KeptAnswer) -> None:
        """Keep this answer with the effect, for a repetition of the request."""
        self._answer = answer

    def learn(self, news: Iterable[Versioned]) -> None:
        """What other services said: for the replicas at the commit, when nobody waits long for it."""
        self._learned.extend(news)

    async def flush(self) -> None:
        """Send what was added and changed, so that the next statement sees it."""
        if self._added:
            await bulk.run(await self.connection(), self._inserts())
        if self._session is not None:
            await self._session.flush()

    async def commit(self) -> None:
        """Write rows and events and make them last; the relay is woken. For the runtime only."""
        if self._session is not None:
            await self.flush()
        await self._write_rest()
        for job in self._jobs:
            await (await self.connection()).execute(ENQUEUE, job | {"traceparent": self.cause.traceparent})
        if self._learned:
            await replicas.upsert(await self.connection(), replicas.newest(self._learned))
            self._learned.clear()
        if self._connection is None:
            return
        crash_points.reached("before_commit")
        await self._connection.commit()
        crash_points.reached("after_commit")
        if self._emissions or self._jobs:
            self._emissions.clear()
            self._jobs.clear()
            self._units.committed()

    async def _write_rest(self) -> None:
        """Added rows, events and the kept answer in one statement."""
        pieces = self._inserts()
        if self._emissions:
            pieces.append(outbox.tell(self._outgoing()))
        if self._answer is not None:
            pieces.append(outbox.keep(self._answer))
        if not pieces:
            return
        written = await bulk.run(await self.connection(), pieces)
        if self._answer is not None and written.first() is None:
            raise ConflictError("A request with this Idempotency-Key was answered just now; repeat it.")

    def _inserts(self) -> list[bulk.Piece]:
        pieces = bulk.inserts(self._added)
        self._added.clear()
        return pieces

    def _outgoing(self) -> list[outbox.OutgoingEvent]:
        states: dict[UUID, State] = {}
        return [self._event(emission, states) for emission in self._emissions]

    def _event(self, emission: _Emission, states: dict[UUID, State]) -> outbox.OutgoingEvent:
        aggregate_id: UUID = emission.aggregate.id
        if aggregate_id not in states:
            states[aggregate_id] = emission.aggregate.state()
        state = states[aggregate_id]
        if emission.deleted_at is not None:
            state = state.model_copy(update={"deleted_at": emission.deleted_at})
        envelope = self._envelope(emission, state)
        body = outbox.serialize(emission.event(state=state, **emission.happened))
        topic = self._units.topics.of_event(emission.event).name
        return outbox.OutgoingEvent(aggregate_id, emission.version, topic, envelope.to_headers(), body)

    def _envelope(self, emission: _Emission, state: State) -> Envelope:
        return Envelope(
            id=new_id(),
            type=emission.event.__name__,
            source=f"/{self._units.service}",
            subject=state.id,
            time=self.now,
            dataschema=emission.event.dataschema(),
            aggregate_version=emission.version,
            correlation_id=self.cause.correlation_id,
            causation_id=self.cause.causation_id,
            actor_id=self.cause.actor_id,
            organization_id=state.organization_id,
            traceparent=self.cause.traceparent,
        )


class UnitsOfWork:
    """Makes units of work for one service; `committed` is called after each that told of something."""

    def __init__(
        self,
        *,
        service: str,
        engine: AsyncEngine,
        topics: Topics,
        clock: Clock,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        self.service = service
        self.engine = engine
        self.topics = topics
        self.clock = clock
        self.committed = committed

    def begin(self, cause: Cause) -> UnitOfWork:
        """A new unit of work, not yet connected."""
        return UnitOfWork(self, cause)
