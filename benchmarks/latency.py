"""From commit to consumed, through outbox, relay, Kafka and FastStream.

Baseline: the floor, produce to getmany without a database. Milliseconds, median and 99th percentile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from atelier.catalog.resolution_presets import use_cases
from atelier.catalog.resolution_presets.schemas import ResolutionPresetCreate
from atelier.runtime.auth import Principal
from atelier.runtime.messaging.records import Record
from atelier.runtime.messaging.subscriptions import Subscriptions
from atelier.runtime.request_context import Cause
from benchmarks.harness import Contender, Row, Sample, compare
from benchmarks.house import TOPIC, House, house, until

EVENTS = 60
PAUSE = 0.02
BODY = ResolutionPresetCreate(name="Shop 4:5", width=1600, height=2000)


class Arrivals:
    """A consumer group that only notes when something came."""

    name = "benchmark"
    topics = (TOPIC,)

    def __init__(self) -> None:
        self.at = 0.0
        self.came = asyncio.Event()

    async def handle(self, records: Sequence[Record]) -> None:
        """Note the time."""
        self.at = time.perf_counter()
        self.came.set()


async def run() -> list[Row]:
    """The median and the 99th percentile, each beside the floor's own."""
    async with house() as built:
        return await _measured(built)


async def _measured(built: House) -> list[Row]:
    arrivals = Arrivals()
    subscriptions = Subscriptions(bootstrap_servers=built.kafka, client_id="bench", groups=[arrivals])
    consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=built.kafka, auto_offset_reset="latest")
    producer = AIOKafkaProducer(bootstrap_servers=built.kafka, acks="all", enable_idempotence=True)
    relay = built.service.relay
    assert relay is not None, "this process relays"
    running = asyncio.create_task(relay.run())
    await asyncio.gather(subscriptions.run(), consumer.start(), producer.start())
    floor, ours = partial(_floor, producer, consumer), partial(_ours, built, arrivals)
    rows: list[Row] = []
    for name, quantile, bar in (("median", 0.5, 2.0), ("99th percentile", 0.99, None)):
        rows += await compare(
            f"commit to consumed, {name}",
            Contender("floor: produce to getmany", partial(_sampled, floor, quantile)),
            [Contender("outbox to handler", partial(_sampled, ours, quantile), bar=bar, at_most=True)],
            unit="ms",
        )
    await subscriptions.stop()
    await asyncio.gather(consumer.stop(), producer.stop(), relay.stop())
    await running
    return rows


async def _sampled(once: Callable[[], Awaitable[float]], quantile: float) -> Sample:
    seconds = []
    for _ in range(EVENTS):
        seconds.append(await once())
        await asyncio.sleep(PAUSE)
    return Sample(sorted(seconds)[min(EVENTS - 1, int(EVENTS * quantile))] * 1000)


async def _floor(producer: AIOKafkaProducer, consumer: AIOKafkaConsumer) -> float:
    await consumer.getmany()  # what the other contender sent
    waiting = asyncio.create_task(consumer.getone())
    await asyncio.sleep(0)
    started = time.perf_counter()
    await producer.send(TOPIC, b"{}", key=b"floor")
    await waiting
    return time.perf_counter() - started


async def _ours(built: House, arrivals: Arrivals) -> float:
    arrivals.came.clear()
    principal = Principal(user_id=built.user)
    async with built.service.units.begin(Cause("benchmark")) as uow:
        await use_cases.create(uow, built.service.references, principal, None, BODY)
        await uow.commit()
    committed = time.perf_counter()
    await until(arrivals.came, 10)
    return arrivals.at - committed
