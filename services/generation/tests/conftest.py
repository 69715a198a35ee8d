"""Generation with a database of its own, the real bucket, a stand-in of media, and backends to choose."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import drawings
import httpx
import pytest
from aiohttp import web
from factories import FakeBackend, record_of, request_of, requested
from media_stand_in import MediaStandIn, stored_media
from sqlalchemy import select, text

from atelier.contracts.envelope import Envelope
from atelier.contracts.generation_requests import GenerationRequest
from atelier.contracts.generations import GenerationState
from atelier.contracts.media import StoredMedia
from atelier.contracts.model import Event
from atelier.contracts.topics import TOPICS, Topics
from atelier.generation.backends.registry import Backends
from atelier.generation.bootstrap import declare
from atelier.generation.generations.models import Generation
from atelier.generation.settings import Settings
from atelier.runtime.auth import Principal
from atelier.runtime.jobs import JobWorker
from atelier.runtime.messaging.facts import FactGroup
from atelier.runtime.service import Service
from atelier.runtime.storage import Storage
from atelier.runtime.tables import OutboxRow

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

    def client(self, principal: Principal) -> httpx.AsyncClient:
        """A client signed in as that principal."""
        made: httpx.AsyncClient = self.client_for(self.service, principal)
        return made


def _read(row: OutboxRow) -> Event[Any]:
    envelope = Envelope.from_headers([(name, str(value).encode()) for name, value in row.headers.items()])
    event = Topics(TOPICS).event(envelope.type)
    assert event is not None
    return event.read(row.body)


@pytest.fixture(scope="session")
async def bucket(stack: Any) -> AsyncIterator[Storage]:
    """The real bucket."""
    ends = stack.endpoints
    settings = Settings.for_document().model_copy(
        update={
            "s3_endpoint_url": ends.s3_endpoint_url,
            "s3_bucket": ends.s3_bucket,
            "s3_access_key": _secret(ends.s3_access_key),
            "s3_secret_key": _secret(ends.s3_secret_key),
        }
    )
    storage = Storage(settings)
    yield storage
    await storage.close()


def _secret(value: Any) -> Any:
    from pydantic import SecretStr

    return value if isinstance(value, SecretStr) else SecretStr(value)


@pytest.fixture(scope="module")
async def media(stack: Any, bucket: Storage) -> AsyncIterator[MediaStandIn]:
    """A stand-in of media over the bucket, on a real port."""
    cdn_url = f"{stack.endpoints.s3_endpoint_url}/{stack.endpoints.s3_bucket}"
    stand_in = MediaStandIn(bucket, cdn_url)
    runner = web.AppRunner(stand_in.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stand_in.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield stand_in
    await runner.cleanup()


@pytest.fixture(scope="module")
async def made_house(
    make_service: Any,
    media: MediaStandIn,
    bucket: Storage,
    client_for: Any,
    other_services: Any,
    tmp_path_factory: Any,
) -> House:
    """Generation with a backend that tests command."""
    backend = FakeBackend()
    backends = Backends(backend, {backend.tool: backend})
    service = await make_service(
        lambda settings: declare(settings, backends),
        Settings,
        media_urls=(media.url,),
        catalog_urls=(other_services.url,),
        first_retry_after=0.01,
        work_folder=tmp_path_factory.mktemp("work"),
    )
    return House(service, backend, media, bucket, client_for)


@pytest.fixture
async def house(made_house: House) -> House:
    """The same, with nothing left of what other tests did to its neighbours."""
    made_house.backend.orders.clear()
    made_house.backend.instead.clear()
    made_house.media.asked.clear()
    made_house.media.resources.clear()
    made_house.media.away = made_house.media.refuses = False
    await made_house.rows("DELETE FROM jobs")
    return made_house


@pytest.fixture(scope="session")
async def tee(bucket: Storage, tmp_path_factory: Any) -> StoredMedia:
    """A shirt on white paper, stored."""
    return await keep(bucket, drawings.tee(tmp_path_factory.mktemp("drawn") / "tee.jpg"))


async def keep(bucket: Storage, file: Path) -> StoredMedia:
    """A drawing as a stored file."""
    content_type = {".jpg": "image/jpeg", ".png": "image/png"}[file.suffix]
    media = stored_media(file.read_bytes(), f"media/{uuid4()}/file{file.suffix}", content_type)
    await bucket.upload(file, media.key, content_type)
    return media
