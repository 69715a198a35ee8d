"""From the outbox to the broker: smallest id first, deleted once the broker has it.

Never `id > cursor`: a transaction that took its ids early and commits late would be skipped.
An aggregate whose event can't be handed over waits, alone; so its events stay in order.
"""

from __future__ import annotations

import asyncio
import math
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
from atelier.runtime.messaging.held_back import HeldBack
from atelier.runtime.messaging.leadership import Leader
from atelier.runtime.messaging.producer import Producer

log = structlog.get_logger(__name__)

BATCH = 2_000
BATCH_BYTES = 16 * 1024 * 1024
POLL = 2.0
"""Seconds between looks at an outbox about which nobody said anything; also the heartbeat."""
ACKNOWLEDGED_WITHIN = 10.0
FLUSH = 3.0

SELECT = """
SELECT id, aggregate_id, topic, headers::text AS headers, body,
       (SELECT extract(epoch FROM clock_timestamp() - created_at)::float8
        FROM outbox ORDER BY id LIMIT 1) AS oldest
FROM (SELECT *, sum(octet_length(body)) OVER (ORDER BY id) - octet_length(body) AS bytes_before
      FROM outbox WHERE aggregate_id <> ALL($1::uuid[]) ORDER BY id LIMIT $2) AS next
WHERE bytes_before < $3 ORDER BY id
"""
LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, TimeoutError)
"""The database or this process's connection to it is away. asyncpg says `InternalClientError` where the
server ended the session and that hasn't been read to its end."""
DELETE = "DELETE FROM outbox WHERE id = ANY($1::bigint[])"


Sent = list[tuple[Any, asyncio.Future[object]]]
"""Rows of the outbox, and what the broker says to each."""


class HandOverError(Exception):
    """The broker refused some events; the producer that sent them may not be used again."""


class Relay:
    """Runs in every process of a service that has the role; one of them leads."""

    def __init__(
        self,
        *,
        database_url: str,
        name: str,
        producer: Producer,
        topic_prefix: str = "",
        acknowledged_within: float = ACKNOWLEDGED_WITHIN,
    ) -> None:
        self._url = database_url
        self._name = name
        self._producer = producer
        self._prefix = topic_prefix
        self._acknowledged_within = acknowledged_within
        self._woken = asyncio.Event()
        self._stopping = False
        self._held_back = HeldBack()
        self.leads = False
        self.stands_by = False
        """Whether another process leads, as far as this one can see."""
        self.trouble: str | None = None
        """Why events wait though this process leads."""

    def wake(self) -> None:
        """Something was committed: look now."""
        self._woken.set()

    async def run(self) -> None:
        """Stand by, lead, and start over after any failure, until `stop`."""
        while not self._stopping:
            try:
                async with leadership.candidate(self._url, self._name, self.wake) as leader:
                    if await self._stand_by(leader):
                        await self._lead(leader)
            except LOST as lost:
                log.warning("relay lost its database connection", error=str(lost))
                await self._pause(1.0)
            finally:
                self._set_leader(leads=False)
        await self._producer.close()

    async def stop(self) -> None:
        """Relay what is left, for at most a few seconds, then end `run`."""
        self._stopping = True
        self.wake()

    async def _stand_by(self, leader: Leader) -> bool:
        """True as soon as this process leads, False where it stops before."""
        while not await leadership.acquire(leader):
            if self._stopping:
                return False
            self.stands_by = True
            await self._pause(leadership.HEARTBEAT)
        self._set_leader(leads=True)
        return True

    async def _lead(self, leader: Leader) -> None:
        flushed_by: float | None = None
        while flushed_by is None or time.monotonic() < flushed_by:
            busy = await self._relay(leader)
            if self._stopping:
                flushed_by = flushed_by or time.monotonic() + FLUSH
                if not busy:
                    return
            elif not busy:
                await self._pause(POLL)

    async def _relay(self, leader: Leader) -> bool:
        """One batch, with more or less success; False where there was nothing to hand over."""
        rows = await self._next(leader)
        if not rows:
            return False
        sent: Sent = []
        reached = await self._tried(leader, rows, sent)
        crash_points.reached("after_send")
        await self._mark(leader, sent)
        if not reached:
            await asyncio.sleep(leadership.HEARTBEAT)  # wake-ups don't hurry a broker that is away
        return True

    async def _next(self, leader: Leader) -> Sequence[Any]:
        waiting = self._held_back.waiting()
        rows: Sequence[Any] = await leader.connection.fetch(SELECT, waiting, BATCH, BATCH_BYTES)
        if rows or not waiting:
            metrics.OUTBOX_OLDEST_SECONDS.set(rows[0]["oldest"] if rows else 0)
        return rows

    async def _tried(self, leader: Leader, rows: Sequence[Any], sent: Sent) -> bool:
        """Hand a batch over; False where the broker didn't answer."""
        try:
            await self._while_alive(leader, self._hand_over(rows, sent), self._acknowledged_within)
        except HandOverError as refusal:
            await self._failed(leader, refusal)
            self._held_back.refuse(_unacknowledged(sent))
        except (KafkaError, TimeoutError) as failure:
            await self._failed(leader, failure)
            self._held_back.postpone(_unacknowledged(sent))
            return False
        else:
            self._held_back.take(row["aggregate_id"] for row, _ in sent)
            self.trouble = self.trouble if self._held_back.waiting() else None
        return True

    async def _hand_over(self, rows: Sequence[Any], sent: Sent) -> None:
        """Send and see acknowledged what isn't held back; `sent` grows, whatever becomes of it."""
        await self._producer.start()
        await self._hold_back_without_topic(rows)
        free = [row for row in rows if row["aggregate_id"] not in self._held_back]
        for row in free:
            if not self._held_back.goes_alone(row["aggregate_id"]):
                await self._send(row, sent)
        await _acknowledged(sent)
        for row in free:
            if self._held_back.goes_alone(row["aggregate_id"]):
                await self._send(row, sent)
                await _acknowledged(sent[-1:])

    async def _hold_back_without_topic(self, rows: Sequence[Any]) -> None:
        missing = await self._producer.missing({self._prefix + row["topic"] for row in rows})
        for topic in missing:
            self._troubled("UnknownTopic", f"topic {topic} doesn't exist")
        self._held_back.postpone(
            row["aggregate_id"] for row in rows if self._prefix + row["topic"] in missing
        )

    async def _send(self, row: Any, sent: Sent) -> None:
        """To be awaited before the next: concurrent sends may overtake each other."""
        headers = [(name, value.encode()) for name, value in orjson.loads(row["headers"]).items()]
        key = str(row["aggregate_id"]).encode()
        try:
            future = await self._producer.send(
                self._prefix + row["topic"], key, row["body"].encode(), headers
            )
        except BaseException:
            self._held_back.postpone([row["aggregate_id"]])
            raise
        sent.append((row, future))

    async def _failed(self, leader: Leader, failure: BaseException) -> None:
        """Get a new producer; what the old one still had is acknowledged now or never."""
        self._troubled(type(failure).__name__, f"the broker doesn't take events: {failure}")
        await self._while_alive(leader, self._producer.discard())

    async def _mark(self, leader: Leader, sent: Sent) -> None:
        done = [row for row, future in sent if _is_acknowledged(future)]
        crash_points.reached("before_mark")
        if done:
            await leader.connection.execute(DELETE, [row["id"] for row in done])
        for topic, count in Counter(row["topic"] for row in done).items():
            metrics.RELAYED.labels(topic).inc(count)

    async def _while_alive(self, leader: Leader, work: Any, within: float = math.inf) -> None:
        """Await it for so many seconds at most, saying meanwhile that the leader lives."""
        task = asyncio.ensure_future(work)
        deadline = time.monotonic() + within
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

    def _troubled(self, reason: str, trouble: str) -> None:
        metrics.RELAY_FAILURES.labels(reason).inc()
        log.warning("events wait", reason=reason, trouble=trouble)
        self.trouble = trouble

    def _set_leader(self, *, leads: bool) -> None:
        self.leads = leads
        self.stands_by = False
        metrics.RELAY_LEADER.set(leads)


async def _acknowledged(sent: Sent) -> None:
    futures = [future for _, future in sent]
    if futures:
        await asyncio.wait(futures)
    for future in futures:
        if (refusal := future.exception()) is not None:
            raise HandOverError(str(refusal)) from refusal


def _is_acknowledged(future: asyncio.Future[object]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _unacknowledged(sent: Sent) -> set[UUID]:
    return {row["aggregate_id"] for row, future in sent if not _is_acknowledged(future)}
