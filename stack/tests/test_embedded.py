"""The testing API over the real parts: they keep what they acknowledged through kill -9."""

import asyncio

import asyncpg
import boto3
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from atelier.stack.errors import StackError
from atelier.stack.testing import EmbeddedStack


@pytest.fixture(scope="module")
def stack():
    with EmbeddedStack() as stack:
        yield stack


async def test_postgres_keeps_its_rows_through_kill_9(stack):
    url = stack.endpoints.postgres_admin_url
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
    connection.terminate()
    await asyncio.to_thread(stack.postgres.kill)
    await asyncio.to_thread(stack.postgres.start)
    connection = await asyncpg.connect(url)
    try:
        assert await connection.fetchval("SELECT value FROM kept") == 42
        assert await connection.fetchval("SHOW fsync") == "on"
    finally:
        await connection.close()


async def test_kafka_keeps_its_messages_through_kill_9(stack):
    servers = stack.endpoints.kafka_bootstrap_servers
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.create_topics([NewTopic("kept", 1, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True)
    await producer.start()
    await producer.send_and_wait("kept", b"value")
    await producer.stop()
    await asyncio.to_thread(stack.kafka.kill)
    await asyncio.to_thread(stack.kafka.start)
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest")
    await consumer.start()
    consumer.assign([TopicPartition("kept", 0)])
    try:
        async with asyncio.timeout(20):
            assert (await consumer.getone()).value == b"value"
    finally:
        await consumer.stop()


def test_s3_keeps_its_objects_through_kill_9(stack):
    at = stack.endpoints
    client = boto3.client(
        "s3",
        endpoint_url=at.s3_endpoint_url,
        aws_access_key_id=at.s3_access_key,
        aws_secret_access_key=at.s3_secret_key,
        region_name="us-east-1",
    )
    client.put_object(Bucket=at.s3_bucket, Key="kept", Body=b"value")
    stack.s3.kill()
    stack.s3.start()
    body = client.get_object(Bucket=at.s3_bucket, Key="kept")["Body"]
    assert body.read() == b"value"
    body.close()
    client.close()


def test_a_paused_part_answers_nothing_until_it_is_resumed(stack):
    stack.postgres.pause()
    with pytest.raises(StackError, match="postgres isn't ready in time"):
        stack.postgres.wait_ready(within=0.1)
    stack.postgres.resume()
    stack.postgres.wait_ready()


def test_the_process_id_is_the_servers_own(stack):
    names = {}
    for part in (stack.postgres, stack.kafka, stack.s3):
        with open(f"/proc/{part.pid}/comm") as file:
            names[part.pid] = file.read().strip()
    assert sorted(names.values()) == ["java", "postgres", "weed"]
