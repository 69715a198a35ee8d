"""An idempotent Kafka producer that is thrown away after any failure.

After a timeout or an error the producer's sequence may have a gap that it never repairs, and
flushing it may hang: a new one starts clean, and repeats are what consumers expect anyway.
"""

from __future__ import annotations

import asyncio
import contextlib

from aiokafka import AIOKafkaProducer

REQUEST_TIMEOUT_MS = 30_000
"""Longer than the relay's own deadline: the producer never gives a batch up by itself, which
could let a later event of an aggregate overtake an earlier one."""
CLOSE_DEADLINE = 2.0


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

    async def send(
        self, topic: str, key: bytes, value: bytes, headers: list[tuple[str, bytes]]
    ) -> asyncio.Future[object]:
        """Hand a record over; the future is done when the broker has it."""
        assert self._producer is not None, "start() comes first"
        future: asyncio.Future[object] = await self._producer.send(topic, value, key=key, headers=headers)
        future.add_done_callback(_retrieve)
        return future

    async def discard(self) -> None:
        """Throw the connection away, whatever it still holds; the next `start` makes a new one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _close(producer)

    async def close(self) -> None:
        """Flush and close, bounded."""
        await self.discard()


def _retrieve(future: asyncio.Future[object]) -> None:
    """A failure that nobody waits for any more isn't worth a warning."""
    if not future.cancelled():
        future.exception()


async def _close(producer: AIOKafkaProducer) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(CLOSE_DEADLINE):
            await producer.stop()
            return
    # stop() hung in its flush: end the sender and the sockets beneath it
    with contextlib.suppress(Exception):
        async with asyncio.timeout(CLOSE_DEADLINE):
            await producer._sender.close()
            await producer.client.close()
