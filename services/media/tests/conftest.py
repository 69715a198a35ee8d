"""Media with a database of its own and a real bucket, somebody who uses it, and pictures to give it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from atelier.contracts.envelope import Envelope
from atelier.contracts.topics import TOPICS, Topics
from atelier.media.bootstrap import declare
from atelier.media.settings import Settings
from atelier.runtime.auth import Principal
from atelier.runtime.jobs import Job, RunAgain
from atelier.runtime.messaging.records import Fact
from atelier.runtime.request_context import Cause
from atelier.runtime.service import Service
from atelier.runtime.storage import Storage


@pytest.fixture(scope="module")
async def media(make_service: Any, other_services: Any) -> Service:
    """The service, its other parts at rest; it may fetch from nobody."""
    urls = (other_services.url,)
    service: Service = await make_service(
        declare, Settings, catalog_urls=urls, production_urls=urls, generation_urls=urls
    )
    return service


@dataclass
class Person:
    """Somebody who uses media, directly and through other services."""

    media: Service
    principal: Principal
    client: httpx.AsyncClient
    organization: UUID | None = None
    plain: httpx.AsyncClient = field(default_factory=httpx.AsyncClient)

    async def presign(self, **fields: Any) -> httpx.Response:
        """Ask for a presigned URL."""
        body = {"folder": "products", "filename": "shirt.png", "content_type": "image/png"} | fields
        return await self.client.post("/api/v1/uploads/presigned-url", json=body)

    async def upload(self, picture: bytes, content_type: str = "image/png", **fields: Any) -> str:
        """Put bytes at a presigned URL; returns the `file_url`."""
        answer = await self.presign(content_type=content_type, **fields)
        assert answer.status_code == 200, answer.text
        put = await self.plain.put(
            answer.json()["upload_url"], content=picture, headers={"Content-Type": content_type}
        )
        assert put.status_code == 200, put.text
        return str(answer.json()["file_url"])

    async def ingest(self, *items: Mapping[str, Any], owner_id: UUID | None = None) -> httpx.Response:
        """Ask as another service would on this person's behalf."""
        body = {
            "owner_id": str(owner_id or self.principal.user_id),
            "organization_id": str(self.organization) if self.organization else None,
            "items": [{"attachment": attachment()} | item for item in items],
        }
        return await self.client.post("/internal/ingest", json=body)

    async def taken(self, *items: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The files of a batch that is taken in."""
        answer = await self.ingest(*items)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"])

    async def refused(self, source: str, **fields: Any) -> str:
        """Why one item is refused with 422."""
        answer = await self.ingest({"source": source} | fields)
        assert answer.status_code == 422, answer.text
        (problem,) = answer.json()["detail"]
        assert problem["loc"] == ["body", "items", 0]
        return str(problem["msg"])

    async def get(self, url: str) -> httpx.Response:
        """GET a URL without a login."""
        return await self.plain.get(url)


def attachment(kind: str = "products", **fields: Any) -> dict[str, Any]:
    """Something that a file is meant for."""
    id_ = str(uuid4())
    meant = {"kind": kind, "aggregate_id": id_, "entity_type": "PRODUCT", "entity_id": id_}
    return meant | {"slot": "cover_image", "position": None} | fields


@pytest.fixture
async def person_of(media: Service, client_for: Any) -> AsyncIterator[Any]:
    """Make a person of a principal."""
    made: list[Person] = []

    def make(principal: Principal, organization: UUID | None = None, service: Service = media) -> Person:
        person = Person(service, principal, client_for(service, principal), organization)
        made.append(person)
        return person

    yield make
    for person in made:
        await person.plain.aclose()
        await person.client.aclose()


@pytest.fixture
def person(person_of: Any) -> Person:
    """A new user, with nothing of theirs yet."""
    made: Person = person_of(Principal(user_id=uuid4()))
    return made


@pytest.fixture
def storage(media: Service) -> Storage:
    """The bucket."""
    found = media.declaration.storage
    assert found is not None
    return found


@dataclass
class Inside:
    """What happened inside of the service, and its work at rest done by hand."""

    service: Service

    async def rows(self, statement: str, **values: Any) -> Sequence[Any]:
        """Select, or change what time would change."""
        async with self.service.sessions.begin() as session:
            result = await session.execute(text(statement), values)
            return result.all() if result.returns_rows else []

    async def events(self, resource_id: str) -> list[str]:
        """The types of a resource's events, in order."""
        rows = await self.rows(
            "SELECT headers ->> 'ce_type' FROM outbox WHERE aggregate_id = :id ORDER BY version",
            id=resource_id,
        )
        return [row[0] for row in rows]

    async def attached(self, resource_id: str) -> list[tuple[Any, ...]]:
        """The attachments of a resource: type, slot, position, confirmed."""
        rows = await self.rows(
            "SELECT entity_type, slot, position, confirmed FROM media_attachments WHERE resource_id = :id "
            "ORDER BY slot, position", id=resource_id,
        )  # fmt: skip
        return [tuple(row) for row in rows]

    async def run_jobs(self, *kinds: str, due_only: bool = True) -> list[str]:
        """Run the unfinished jobs of these kinds as the worker would; returns the keys."""
        due = "AND run_at <= now()" if due_only else ""
        rows = await self.rows(
            f"UPDATE jobs SET lease_epoch = lease_epoch + 1, leased_until = now() + interval '1 minute' "
            f"WHERE finished_at IS NULL AND kind = ANY(:kinds) {due} RETURNING *", kinds=list(kinds),
        )  # fmt: skip
        for row in rows:
            await self._run(row)
        return [row.key for row in rows]

    async def _run(self, row: Any) -> None:
        job = Job(
            id=row.id, kind=row.kind, key=row.key, payload=row.payload, epoch=row.lease_epoch,
            attempts=row.attempts, lease=self.service.settings.job_lease,
            cause=Cause(correlation_id="test"), units=self.service.units,
        )  # fmt: skip
        handlers = self.service._jobs()
        try:
            await handlers[row.kind](job)
        except RunAgain:
            return
        await self.rows("UPDATE jobs SET finished_at = now() WHERE id = :id", id=row.id)

    async def tell(self, event: Any, version: int = 1) -> None:
        """Have a fact handled, as when its topic brings it."""
        envelope = Envelope(
            id=uuid4(), type=type(event).__name__, source="/test", subject=event.state.id,
            time=event.state.updated_at, dataschema=event.dataschema(), aggregate_version=version,
            correlation_id="test",
        )  # fmt: skip
        assert Topics(TOPICS).event(envelope.type) is type(event)
        async with self.service.units.begin(Cause(correlation_id="test")) as uow:
            await self.service.declaration.facts[type(event)](uow, Fact(envelope, event))
            await uow.commit()


@pytest.fixture
def inside(media: Service) -> Inside:
    """A look inside of the service."""
    return Inside(media)


@pytest.fixture
def inside_of() -> type[Inside]:
    """A look inside of another service."""
    return Inside


class MediaProcess:
    """The service as a process of its own, which dies where a test says."""

    def __init__(self, environment: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        own = {"MEDIA_PORT": str(self.port), "MEDIA_ROLES": "http", "LOG_LEVEL": "ERROR"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "atelier.media", "serve"], env=os.environ | environment | own
        )

    async def ready(self, within: float = 60) -> None:
        """Wait until it answers."""
        async with asyncio.timeout(within), httpx.AsyncClient() as client:
            while True:
                try:
                    answer = await client.get(f"http://127.0.0.1:{self.port}/health/ready")
                    if answer.status_code == 200:
                        return
                except httpx.HTTPError:
                    await asyncio.sleep(0.05)

    async def died(self, within: float = 20) -> bool:
        """Whether it was killed by itself."""
        return await asyncio.to_thread(self._process.wait, within) == -signal.SIGKILL

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()


@pytest.fixture
async def start(media: Any, stack: Any) -> AsyncIterator[Callable[..., MediaProcess]]:
    """Start processes on the tested service's database and bucket."""
    started: list[MediaProcess] = []
    settings = media.settings
    environment = {
        "MEDIA_DATABASE_URL": settings.database_url.get_secret_value(),
        "INTERNAL_TOKEN_SECRET": settings.internal_token_secret.get_secret_value(),
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "CDN_URL": settings.cdn_url,
        "S3_ENDPOINT_URL": settings.s3_endpoint_url,
        "S3_BUCKET": settings.s3_bucket,
        "AWS_ACCESS_KEY_ID": settings.s3_access_key.get_secret_value(),
        "AWS_SECRET_ACCESS_KEY": settings.s3_secret_key.get_secret_value(),
    }

    def make(**more: str) -> MediaProcess:
        started.append(MediaProcess(environment | more))
        return started[-1]

    yield make
    for process in started:
        process.end()
