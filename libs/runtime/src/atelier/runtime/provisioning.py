"""Making the topics that `contracts` declares; safe to repeat."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic

from atelier.contracts.topics import TOPICS, Topic

BROKERS_DEFAULT = -1
"""As many copies as the broker is set to make: one on the embedded one, three on a real cluster."""


async def create_topics(
    bootstrap_servers: str,
    prefix: str = "",
    topics: Sequence[Topic] = TOPICS,
    replication_factor: int = 1,
) -> None:
    """Create the topics that are missing and add the partitions that are; nothing is taken away.

    Raises `aiokafka.errors.KafkaError` where the broker can't be asked.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        missing = [
            _new(topic, prefix, replication_factor) for topic in topics if prefix + topic.name not in existing
        ]
        if missing:
            await admin.create_topics(missing)
        await _grow(admin, [topic for topic in topics if prefix + topic.name in existing], prefix)
    finally:
        await admin.close()


def _new(topic: Topic, prefix: str, replication_factor: int) -> NewTopic:
    return NewTopic(
        name=prefix + topic.name,
        num_partitions=topic.partitions,
        replication_factor=replication_factor,
        topic_configs={
            "cleanup.policy": "delete",
            "retention.ms": str(int(topic.retention.total_seconds() * 1000)),
        },
    )


async def _grow(admin: AIOKafkaAdminClient, topics: Sequence[Topic], prefix: str) -> None:
    if not topics:
        return
    described = await admin.describe_topics([prefix + topic.name for topic in topics])
    partitions = {one["topic"]: len(one["partitions"]) for one in described}
    growing = {
        prefix + topic.name: NewPartitions(topic.partitions)
        for topic in topics
        if partitions.get(prefix + topic.name, topic.partitions) < topic.partitions
    }
    if growing:
        await admin.create_partitions(growing)
