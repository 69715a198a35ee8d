"""From outbox to broker. Baseline: the same records from memory by a raw idempotent aiokafka producer.

The textbook relay sends, waits and marks one event after another. Each contender's topic is read
back: every event is there, in order of versions for each aggregate.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from uuid import UUID, uuid4

import asyncpg
import orjson
from aiokafka import AIOKafkaProducer

from atelier.runtime.messaging.producer import Producer
from atelier.runtime.messaging.relay import Relay
from benchmarks.harness import Contender, Row, Sample, compare
from benchmarks.house import TOPIC, House, house

EVENTS = 20_000
EVENTS_ONE_BY_ONE = 400
AGGREGATES = 64
BODY = orjson.dumps({"state": {"name": "x" * 300}}).decode()
HEADERS = {"ce_id": str(UUID(int=1)), "ce_type": "ResolutionPresetUpdated", "ce_specversion": "1.0"}
FILL = """
INSERT INTO outbox (aggregate_id, version, topic, headers, body)
SELECT lpad(to_hex(n % $2), 32, '0')::uuid, n, $3, $4::jsonb, $5 FROM generate_series(1, $1) AS n
"""


async def run() -> list[Row]:
    """Events per second."""
    async with house() as built:
        raw = Contender("raw aiokafka producer", partial(_raw, built))
        ours = Contender("relay", partial(_relay, built), bar=0.75)
        textbook = Contender("one by one", partial(_one_by_one, built))
        return await compare("relay", raw, [ours, textbook])


async def _fill(built: House, events: int) -> None:
    connection = await asyncpg.connect(built.database_url)
    await connection.execute("TRUNCATE outbox")
    await connection.execute(FILL, events, AGGREGATES, TOPIC, orjson.dumps(HEADERS).decode(), BODY)
    await connection.execute("ANALYZE outbox")
    await connection.close()


async def _relay(built: House) -> Sample:
    await _fill(built, EVENTS)
    relay = Relay(database_url=built.database_url, name="bench", producer=Producer(built.kafka, "bench"))
    cpu = time.process_time()
    running = asyncio.create_task(relay.run())
    connection = await asyncpg.connect(built.database_url)
    while not relay.leads:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    started = time.perf_counter()
    while await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    seconds = time.perf_counter() - started
    await connection.close()
    await relay.stop()
    await running
    return Sample(EVENTS / seconds, EVENTS, time.process_time() - cpu)


async def _raw(built: House) -> Sample:
    producer = await _producer(built)
    headers = [(name, value.encode()) for name, value in HEADERS.items()]
    body = BODY.encode()
    keys = [str(UUID(int=n)).encode() for n in range(AGGREGATES)]
    started, cpu = time.perf_counter(), time.process_time()
    sent = [
        await producer.send(TOPIC, body, key=keys[n % AGGREGATES], headers=headers) for n in range(EVENTS)
    ]
    await asyncio.gather(*sent)
    seconds = time.perf_counter() - started
    used = time.process_time() - cpu
    await producer.stop()
    return Sample(EVENTS / seconds, EVENTS, used)


async def _one_by_one(built: House) -> Sample:
    await _fill(built, EVENTS_ONE_BY_ONE)
    producer = await _producer(built)
    connection = await asyncpg.connect(built.database_url)
    started, cpu = time.perf_counter(), time.process_time()
    while rows := await connection.fetch("SELECT * FROM outbox ORDER BY id LIMIT 100"):
        for row in rows:
            headers = [(name, value.encode()) for name, value in orjson.loads(row["headers"]).items()]
            key = str(row["aggregate_id"]).encode()
            await producer.send_and_wait(row["topic"], row["body"].encode(), key=key, headers=headers)
            await connection.execute("DELETE FROM outbox WHERE id = $1", row["id"])
    seconds = time.perf_counter() - started
    used = time.process_time() - cpu
    await connection.close()
    await producer.stop()
    return Sample(EVENTS_ONE_BY_ONE / seconds, EVENTS_ONE_BY_ONE, used)


async def _producer(built: House) -> AIOKafkaProducer:
    producer = AIOKafkaProducer(
        bootstrap_servers=built.kafka, client_id=str(uuid4()), acks="all", enable_idempotence=True
    )
    await producer.start()
    return producer
