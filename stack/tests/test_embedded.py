"""The testing API over the real parts: they keep what they acknowledged through kill -9."""

import asyncio
import http.client

import asyncpg
import boto3
import httpx
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


@pytest.fixture(scope="module")
def s3(stack):
    at = stack.endpoints
    client = boto3.client(
        "s3",
        endpoint_url=at.s3_endpoint_url,
        aws_access_key_id=at.s3_access_key,
        aws_secret_access_key=at.s3_secret_key,
        region_name="us-east-1",
    )
    yield client
    client.close()


@pytest.fixture
def anybody(stack):
    at = stack.endpoints
    with httpx.Client(base_url=f"{at.s3_endpoint_url}/{at.s3_bucket}/") as client:
        yield client


def test_s3_keeps_its_objects_through_kill_9(stack, s3):
    bucket = stack.endpoints.s3_bucket
    s3.put_object(Bucket=bucket, Key="kept", Body=b"value")
    stack.s3.kill()
    stack.s3.start()
    body = s3.get_object(Bucket=bucket, Key="kept")["Body"]
    assert body.read() == b"value"
    body.close()


@pytest.mark.parametrize("key", ["media/1/file.webp", "temp/1_2_knit.webp"])
def test_anybody_may_fetch_a_public_file_and_do_nothing_else_with_it(stack, s3, anybody, key):
    s3.put_object(Bucket=stack.endpoints.s3_bucket, Key=key, Body=b"picture", ContentType="image/webp")
    fetched = anybody.get(key, headers={"Range": "bytes=0-2"})
    assert (fetched.status_code, fetched.content) == (206, b"pic")
    assert fetched.headers["Content-Type"] == "image/webp"
    assert anybody.head(key).status_code == 200
    assert anybody.put(key, content=b"other").status_code == 403
    assert anybody.delete(key).status_code == 403
    assert anybody.get(key, params={"tagging": ""}).status_code == 403
    assert anybody.get(key).content == b"picture"


@pytest.mark.parametrize("key", ["exports/1/all.zip", "temp/1_2_knit.zip", "mediated", "kept"])
def test_nobody_may_fetch_anything_else_without_a_signature(stack, s3, anybody, key):
    s3.put_object(Bucket=stack.endpoints.s3_bucket, Key=key, Body=b"secret")
    assert anybody.get(key).status_code == 403
    assert anybody.head(key).status_code == 403


@pytest.mark.parametrize("path", ["", "?list-type=2", "?list-type=2&prefix=media/", "?versions", "?uploads"])
def test_nobody_may_list_what_there_is(anybody, path):
    assert anybody.get(path).status_code == 403


@pytest.mark.parametrize("path", ["media/", "media/1/"])
def test_a_folder_of_public_files_shows_nothing(anybody, path):
    assert anybody.get(path).content == b""


@pytest.mark.parametrize("path", ["media/../exports/1/all.zip", "media/%2e%2e/exports/1/all.zip"])
def test_no_way_leads_out_of_the_public_files(stack, path):
    address, bucket = stack.endpoints.s3_endpoint_url.removeprefix("http://"), stack.endpoints.s3_bucket
    connection = http.client.HTTPConnection(address)
    connection.request("GET", f"/{bucket}/{path}")
    assert connection.getresponse().status == 400
    connection.close()


def test_a_browser_may_put_what_it_has_a_signature_for(stack, s3, anybody):
    key = {"Bucket": stack.endpoints.s3_bucket, "Key": "temp/1_2_from_a_browser.png"}
    url = s3.generate_presigned_url("put_object", Params=key | {"ContentType": "image/png"})
    browser = {"Origin": "https://studio.example", "Access-Control-Request-Method": "PUT"}
    asked = anybody.options(url, headers=browser | {"Access-Control-Request-Headers": "content-type"})
    assert asked.headers["Access-Control-Allow-Origin"] == "https://studio.example"
    assert "PUT" in asked.headers["Access-Control-Allow-Methods"]
    put = {"Origin": "https://studio.example", "Content-Type": "image/png"}
    answer = anybody.put(url, content=b"picture", headers=put)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://studio.example"


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
