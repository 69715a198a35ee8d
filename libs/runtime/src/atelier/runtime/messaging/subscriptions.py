"""FastStream, set up so that nothing is committed that wasn't handled.

Its default ack policy is at most once; its parser drops a whole batch over one odd header; its
batch loop sleeps blindly after an empty poll. Each is answered here, each by a test.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.message import StreamMessage

from atelier.runtime import crash_points, metrics
from atelier.runtime.messaging import unreadable
from atelier.runtime.messaging.records import Record

log = structlog.get_logger(__name__)

MAX_RECORDS = 1_000
LONG_POLL_MS = 1_000
HEARTBEAT_MS = 1_000
"""Also how long a member may take to learn of a rebalance, and with it everybody else to go on."""
LEAVE_WITHIN = 2.0
REVOKE_DEADLINE = 20.0
REBALANCE_TIMEOUT_MS = 30_000
"""Longer than the deadline above, or the broker drops the member while it still finishes its batch."""
RETRY_START = 2.0
RETRY_READ = 1.0
SILENT_FOR = 10.0
"""Seconds without an answer of the broker, which is asked every second, until it counts as away."""
Batch = tuple[ConsumerRecord[Any, Any], ...]


class Group(Protocol):
    """A consumer group: its name, its topics, and what it does with a batch."""

    name: str
    topics: tuple[str, ...]

    async def handle(self, records: Sequence[Record]) -> None: ...


class FinishBeforeRevoke(ConsumerRebalanceListener):  # type: ignore[misc]
    """Kafka's rebalance doesn't wait for handlers; this does, for a while."""

    def __init__(self) -> None:
        self.idle = asyncio.Event()
        """Set while no batch is in hand: what was handed over is committed, or goes back."""
        self.idle.set()

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Let the batch in hand finish and commit before its partitions go to somebody else."""
        if revoked:
            try:
                async with asyncio.timeout(REVOKE_DEADLINE):
                    await self.idle.wait()
            except TimeoutError:
                log.warning("a batch outlasted the rebalance; its late writes are fenced")

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Nothing to prepare."""


class PatientConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka isn't typed
    """A consumer that waits in Kafka's long poll until there is something."""

    def __init__(self, *topics: str, **settings: Any) -> None:
        super().__init__(*topics, **settings)
        self._finish = FinishBeforeRevoke()
        self._ask = self._client.send
        self._client.send = self._asked
        self.heard_at = time.monotonic()
        """When the broker last answered anything; heartbeats alone are answered every second."""

    async def _asked(self, *request: Any, **how: Any) -> Any:
        answer = await self._ask(*request, **how)
        self.heard_at = time.monotonic()
        return answer

    def subscribe(self, topics: Sequence[str] = (), **_: object) -> None:
        """Subscribe, with a listener that knows when this consumer's batch is done with."""
        super().subscribe(topics, listener=self._finish)

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[ConsumerRecord[Any, Any]]]:
        """Records, never none: FastStream would sleep after an empty answer.

        Whoever asks for the next batch has committed the one before, or let it go back.
        """
        self._finish.idle.set()
        while True:
            before = self._positions()
            try:
                records: dict[TopicPartition, list[ConsumerRecord[Any, Any]]] = await super().getmany(
                    *partitions, timeout_ms=LONG_POLL_MS, max_records=max_records
                )
            except KafkaError:
                self._go_back(before)
                raise
            except Exception as failure:
                self._go_back(before)
                log.error("records can't be read", exc_info=failure)
                await asyncio.sleep(RETRY_READ)
                continue
            if records:
                self._finish.idle.clear()
                return records

    def _positions(self) -> dict[TopicPartition, int]:
        """Where each partition that is assigned and being read is read from next."""
        subscription = self._subscription.subscription
        assignment = subscription.assignment if subscription is not None else None
        if assignment is None or not assignment.active:
            return {}
        states = {partition: assignment.state_value(partition) for partition in assignment.tps}
        return {partition: state.position for partition, state in states.items() if state.has_valid_position}

    def lag(self) -> int:
        """Records behind the end of the partitions it has, as far as the broker told."""
        positions = self._positions()
        ends = {partition: self.highwater(partition) for partition in positions}
        return sum(max(0, (ends[partition] or at) - at) for partition, at in positions.items())

    @property
    def group(self) -> str:
        """Its consumer group, with the prefix of the broker's other users."""
        return str(self._group_id)

    def _go_back(self, before: dict[TopicPartition, int]) -> None:
        """What was read beside a failure wasn't handed on: it is read again."""
        for partition, position in self._positions().items():
            if before.get(partition, position) != position:
                self.seek(partition, before[partition])

    async def hang_up(self) -> None:
        """End without the broker, where `stop` hangs on its answers."""
        if self._fetcher is not None:
            await self._fetcher.close()
        await self._client.close()


class Subscriptions:
    """The groups of one service on one broker connection."""

    def __init__(
        self,
        *,
        bootstrap_servers: str,
        client_id: str,
        groups: Sequence[Group],
        topic_prefix: str = "",
        group_prefix: str = "",
        stop_deadline: float = 8.0,
    ) -> None:
        self._groups = groups
        self._stop_deadline = stop_deadline
        self._topic_prefix = topic_prefix
        self._group_prefix = group_prefix
        self.joined = False
        unreadable.install()
        self._broker = KafkaBroker(
            bootstrap_servers,
            client_id=client_id,
            consumer_only=True,
            allow_auto_create_topics=False,
            apply_types=False,
            parser=_parse_anything,
            decoder=_keep_raw,
            logger=logging.getLogger(__name__),
            log_level=logging.DEBUG,
            graceful_timeout=stop_deadline,
        )
        for group in groups:
            self._subscribe(group)

    def _subscribe(self, group: Group) -> None:
        subscriber = self._broker.subscriber(
            *(self._topic_prefix + topic for topic in group.topics),
            group_id=self._group_prefix + group.name,
            batch=True,
            max_records=MAX_RECORDS,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            auto_offset_reset="earliest",
            session_timeout_ms=10_000,
            heartbeat_interval_ms=HEARTBEAT_MS,
            rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
            max_poll_interval_ms=300_000,
        )
        subscriber(_handler(group))

    async def run(self) -> None:
        """Join the groups, trying again while the broker is away; returns once all are joined."""
        while not self.joined:
            try:
                await self._broker.connect()
                self._wait_in_long_polls()
                await self._broker.start()
                self.joined = True
            except (KafkaError, OSError) as away:
                log.warning("the broker is away", error=str(away))
                await self._broker.stop()
                await asyncio.sleep(RETRY_START)

    @property
    def hears(self) -> bool:
        """Whether the broker answers every group."""
        return all(time.monotonic() - consumer.heard_at < SILENT_FOR for consumer in self._consumers())

    def lag(self) -> dict[str, int]:
        """Records behind, by group, of the partitions that this process reads."""
        return {
            consumer.group.removeprefix(self._group_prefix): consumer.lag() for consumer in self._consumers()
        }

    async def stop(self) -> None:
        """Finish the batches in hand, commit them and leave the groups, bounded.

        A broker that doesn't answer isn't waited for: it will miss the members by itself.
        """
        try:
            async with asyncio.timeout(self._stop_deadline + LEAVE_WITHIN):
                await self._broker.stop()
        except TimeoutError:
            log.warning("the broker didn't let the consumers go in time")
            await self._hang_up()

    async def _hang_up(self) -> None:
        """Close what a consumer that can't leave its group keeps open."""
        for consumer in self._consumers():
            await consumer.hang_up()

    def _consumers(self) -> list[PatientConsumer]:
        consumers = (getattr(subscriber, "consumer", None) for subscriber in self._broker.subscribers)
        return [consumer for consumer in consumers if isinstance(consumer, PatientConsumer)]

    def _wait_in_long_polls(self) -> None:
        """Have FastStream build our consumer, with the connection settings it chose."""
        config = self._broker.config.broker_config
        if isinstance(config.builder, partial):
            config.builder = partial(PatientConsumer, *config.builder.args, **config.builder.keywords)


def _handler(group: Group) -> Callable[[Batch], Awaitable[None]]:
    async def handle(records: Batch) -> None:
        try:
            with metrics.BATCH_SECONDS.labels(group.name).time():
                await group.handle(records)
            crash_points.reached("before_offset")
        except Exception as failure:
            log.error("batch goes back", consumer=group.name, records=len(records), exc_info=failure)
            await asyncio.sleep(1)  # NACK seeks back with no back-off of its own
            raise

    return handle


async def _parse_anything(
    batch: Batch, original: Callable[[Batch], Awaitable[StreamMessage[Batch]]]
) -> StreamMessage[Batch]:
    """FastStream's parser, kept away from headers it can't read; the true records go on."""
    message = await original((dataclasses.replace(batch[0], headers=()),))
    message.raw_message = batch
    return message


async def _keep_raw(message: StreamMessage[Batch], original: object) -> Batch:
    """Handlers get the records as Kafka gave them."""
    return message.raw_message
