"""The service and what tests do with it: facts go in, jobs run, events and pictures come out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import select, text

from atelier.contracts.envelope import Envelope
from atelier.contracts.generation_requests import GenerationRequest
from atelier.contracts.generations import GenerationState
from atelier.contracts.media import StoredMedia
from atelier.contracts.model import Event
from atelier.contracts.topics import TOPICS, Topics
from atelier.generation.generations.models import Generation
from atelier.runtime.auth import Principal
from atelier.runtime.jobs import Job, JobWorker
from atelier.runtime.messaging.facts import FactGroup
from atelier.runtime.request_context import Cause
from atelier.runtime.service import Service
from atelier.runtime.storage import Storage
from atelier.runtime.tables import OutboxRow
from darkroom.factories import FakeBackend, record_of, request_of, requested
from darkroom.media_stand_in import MediaStandIn, stored_media

WITHIN = 30.0
"""Seconds after which a wait is given up."""


@dataclass
class House:
    """The service and what tests do with it."""

    service: Service
    backend: FakeBackend
    media: MediaStandIn
    storage: Storage
    client_for: Any

    async def tell(self, *events: Event[Any]) -> None:
        """Let the consumer of facts handle these, each once."""
        (group,) = [group for group in self.service.groups if isinstance(group, FactGroup)]
        await group.handle([record_of(event) for event in events])
        assert not await self.rows("SELECT * FROM dead_letters")

    async def request(self, product_image: StoredMedia, **fields: Any) -> GenerationRequest:
        """Ask for pictures as production does."""
        request = request_of(product_image, **fields)
        await self.tell(requested(request))
        return request

    def worker(self, **fields: Any) -> JobWorker:
        """A worker of the service's jobs."""
        handlers = {**self.service.declaration.jobs, **self.service.declaration.jobs_of(self.service)}
        values: dict[str, Any] = {"poll": 0.05, "slots": 4} | fields
        return JobWorker(
            sessions=self.service.sessions, units=self.service.units, handlers=handlers, **values
        )

    @asynccontextmanager
    async def at_work(self, **fields: Any) -> AsyncIterator[JobWorker]:
        """A worker that runs meanwhile."""
        worker = self.worker(**fields)
        running = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            await worker.stop()
            await running

    async def finish(self, **fields: Any) -> None:
        """Work until no job is left."""
        async with self.at_work(**fields):
            await self.until(
                "SELECT count(*) FROM jobs WHERE finished_at IS NULL AND run_at < now() + '60s'", 0
            )

    async def claim(self) -> Job:
        """The oldest job that isn't finished, leased by hand: also one that another worker has."""
        (row,) = await self.rows(
            "UPDATE jobs SET leased_until = now() + interval '60s', lease_epoch = lease_epoch + 1 "
            "WHERE id = (SELECT min(id) FROM jobs WHERE finished_at IS NULL) RETURNING *"
        )
        return Job(
            id=row.id,
            kind=row.kind,
            key=row.key,
            payload=row.payload,
            epoch=row.lease_epoch,
            attempts=1,
            lease=timedelta(seconds=60),
            cause=Cause(correlation_id="test"),
            units=self.service.units,
        )

    async def until(self, query: str, value: Any, **parameters: Any) -> None:
        """Wait until a query answers that."""
        deadline = time.monotonic() + WITHIN
        while (now := (await self.rows(query, **parameters))[0][0]) != value:
            assert time.monotonic() < deadline, f"still {now!r}, not {value!r}"
            await asyncio.sleep(0.02)

    async def rows(self, query: str, **parameters: Any) -> Sequence[Any]:
        """What a statement answers, committed."""
        async with self.service.engine.begin() as connection:
            result = await connection.execute(text(query), parameters)
            return result.fetchall() if result.returns_rows else []

    async def state(self, id_: UUID) -> GenerationState | None:
        """A generation as it is now."""
        async with self.service.sessions() as session:
            found = (
                await session.execute(select(Generation).where(Generation.id == id_))
            ).scalar_one_or_none()
        return found.state() if found else None

    async def told(self, id_: UUID) -> list[Event[Any]]:
        """Every event of a generation, in version order without a gap; nothing relays here."""
        statement = select(OutboxRow).where(OutboxRow.aggregate_id == id_).order_by(OutboxRow.version)
        async with self.service.sessions() as session:
            rows = (await session.execute(statement)).scalars().all()
        assert [row.version for row in rows] == list(range(1, len(rows) + 1))
        return [_read(row) for row in rows]

    async def names(self, id_: UUID) -> list[str]:
        """The types of a generation's events."""
        return [type(event).__name__ for event in await self.told(id_)]

    async def stored(self, key: str) -> bytes:
        """The bytes of an object."""
        return b"".join([piece async for piece in self.storage.read(key)])

    async def tidy(self) -> None:
        """Leave nothing of what the test before did to its neighbours."""
        self.backend.orders.clear()
        self.backend.instead.clear()
        self.media.asked.clear()
        self.media.resources.clear()
        self.media.away = self.media.refuses = False
        await self.rows("DELETE FROM jobs")

    def client(self, principal: Principal) -> httpx.AsyncClient:
        """A client signed in as that principal."""
        made: httpx.AsyncClient = self.client_for(self.service, principal)
        return made


def _read(row: OutboxRow) -> Event[Any]:
    envelope = Envelope.from_headers([(name, str(value).encode()) for name, value in row.headers.items()])
    event = Topics(TOPICS).event(envelope.type)
    assert event is not None
    return event.read(row.body)


async def keep(bucket: Storage, file: Path) -> StoredMedia:
    """A drawing as a stored file."""
    content_type = {".jpg": "image/jpeg", ".png": "image/png"}[file.suffix]
    media = stored_media(file.read_bytes(), f"media/{uuid4()}/file{file.suffix}", content_type)
    await bucket.upload(file, media.key, content_type)
    return media
