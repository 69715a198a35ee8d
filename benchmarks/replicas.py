"""Keeping replicas. Baseline: FastStream with a textbook handler, a message and an ORM session each.

Both read the same topic from its beginning into the same table, with duplicates among the records.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from functools import partial
from uuid import UUID, uuid4

import asyncpg
from aiokafka import AIOKafkaProducer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from sqlalchemy.ext.asyncio import async_sessionmaker

from atelier.contracts.envelope import Envelope
from atelier.contracts.resolution_presets import ResolutionPresetState, ResolutionPresetUpdated
from atelier.contracts.topics import TOPICS, Topics
from atelier.runtime.clock import new_id
from atelier.runtime.messaging.replica_group import ReplicaGroup
from atelier.runtime.messaging.subscriptions import Subscriptions
from atelier.runtime.tables import ReplicaRow
from benchmarks.harness import Contender, Row, Sample, compare
from benchmarks.house import TOPIC, House, house

AGGREGATES = 500
VERSIONS = 80
RECORDS = AGGREGATES * VERSIONS
TEXTBOOK_RECORDS = 300


async def run() -> list[Row]:
    """Records per second."""
    async with house() as built:
        await _produce(built)
        textbook = Contender("a message, a session", partial(_textbook, built))
        return await compare(
            "replica consumer", textbook, [Contender("replica group", partial(_group, built), bar=100)]
        )


async def _produce(built: House) -> None:
    """Every version of every aggregate, the last one of each twice."""
    producer = AIOKafkaProducer(bootstrap_servers=built.kafka, acks="all", enable_idempotence=True)
    await producer.start()
    ids = [new_id() for _ in range(AGGREGATES)]
    sent = []
    for version in [*range(1, VERSIONS), VERSIONS - 1]:
        for id_ in ids:
            event, headers = _event(id_, version, built.user)
            sent.append(
                await producer.send(
                    TOPIC, event.model_dump_json().encode(), key=str(id_).encode(), headers=headers
                )
            )
    await asyncio.gather(*sent)
    await producer.stop()


def _event(id_: UUID, version: int, user: UUID) -> tuple[ResolutionPresetUpdated, list[tuple[str, bytes]]]:
    now = datetime.now(UTC)
    state = ResolutionPresetState(
        id=id_,
        owner_id=user,
        created_at=now,
        updated_at=now,
        name=f"Preset {version}",
        width=1600,
        height=2000,
    )
    event = ResolutionPresetUpdated(state=state)
    envelope = Envelope(
        id=new_id(),
        type=type(event).__name__,
        source="/catalog",
        subject=id_,
        time=now,
        dataschema=event.dataschema(),
        aggregate_version=version,
        correlation_id="benchmark",
    )
    return event, [(name, value.encode()) for name, value in envelope.to_headers().items()]


async def _empty(built: House) -> asyncpg.Connection[asyncpg.Record]:
    connection = await asyncpg.connect(built.database_url)
    await connection.execute("TRUNCATE replicas")
    return connection


async def _group(built: House) -> Sample:
    connection = await _empty(built)
    service = built.service
    group = _Counted(
        service=str(uuid4()), sessions=service.sessions, topics=Topics(TOPICS), states=[ResolutionPresetState]
    )
    subscriptions = Subscriptions(bootstrap_servers=built.kafka, client_id="bench", groups=[group])
    cpu = time.process_time()
    joining = asyncio.create_task(subscriptions.run())
    await group.done.wait()
    sample = Sample(RECORDS / (time.perf_counter() - group.began), RECORDS, time.process_time() - cpu)
    await joining
    await subscriptions.stop()
    newest = await connection.fetchval("SELECT count(*) FROM replicas WHERE version = $1", VERSIONS - 1)
    await connection.close()
    assert newest == AGGREGATES, f"{newest} of {AGGREGATES} are at their newest version"
    return sample


class _Counted(ReplicaGroup):
    """The group as it is, with a note of its first and last record."""

    began = 0.0
    seen = 0

    def __init__(self, **arguments: object) -> None:
        super().__init__(**arguments)  # type: ignore[arg-type]
        self.done = asyncio.Event()

    async def handle(self, records: object) -> None:
        self.began = self.began or time.perf_counter()
        await super().handle(records)  # type: ignore[arg-type]
        self.seen += len(records)  # type: ignore[arg-type]
        if self.seen >= RECORDS:
            self.done.set()


async def _textbook(built: House) -> Sample:
    connection = await _empty(built)
    await connection.close()
    sessions = async_sessionmaker(built.service.engine)
    broker = KafkaBroker(built.kafka, logger=None)
    done, handled, began = asyncio.Event(), 0, 0.0

    @broker.subscriber(
        TOPIC, group_id=str(uuid4()), auto_offset_reset="earliest", ack_policy=AckPolicy.NACK_ON_ERROR
    )
    async def handle(event: ResolutionPresetUpdated) -> None:
        nonlocal handled, began
        began = began or time.perf_counter()
        async with sessions() as session, session.begin():
            await _save(session, event.state)
        handled += 1
        if handled >= TEXTBOOK_RECORDS:
            done.set()

    cpu = time.process_time()
    await broker.start()
    await done.wait()
    sample = Sample(handled / (time.perf_counter() - began), handled, time.process_time() - cpu)
    await broker.stop()
    return sample


async def _save(session: object, state: ResolutionPresetState) -> None:
    values = {
        "version": 1,
        "owner_id": state.owner_id,
        "organization_id": state.organization_id,
        "public": state.public,
        "deleted": state.deleted_at is not None,
        "state": state.model_dump(mode="json"),
    }
    row = await session.get(ReplicaRow, (state.kind, state.id))  # type: ignore[attr-defined]
    if row is None:
        session.add(ReplicaRow(kind=state.kind, id=state.id, **values))  # type: ignore[attr-defined]
        return
    for name, value in values.items():
        setattr(row, name, value)
