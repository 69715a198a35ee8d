"""Topics as they are: every record of every partition, from the first to the last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from atelier.contracts.envelope import Envelope
from atelier.contracts.model import Event
from atelier.contracts.topics import TOPICS, Topic, Topics

KNOWN = Topics(TOPICS)


@dataclass(frozen=True)
class Told:
    """One record of a topic."""

    partition: int
    offset: int
    key: bytes
    body: bytes
    envelope: Envelope
    event: Event[Any]

    @property
    def version(self) -> int:
        """The aggregate's version after it."""
        return self.envelope.aggregate_version


async def read_topics(bootstrap_servers: str, topics: Iterable[Topic]) -> dict[Topic, list[Told]]:
    """All that these topics hold now, each partition in its order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False)
    await consumer.start()
    try:
        return {topic: await _read(consumer, topic) for topic in topics}
    finally:
        await consumer.stop()


async def read_history(bootstrap_servers: str, topic: Topic, aggregate: str) -> list[Told]:
    """What a topic tells of one aggregate, in order, repetitions too."""
    told = (await read_topics(bootstrap_servers, [topic]))[topic]
    return [one for one in told if one.envelope.subject == UUID(aggregate)]


async def lag(bootstrap_servers: str, groups: Mapping[str, Iterable[str]]) -> int:
    """How many records these groups haven't committed yet in the topics that they read."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers)
    await admin.start()
    await consumer.start()
    try:
        behind = 0
        for group, topics in groups.items():
            committed = await admin.list_consumer_group_offsets(group)
            for partition, end in (await consumer.end_offsets(_partitions(topics))).items():
                behind += end - (committed[partition].offset if partition in committed else 0)
        return behind
    finally:
        await consumer.stop()
        await admin.close()


def _partitions(topics: Iterable[str]) -> list[TopicPartition]:
    by_name = {topic.name: topic for topic in TOPICS}
    return [TopicPartition(name, number) for name in topics for number in range(by_name[name].partitions)]


async def _read(consumer: AIOKafkaConsumer, topic: Topic) -> list[Told]:
    partitions = _partitions([topic.name])
    consumer.assign(partitions)
    await consumer.seek_to_beginning(*partitions)
    ends = await consumer.end_offsets(partitions)
    read: dict[TopicPartition, list[ConsumerRecord]] = defaultdict(list)
    while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
        for partition, records in (await consumer.getmany(timeout_ms=500)).items():
            read[partition] += records
    return [_told(record) for partition in partitions for record in read[partition]]


def _told(record: ConsumerRecord) -> Told:
    envelope = Envelope.from_headers(record.headers)
    event = KNOWN.event(envelope.type)
    assert event is not None, f"{record.topic} holds {envelope.type}, which no topic declares"
    return Told(record.partition, record.offset, record.key, record.value, envelope, event.read(record.value))
