"""A durable write, as a POST makes it: row, event and idempotency key in one transaction.

Baseline: the textbook ORM, the same rows with a flush each, expiry and a refresh, on the same
pool and tables. Contender: the ordinary unit of work, as the routes use it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from uuid import UUID, uuid4

from fastapi import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker

from atelier.catalog.resolution_presets import use_cases
from atelier.catalog.resolution_presets.models import ResolutionPreset
from atelier.catalog.resolution_presets.schemas import ResolutionPresetCreate
from atelier.contracts.public.presets import ResolutionPresetPublic
from atelier.runtime.auth import Principal
from atelier.runtime.http.idempotency import IdempotentRequest
from atelier.runtime.request_context import Cause
from atelier.runtime.tables import IdempotencyRow, OutboxRow
from benchmarks.harness import Contender, Row, Sample, compare
from benchmarks.house import TOPIC, House, house

SECONDS = 1.0
BODY = ResolutionPresetCreate(name="Shop 4:5", width=1600, height=2000)
Write = Callable[[], Awaitable[None]]


async def run() -> list[Row]:
    """At 16 and at 64 writers."""
    rows: list[Row] = []
    for writers in (16, 64):
        async with house(pool_size=writers) as built:
            await _check(built)
            textbook, ordinary = _textbook(built), _ordinary(built)
            rows += await compare(
                f"durable write, {writers} at once",
                Contender("textbook ORM", partial(_load, textbook, writers)),
                [Contender("unit of work", partial(_load, ordinary, writers), bar=3)],
            )
    return rows


async def _check(built: House) -> None:
    """Both leave the same rows behind: one of each kind."""
    for write in (_textbook(built), _ordinary(built)):
        before = [await built.count(table) for table in TABLES]
        await write()
        after = [await built.count(table) for table in TABLES]
        assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 1]


TABLES = ("resolution_presets", "outbox", "idempotency_keys")


async def _load(write: Write, writers: int) -> Sample:
    ends = time.perf_counter() + SECONDS
    done = 0

    async def writer() -> None:
        nonlocal done
        while time.perf_counter() < ends:
            await write()
            done += 1

    started, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(writer() for _ in range(writers)))
    return Sample(done / (time.perf_counter() - started), done, time.process_time() - cpu)


def _ordinary(built: House) -> Write:
    """What `UnitOfWorkRoute` does around the use case."""
    service = built.service
    service.units.committed = lambda: None  # nobody relays here, so nobody is to be woken
    principal = Principal(user_id=built.user)

    async def write() -> None:
        request = IdempotentRequest(built.user, str(uuid4()), b"hash")
        async with service.units.begin(Cause("benchmark", actor_id=built.user)) as uow:
            uow.guard(request.claim)
            preset = await use_cases.create(uow, service.references, principal, None, BODY)
            body = ResolutionPresetPublic.model_validate(preset).model_dump_json()
            uow.keep(request.kept(Response(body, 201)))
            await uow.commit()

    return write


def _textbook(built: House) -> Write:
    """The same rows as tutorials write them."""
    sessions = async_sessionmaker(built.service.engine)

    async def write() -> None:
        key = str(uuid4())
        async with sessions() as session:
            known = select(IdempotencyRow).where(
                IdempotencyRow.principal_id == built.user, IdempotencyRow.key == key
            )
            assert (await session.execute(known)).scalar_one_or_none() is None
            preset = _preset(built.user)
            session.add(preset)
            await session.flush()
            session.add(_event(preset))
            await session.flush()
            session.add(_answer(built.user, key, preset))
            await session.flush()
            await session.commit()
            await session.refresh(preset)
            ResolutionPresetPublic.model_validate(preset).model_dump_json()

    return write


def _preset(user: UUID) -> ResolutionPreset:
    now = datetime.now(UTC)
    return ResolutionPreset(
        id=uuid4(), created_at=now, updated_at=now, owner_id=user, name="Shop 4:5", width=1600, height=2000
    )


def _event(preset: ResolutionPreset) -> OutboxRow:
    headers = {"ce_id": str(uuid4()), "ce_type": "ResolutionPresetCreated", "ce_subject": str(preset.id)}
    body = '{"state":' + preset.state().model_dump_json() + "}"
    return OutboxRow(aggregate_id=preset.id, version=1, topic=TOPIC, headers=headers, body=body)


def _answer(user: UUID, key: str, preset: ResolutionPreset) -> IdempotencyRow:
    body = ResolutionPresetPublic.model_validate(preset).model_dump_json().encode()
    return IdempotencyRow(principal_id=user, key=key, request_hash=b"hash", status=201, body=body, etag='"1"')
