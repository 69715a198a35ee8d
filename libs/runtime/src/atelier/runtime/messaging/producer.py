"""An idempotent Kafka producer that is thrown away after any failure.

After a timeout or an error the producer's sequence may have a gap that it never repairs, and
flushing it may hang: a new one starts clean, and repeats are what consumers expect anyway.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

REQUEST_TIMEOUT_MS = 30_000
"""Longer than the relay's own deadline: the producer never gives a batch up by itself, which
could let a later event of an aggregate overtake an earlier one."""
CLOSE_DEADLINE = 2.0
LOOK_UPS = 2
"""The first may be one that was under way before the topic was asked for."""


class Producer:
    """Sends records in the order of the calls; `send` must be awaited before the next one."""

    def __init__(self, bootstrap_servers: str, client_id: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect, unless connected; raises `KafkaError` where the broker is away."""
        if self._producer is not None:
            return
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap_servers,
            client_id=self._client_id,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=256 * 1024,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
        )
        try:
            await producer.start()
        except BaseException:
            await _close(producer)
            raise
        self._producer = producer

    async def missing(self, topics: Collection[str]) -> set[str]:
        """Those topics that the broker doesn't have; it is asked about ones that weren't there before.

        A `send` to one of them would wait for it, and everything behind it too.
        """
        assert self._producer is not None, "start() comes first"
        client = self._producer.client
        look_ups = 0
        while missing := {topic for topic in topics if client.cluster.partitions_for_topic(topic) is None}:
            if look_ups == LOOK_UPS:
                break
            look_ups += 1
            for topic in missing:
                client.add_topic(topic)
            if not await client.force_metadata_update():
                raise KafkaConnectionError("no broker answers")
        return missing

    async def send(
        self, topic: str, key: bytes, value: bytes, headers: list[tuple[str, bytes]]
    ) -> asyncio.Future[object]:
        """Hand a record over; the future is done when the broker has it."""
        assert self._producer is not None, "start() comes first"
        producer = self._producer
        future: asyncio.Future[object] = await producer.send(topic, value, key=key, headers=headers)
        future.add_done_callback(lambda done: _end_with(producer, done))
        return future

    async def discard(self) -> None:
        """Throw the connection away, whatever it still holds; the next `start` makes a new one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _close(producer)

    async def close(self) -> None:
        """Flush and close, bounded."""
        await self.discard()


def _end_with(producer: AIOKafkaProducer, done: asyncio.Future[object]) -> None:
    """Nothing may follow a failed record: it could be a later event of the same aggregate.

    The sequence is no guard: a broker that hasn't seen the producer yet takes one with a gap.
    """
    failure = None if done.cancelled() else done.exception()
    sending = producer._sender.sender_task
    if failure is not None and not sending.cancelling():
        sending.cancel()
        producer._message_accumulator.fail_all(failure)


async def _close(producer: AIOKafkaProducer) -> None:
    """Flush and close; where the flush hangs, end the sender and the sockets beneath it all the same."""
    for end in (producer.stop, producer._sender.close, producer.client.close):
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_DEADLINE):
                await end()
