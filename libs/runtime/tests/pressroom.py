"""Press at work on real parts: as processes that tests hurt, with writers, and with what the broker got.

place = await open_place(admin_url, kafka_bootstrap_servers)
async with pressing(place) as press, writing([press.url]) as ledger:
    ...
await place.drained()
await assert_told(place, ledger)
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from newsroom import TOPIC, Change, ExampleProcess, MakeService, eventually

from atelier.contracts.envelope import Envelope
from atelier.contracts.topics import Topics
from atelier.runtime.auth import InternalTokens, Principal
from atelier.runtime.clock import new_id
from atelier.runtime.database import create_engine
from atelier.runtime.migrating import migrate
from atelier.runtime.provisioning import create_topics
from atelier.runtime.request_context import NO_CAUSE
from atelier.runtime.service import Service
from atelier.runtime.unit_of_work import UnitOfWork
from atelier.stack import ports
from example import press
from example.issues import TOPICS, IssuePrinted
from example.press import Issue

SECRET = "only-for-tests-and-long-enough-for-them"


@dataclass(frozen=True)
class Told:
    """An event as the broker has it."""

    aggregate_id: UUID
    version: int
    event_id: UUID
    body: bytes
    timestamp: float
    """When the producer took it, in seconds."""


@dataclass(frozen=True)
class Place:
    """A database and topics that nobody else uses."""

    database_url: str
    bootstrap_servers: str
    prefix: str

    async def query(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """Run one statement on a connection of its own."""
        connection = await asyncpg.connect(self.database_url)
        try:
            return list(await connection.fetch(statement, *arguments))
        finally:
            await connection.close()

    async def waiting(self) -> int:
        """How many events the broker hasn't acknowledged."""
        return int((await self.query("SELECT count(*) FROM outbox"))[0][0])

    async def drained(self, within: float = 30.0) -> float:
        """Wait until the outbox is empty; the seconds that took."""
        connection = await asyncpg.connect(self.database_url)

        async def is_empty() -> bool:
            return not await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)")

        try:
            began = time.monotonic()
            await eventually(is_empty, within)
            return time.monotonic() - began
        finally:
            await connection.close()

    async def versions(self) -> dict[UUID, int]:
        """The version of every issue."""
        return {row["id"]: row["version"] for row in await self.query("SELECT id, version FROM issues")}

    async def told(self, topic: str = TOPIC) -> list[Told]:
        """Everything in the topic, from its beginning; in order within each aggregate."""
        return [_told(record) for record in await read_topic(self.bootstrap_servers, self.prefix + topic)]

    def environment(self, port: int) -> dict[str, str]:
        """What a press process of this place is given."""
        return {
            "PRESS_PORT": str(port),
            "PRESS_DATABASE_URL": self.database_url,
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "KAFKA_TOPIC_PREFIX": self.prefix,
            "INTERNAL_TOKEN_SECRET": SECRET,
        }


async def open_place(admin_url: str, bootstrap_servers: str, topics: Topics = TOPICS) -> Place:
    """A migrated database on that server and empty topics on that broker."""
    name = f"press_{uuid4().hex}"
    admin = await asyncpg.connect(admin_url)
    await admin.execute(f'CREATE DATABASE "{name}"')
    await admin.close()
    place = Place(admin_url.rpartition("/")[0] + f"/{name}", bootstrap_servers, f"{name}.")
    engine = create_engine(place.database_url, name="migrate")
    await migrate(engine, press.Settings.migrations)
    await engine.dispose()
    await create_topics(bootstrap_servers, place.prefix, topics.all)
    return place


async def read_topic(bootstrap_servers: str, topic: str) -> list[ConsumerRecord[bytes, bytes]]:
    """Every record of a topic, from its beginning; in order within each partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        await consumer._client.add_topic(topic)
        partitions = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[ConsumerRecord[bytes, bytes]] = []
        while [one for one in partitions if await consumer.position(one) < ends[one]]:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += records
        return found
    finally:
        await consumer.stop()


def _told(record: ConsumerRecord[bytes, bytes]) -> Told:
    envelope = Envelope.from_headers(list(record.headers))
    assert record.key is not None
    assert record.value is not None
    assert UUID(record.key.decode()) == envelope.subject, "the key is the aggregate"
    return Told(
        envelope.subject, envelope.aggregate_version, envelope.id, record.value, record.timestamp / 1000
    )


class Press(ExampleProcess):
    """A press process, which may be stopped, or have a crash point in its environment."""

    def __init__(self, place: Place, environment: Mapping[str, str], log: Path) -> None:
        port = ports.choose(())
        super().__init__("press", {**place.environment(port), **environment}, log)
        self.url = f"http://127.0.0.1:{port}"

    async def degraded(self) -> list[str]:
        """What it says is away or behind; AssertionError unless it is ready all the same."""
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{self.url}/health/ready")
        assert answer.status_code == 200, answer.text
        return list(answer.json()["degraded"])

    async def is_well(self) -> bool:
        """Whether nothing is away or behind."""
        return not await self.degraded()

    async def leads(self) -> bool:
        """Whether this process relays."""
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{self.url}/metrics")
        return "outbox_leader 1.0" in answer.text

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._running.send_signal(number)


@asynccontextmanager
async def pressing(place: Place, **environment: str) -> AsyncIterator[Press]:
    """A press process, ready; killed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        press = Press(place, environment, Path(folder) / "press.log")
        press.serve()
        try:
            await press.ready()
            yield press
        finally:
            press.kill()


@dataclass
class Ledger:
    """What writers were answered."""

    answered: dict[UUID, int] = field(default_factory=dict)
    """The highest version of each issue that a 2xx told of."""
    writes: int = 0
    """How many writes were answered by 2xx."""
    unanswered: list[str] = field(default_factory=list)
    """Any other answer, and requests without one."""

    def note(self, answer: httpx.Response) -> UUID | None:
        """Note an answer; the issue it tells of, None where it isn't a 2xx."""
        if not answer.is_success:
            self.unanswered.append(f"{answer.status_code} {answer.text}")
            return None
        id_, version = UUID(answer.json()["id"]), int(answer.headers["etag"].strip('"'))
        self.writes += 1
        self.answered[id_] = max(version, self.answered.get(id_, 0))
        return id_


class _SignedIn(httpx.Auth):
    """A user, with a fresh internal token on each request."""

    def __init__(self) -> None:
        self._principal = Principal(user_id=uuid4())
        self._tokens = InternalTokens(SECRET, "gateway")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Sign the request in."""
        request.headers["Authorization"] = f"Bearer {self._tokens.mint(self._principal)}"
        yield request


@asynccontextmanager
async def writing(urls: Sequence[str], writers: int = 4, pause: float = 0.02) -> AsyncIterator[Ledger]:
    """Writers, one service address each in turn, that print and reprint issues until the end.

    They go on after a failure, with another issue.
    """
    ledger, stop = Ledger(), asyncio.Event()
    tasks = [asyncio.create_task(_write(urls[n % len(urls)], ledger, stop, pause)) for n in range(writers)]
    try:
        yield ledger
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def _write(url: str, ledger: Ledger, stop: asyncio.Event, pause: float) -> None:
    issue: UUID | None = None
    async with httpx.AsyncClient(base_url=url, auth=_SignedIn(), timeout=10) as client:
        while not stop.is_set():
            try:
                issue = ledger.note(await _print(client, issue))
            except httpx.TransportError as lost:
                ledger.unanswered.append(repr(lost))
                issue = None
            if issue is not None and ledger.answered[issue] == 10:
                issue = None
            await _pause(stop, pause)


async def _print(client: httpx.AsyncClient, issue: UUID | None) -> httpx.Response:
    if issue is None:
        return await client.post("/api/v1/issues/", json={"title": "Spring"})
    return await client.put(f"/api/v1/issues/{issue}", json={"title": "Summer"})


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


async def put_event(
    place: Place,
    aggregate_id: UUID,
    version: int,
    topic: str = TOPIC,
    body: str = "{}",
    connection: asyncpg.Connection[asyncpg.Record] | None = None,
) -> None:
    """Write an event into the outbox past the unit of work, also inside a transaction of the caller's."""
    envelope = Envelope(
        id=new_id(), type="IssuePrinted", source="/press", subject=aggregate_id, time=datetime.now(UTC),
        dataschema=IssuePrinted.dataschema(), aggregate_version=version, correlation_id="test",
    )  # fmt: skip
    statement = "INSERT INTO outbox (aggregate_id, version, topic, headers, body) VALUES ($1, $2, $3, $4, $5)"
    arguments = (aggregate_id, version, topic, json.dumps(envelope.to_headers()), body)
    if connection is None:
        await place.query(statement, *arguments)
    else:
        await connection.execute(statement, *arguments)


async def service_on(
    make_service: MakeService, place: Place, change: Change = lambda declared: declared, **settings: Any
) -> Service:
    """A press in this process, with nothing running but what the test calls."""
    return await make_service(
        lambda given: change(press.declare(given)),
        press.Settings,
        database_url=place.database_url,
        kafka_bootstrap_servers=place.bootstrap_servers,
        kafka_topic_prefix=place.prefix,
        **settings,
    )


def an_issue(title: str = "Spring") -> Issue:
    """A row that is in no database yet."""
    now = datetime.now(UTC)
    return Issue(id=new_id(), created_at=now, updated_at=now, owner_id=uuid4(), title=title, copies=1)


def printing(service: Service, *issues: Issue) -> UnitOfWork:
    """A unit of work that prints issues, not committed yet."""
    uow = service.units.begin(NO_CAUSE)
    for issue in issues:
        uow.add(issue)
        uow.emit(issue, IssuePrinted)
    return uow


def first_occurrences(told: Sequence[Told]) -> dict[UUID, list[int]]:
    """The versions of each aggregate in the order in which each came first."""
    versions: defaultdict[UUID, list[int]] = defaultdict(list)
    for one in told:
        if one.version not in versions[one.aggregate_id]:
            versions[one.aggregate_id].append(one.version)
    return dict(versions)


async def assert_told(place: Place, ledger: Ledger) -> list[Told]:
    """No loss, no ghost, in order: the topic has the versions 1 to n of each issue, n being its row's.

    Repeats are allowed, with the same id and body. What the topic has is returned.
    """
    versions, told = await place.versions(), await place.told()
    assert {
        id_: versions.get(id_, 0) for id_, said in ledger.answered.items() if versions.get(id_, 0) < said
    } == {}
    assert first_occurrences(told) == {id_: list(range(1, n + 1)) for id_, n in versions.items()}
    events = {(one.aggregate_id, one.version, one.event_id, one.body) for one in told}
    assert len(events) == sum(versions.values()), "a repeat is the same event"
    return told
