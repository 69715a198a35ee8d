"""From the outbox to the broker: smallest id first, deleted once the broker has it.

Never `id > cursor`: a transaction that took its ids early and commits late would be skipped.
An aggregate whose event can't be handed over waits, alone; so its events stay in order.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import structlog
from aiokafka.errors import KafkaError

from atelier.runtime import crash_points, metrics
from atelier.runtime.messaging import leadership
from atelier.runtime.messaging.leadership import Leader
from atelier.runtime.messaging.producer import Producer

log = structlog.get_logger(__name__)

BATCH = 2_000
POLL = 2.0
"""Seconds between looks at an outbox about which nobody said anything; also the heartbeat."""
ACKNOWLEDGED_WITHIN = 10.0
POSTPONED = 5.0
FLUSH = 3.0

SELECT = """
SELECT id, aggregate_id, topic, headers::text AS headers, body,
       extract(epoch FROM clock_timestamp() - created_at)::float8 AS age
FROM outbox WHERE aggregate_id <> ALL($1::uuid[]) ORDER BY id LIMIT $2
"""
DELETE = "DELETE FROM outbox WHERE id = ANY($1::bigint[])"


class HandOverError(Exception):
    """Some events weren't acknowledged; the producer that sent them may not be used again."""


class Relay:
    """Runs in every process of a service that has the role; one of them leads."""

    def __init__(self, *, database_url: str, name: str, producer: Producer, topic_prefix: str = "") -> None:
        self._url = database_url
        self._name = name
        self._producer = producer
        self._prefix = topic_prefix
        self._woken = asyncio.Event()
        self._stopping = False
        self._postponed: dict[UUID, float] = {}
        self.leads = False

    def wake(self) -> None:
        """Something was committed: look now."""
        self._woken.set()

    async def run(self) -> None:
        """Stand by, lead, and start over after any failure, until `stop`."""
        while not self._stopping:
            try:
                async with leadership.candidate(self._url, self._name, self.wake) as leader:
                    await self._stand_by(leader)
                    await self._lead(leader)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as lost:
                log.warning("relay lost its database connection", error=str(lost))
                await self._pause(1.0)
            finally:
                self._set_leader(leads=False)
        await self._producer.close()

    async def stop(self) -> None:
        """Relay what is left, for at most a few seconds, then end `run`."""
        self._stopping = True
        self.wake()

    async def _stand_by(self, leader: Leader) -> None:
        while not self._stopping and not await leadership.acquire(leader):
            await self._pause(leadership.HEARTBEAT)
        self._set_leader(leads=not self._stopping)

    async def _lead(self, leader: Leader) -> None:
        flushed_by: float | None = None
        while flushed_by is None or time.monotonic() < flushed_by:
            relayed = await self._relay(leader)
            if self._stopping:
                flushed_by = flushed_by or time.monotonic() + FLUSH
                if not relayed:
                    return
            elif not relayed:
                await self._pause(POLL)

    async def _relay(self, leader: Leader) -> int:
        """One batch; the number of events that the broker has acknowledged."""
        rows = await leader.connection.fetch(SELECT, self._waiting(), BATCH)
        metrics.OUTBOX_OLDEST_SECONDS.set(rows[0]["age"] if rows else 0)
        if not rows:
            return 0
        sent: list[tuple[Any, asyncio.Future[object]]] = []
        try:
            await self._hand_over(leader, rows, sent)
            await self._acknowledged(leader, sent)
        except (KafkaError, HandOverError, TimeoutError) as failure:
            await self._failed(leader, rows, sent, failure)
        crash_points.reached("after_send")
        return await self._mark(leader, sent)

    async def _hand_over(
        self, leader: Leader, rows: Sequence[Any], sent: list[tuple[Any, asyncio.Future[object]]]
    ) -> None:
        await self._while_alive(leader, self._producer.start())
        await self._while_alive(leader, self._send_all(rows, sent))

    async def _send_all(self, rows: Sequence[Any], sent: list[tuple[Any, asyncio.Future[object]]]) -> None:
        """One after another: concurrent sends may overtake each other."""
        for row in rows:
            headers = [(name, value.encode()) for name, value in orjson.loads(row["headers"]).items()]
            key = str(row["aggregate_id"]).encode()
            try:
                future = await self._producer.send(
                    self._prefix + row["topic"], key, row["body"].encode(), headers
                )
            except BaseException:
                self._postpone(row["aggregate_id"])
                raise
            sent.append((row, future))

    async def _acknowledged(self, leader: Leader, sent: Sequence[tuple[Any, asyncio.Future[object]]]) -> None:
        futures = [future for _, future in sent]
        if not futures:
            return
        await self._while_alive(leader, asyncio.wait(futures))
        failed = [future for future in futures if future.exception() is not None]
        if failed:
            raise HandOverError(str(failed[0].exception())) from failed[0].exception()

    async def _failed(
        self,
        leader: Leader,
        rows: Sequence[Any],
        sent: Sequence[tuple[Any, asyncio.Future[object]]],
        failure: BaseException,
    ) -> None:
        """Let the aggregates of failed events wait and get a new producer for the rest."""
        metrics.RELAY_FAILURES.labels(type(failure).__name__).inc()
        log.warning("hand-over failed", events=len(rows), error=f"{type(failure).__name__}: {failure}")
        await self._while_alive(leader, self._producer.discard())
        for row, future in sent:
            if not _is_acknowledged(future):
                self._postpone(row["aggregate_id"])
        await asyncio.sleep(leadership.HEARTBEAT)  # wake-ups don't hurry a broker that is away
        await leader.heartbeat()

    async def _mark(self, leader: Leader, sent: Sequence[tuple[Any, asyncio.Future[object]]]) -> int:
        done = [row for row, future in sent if _is_acknowledged(future)]
        crash_points.reached("before_mark")
        if done:
            await leader.connection.execute(DELETE, [row["id"] for row in done])
        for topic, count in Counter(row["topic"] for row in done).items():
            metrics.RELAYED.labels(topic).inc(count)
        return len(done)

    async def _while_alive(self, leader: Leader, work: Any) -> None:
        """Await it for the deadline, saying meanwhile that the leader lives."""
        task = asyncio.ensure_future(work)
        deadline = time.monotonic() + ACKNOWLEDGED_WITHIN
        try:
            while not task.done():
                await asyncio.wait([task], timeout=leadership.HEARTBEAT)
                if not task.done():
                    await leader.heartbeat()
                    if time.monotonic() > deadline:
                        raise TimeoutError("the broker didn't answer in time")
            task.result()
        finally:
            if not task.done():
                task.cancel()

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()

    def _postpone(self, aggregate_id: UUID) -> None:
        self._postponed[aggregate_id] = time.monotonic() + POSTPONED

    def _waiting(self) -> list[UUID]:
        now = time.monotonic()
        self._postponed = {key: until for key, until in self._postponed.items() if until > now}
        return list(self._postponed)

    def _set_leader(self, *, leads: bool) -> None:
        self.leads = leads
        metrics.RELAY_LEADER.set(leads)


def _is_acknowledged(future: asyncio.Future[object]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None
