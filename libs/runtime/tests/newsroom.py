"""The example at work on real parts: topics, groups and databases of its own, and records made by hand."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import orjson
import uvicorn
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import text

from atelier.contracts.envelope import Envelope
from atelier.contracts.model import Event
from atelier.runtime.clock import new_id
from atelier.runtime.messaging.facts import FactHandler
from atelier.runtime.messaging.subscriptions import Subscriptions
from atelier.runtime.provisioning import create_topics
from atelier.runtime.service import Declaration, Service
from atelier.stack import ports
from example import press, reader
from example.issues import TOPICS, IssuePrinted, IssueReprinted, IssueState

TOPIC = "press.issues.v1"
FACTS, REPLICAS = "reader", "reader.replicas"
Headers = list[tuple[str, bytes | None]]
MakeService = Callable[..., Awaitable[Service]]
Change = Callable[[Declaration], Declaration]


async def eventually(condition: Callable[[], Awaitable[object]], within: float = 60.0) -> None:
    """Look again and again until the condition holds; AssertionError when it doesn't in time."""
    deadline = time.monotonic() + within
    while not (outcome := await condition()):
        assert time.monotonic() < deadline, f"not within {within} s: {outcome!r}"
        await asyncio.sleep(0.02)


def issue(title: str, *, copies: int = 1, id_: UUID | None = None, **fields: Any) -> IssueState:
    """An issue as press would tell of it; somebody's personal one unless said otherwise."""
    now = datetime.now(UTC)
    values: dict[str, Any] = {"owner_id": uuid4(), "created_at": now, "updated_at": now} | fields
    return IssueState(id=id_ or new_id(), title=title, copies=copies, **values)


@dataclass(frozen=True)
class Sent:
    """A record to send; `partition` None leaves it to the key."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int | None = None
    timestamp_ms: int | None = None

    def but(self, **headers: bytes | None) -> Sent:
        """The same with other headers; a missing one is said as `name=b"-"`."""
        kept = [(name, value) for name, value in self.headers if name not in headers]
        changed = [(name, value) for name, value in headers.items() if value != b"-"]
        return replace(self, headers=[*kept, *changed])

    @property
    def event_id(self) -> UUID:
        """The event's id."""
        return UUID((dict(self.headers)["ce_id"] or b"").decode())


def fact(state: IssueState, version: int = 1, event: type[Event[Any]] = IssuePrinted, **to: Any) -> Sent:
    """A sound record of an event."""
    envelope = Envelope(
        id=new_id(),
        type=event.__name__,
        source="/press",
        subject=state.id,
        time=datetime.now(UTC),
        dataschema=event.dataschema(),
        aggregate_version=version,
        correlation_id="test",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )
    headers: Headers = [(name, value.encode()) for name, value in envelope.to_headers().items()]
    return Sent(str(state.id).encode(), event(state=state).model_dump_json().encode(), headers, **to)


@dataclass
class Newsroom:
    """Press and reader on a topic, groups and databases that nobody else uses."""

    bootstrap_servers: str
    prefix: str
    make_service: MakeService
    producer: AIOKafkaProducer
    reader_url: str
    secret: str = ""
    """The services' internal secret, once there is one of them."""
    press_port: int = field(default_factory=lambda: ports.choose(()))

    @property
    def topic(self) -> str:
        """The topic's name on the broker."""
        return self.prefix + TOPIC

    @property
    def partitions(self) -> list[TopicPartition]:
        """The topic's partitions."""
        count = TOPICS.all[0].partitions
        return [TopicPartition(self.topic, partition) for partition in range(count)]

    @property
    def settings(self) -> dict[str, Any]:
        """What both services are told."""
        return {
            "kafka_bootstrap_servers": self.bootstrap_servers,
            "kafka_topic_prefix": self.prefix,
            "kafka_group_prefix": self.prefix,
        }

    async def press(self) -> Service:
        """A new press with an empty database."""
        return await self.make_service(press.declare, press.Settings, port=self.press_port, **self.settings)

    async def reader(self, change: Change = lambda declared: declared, **settings: Any) -> Service:
        """A reader on the newsroom's one reader database, as one process of it would have it."""
        told = self.settings | {
            "database_url": self.reader_url,
            "press_urls": (f"http://127.0.0.1:{self.press_port}",),
        }
        service = await self.make_service(
            lambda given: change(reader.declare(given)), reader.Settings, **(told | settings)
        )
        self.secret = service.settings.internal_token_secret.get_secret_value()
        return service

    def environment(self, **more: str) -> dict[str, str]:
        """What a reader is told as a process of its own."""
        return {
            "READER_DATABASE_URL": self.reader_url,
            "READER_PORT": str(ports.choose(())),
            "PRESS_URLS": f"http://127.0.0.1:{self.press_port}",
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "KAFKA_TOPIC_PREFIX": self.prefix,
            "KAFKA_GROUP_PREFIX": self.prefix,
            "INTERNAL_TOKEN_SECRET": self.secret,
        } | more

    async def send(self, *records: Sent) -> None:
        """Send records in this order, all at once."""
        futures = [
            await self.producer.send(
                self.topic,
                record.value,
                key=record.key,
                headers=record.headers,
                partition=record.partition,
                timestamp_ms=record.timestamp_ms,
            )
            for record in records
        ]
        await asyncio.gather(*futures)

    async def ends(self) -> dict[TopicPartition, int]:
        """Where the log ends."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap_servers)
        await consumer.start()
        try:
            return dict(await consumer.end_offsets(self.partitions))
        finally:
            await consumer.stop()

    async def settled(self, groups: Collection[str] = (FACTS, REPLICAS), within: float = 30.0) -> None:
        """Wait until the groups have committed everything that is in the topic."""
        ends = {partition: end for partition, end in (await self.ends()).items() if end}
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        await admin.start()

        async def committed() -> bool:
            found = [await admin.list_consumer_group_offsets(self.prefix + group) for group in groups]
            return all(
                partition in offsets and offsets[partition].offset == end
                for offsets in found
                for partition, end in ends.items()
            )

        try:
            await eventually(committed, within)
        finally:
            await admin.close()

    async def state_of_group(self, group: str = FACTS) -> str:
        """The broker's word for what the group is doing, such as `Stable`."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        await admin.start()
        try:
            (answer,) = await admin.describe_consumer_groups([self.prefix + group])
            return str(answer.to_object()["groups"][0]["state"])
        finally:
            await admin.close()

    async def rewind(self, group: str) -> None:
        """Have a group without members begin at the start again."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap_servers, group_id=self.prefix + group, enable_auto_commit=False
        )
        consumer.assign(self.partitions)
        await consumer.start()
        try:
            await consumer.commit(dict.fromkeys(self.partitions, 0))
        finally:
            await consumer.stop()


@asynccontextmanager
async def make_newsroom(
    bootstrap_servers: str, make_service: MakeService, reader_url: str
) -> AsyncIterator[Newsroom]:
    """A newsroom with its topic made."""
    prefix = f"{uuid4().hex[:8]}."
    await create_topics(bootstrap_servers, prefix, TOPICS.all)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, linger_ms=5, max_request_size=2**21)
    await producer.start()
    try:
        yield Newsroom(bootstrap_servers, prefix, make_service, producer, reader_url)
    finally:
        await producer.stop()


def handling(declared: Declaration, handler: FactHandler) -> Declaration:
    """The reader with another handler for printings."""
    return replace(declared, facts={IssuePrinted: handler, IssueReprinted: handler})


@asynccontextmanager
async def consuming(service: Service) -> AsyncIterator[Subscriptions]:
    """A service's consumers at work; a service consumes once."""
    await service.subscriptions.run()
    try:
        yield service.subscriptions
    finally:
        await service.subscriptions.stop()


@asynccontextmanager
async def relaying(service: Service) -> AsyncIterator[None]:
    """A service's relay at work."""
    assert service.relay is not None, "settings gave it the role"
    running = asyncio.create_task(service.relay.run())
    try:
        yield
    finally:
        await service.relay.stop()
        await running


@asynccontextmanager
async def working(service: Service) -> AsyncIterator[None]:
    """A service's worker at work."""
    running = asyncio.create_task(service.worker.run())
    try:
        yield
    finally:
        await service.worker.stop()
        await running


class _Server(uvicorn.Server):
    """uvicorn, which leaves the signals to the tests."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(service: Service) -> AsyncIterator[None]:
    """A service's HTTP on its port."""
    config = uvicorn.Config(
        service.app, port=service.settings.port, lifespan="off", log_config=None, http="httptools"
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await eventually(started)
    try:
        yield
    finally:
        server.should_exit = True
        await running


async def rows(service: Service, statement: str, **parameters: Any) -> Sequence[Any]:
    """Rows of a service's database."""
    async with service.engine.connect() as connection:
        return (await connection.execute(text(statement), parameters)).all()


async def run(service: Service, statement: str, **parameters: Any) -> None:
    """Change a service's database behind its back."""
    async with service.engine.begin() as connection:
        await connection.execute(text(statement), parameters)


async def count_of(service: Service, title: str) -> int:
    """How often printings of a title were counted."""
    found = await rows(service, "SELECT count FROM tallies WHERE title = :title", title=title)
    return int(found[0].count) if found else 0


async def letters_of(service: Service, consumer: str, topic: str) -> Sequence[Any]:
    """A group's dead letters of a topic, in the order in which they came."""
    return await rows(
        service,
        "SELECT * FROM dead_letters WHERE consumer = :consumer AND topic = :topic ORDER BY id",
        consumer=consumer,
        topic=topic,
    )


class ExampleProcess:
    """`python -m example.<name>` as a process of its own."""

    def __init__(self, name: str, environment: Mapping[str, str], log: Path) -> None:
        self._module = f"example.{name}"
        self._port = environment[f"{name.upper()}_PORT"]
        here = str(Path(__file__).parent)
        path = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
        self._environment = {**os.environ, **environment, "PYTHONPATH": path}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it has logged."""
        found = self._log.read_bytes().splitlines() if self._log.exists() else []
        return [orjson.loads(line) for line in found if line.startswith(b"{")]

    def serve(self) -> None:
        """Start it; `ready` waits for it."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module, "serve"],
                env=self._environment, stdout=output, stderr=output,
            )  # fmt: skip

    async def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of its commands to the end."""
        command = [sys.executable, "-m", self._module, *arguments]
        settings: dict[str, Any] = {
            "env": self._environment,
            "capture_output": True,
            "text": True,
            "timeout": 60,
        }
        return await asyncio.to_thread(lambda: subprocess.run(command, check=False, **settings))

    async def ready(self) -> None:
        """Wait until it says that it is."""

        async def says() -> bool:
            assert self._running.poll() is None, self._log.read_text()
            try:
                async with session.get(f"http://127.0.0.1:{self._port}/health/ready") as answer:
                    return answer.status == 200
            except aiohttp.ClientError:
                return False

        async with aiohttp.ClientSession() as session:
            await eventually(says)

    async def ended(self) -> int:
        """Wait until it has ended; its exit code, negative for a signal."""

        async def is_over() -> bool:
            return self._running.poll() is not None

        try:
            await eventually(is_over)
        except AssertionError:
            raise AssertionError(self._log.read_text()) from None
        return int(self._running.returncode)

    def kill(self) -> None:
        """kill -9, if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    async def stop(self) -> int:
        """SIGTERM, and wait; its exit code."""
        self._running.send_signal(signal.SIGTERM)
        return await self.ended()

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "serve() comes first"
        return self._process
