"""Export with a database and real pictures in real storage; production beside it as a stand-in."""

from __future__ import annotations

import asyncio
import hashlib
import io
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from aiohttp import web
from PIL import Image
from sqlalchemy import text

from atelier.contracts.deliverables import Deliverable, Deliverables
from atelier.contracts.enums import ShotStatus, ShotTypeFraming, ViewAngle
from atelier.contracts.looks import LookState
from atelier.contracts.media import StoredMedia
from atelier.contracts.products import ProductState
from atelier.contracts.shootings import ShootingState
from atelier.contracts.shot_types import ShotTypeState
from atelier.export.bootstrap import declare
from atelier.export.settings import Settings
from atelier.runtime.auth import InternalTokens, Principal
from atelier.runtime.authorization import Action, Ownership, allowed
from atelier.runtime.clock import new_id
from atelier.runtime.jobs import JobWorker
from atelier.runtime.service import Service
from atelier.runtime.storage import Storage

EXPORT = "/api/v1/products/export-approved-shots/async"
TASKS = "/api/v1/products/export-tasks"
ENDED = ("COMPLETED", "FAILED", "CANCELLED")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Production:
    """A stand-in for production's `/internal/deliverables`, on a real port; the rest others tell."""

    def __init__(self) -> None:
        self.url = ""
        self.tokens: InternalTokens | None = None
        """Reads who asks, once the service that asks is there."""
        self.away = False
        self.asked = 0
        self.shots: dict[UUID, Deliverable] = {}

    async def answer(self, request: web.Request) -> web.Response:
        """A page of what the principal may see, as production narrows it."""
        self.asked += 1
        if self.away:
            return web.Response(status=503)
        assert self.tokens is not None
        principal = self.tokens.read(request.headers["Authorization"].partition(" ")[2])
        asked = request.query
        found = [
            shot
            for id_, shot in sorted(self.shots.items())
            if allowed(principal, Action.READ, Ownership(shot.owner_id, shot.organization_id))
            and _matches(asked, shot)
            and ("after" not in asked or id_ > UUID(asked["after"]))
        ]
        limit = int(asked["limit"])
        after = found[limit - 1].shot_id if len(found) > limit else None
        page = Deliverables(data=tuple(found[:limit]), next_after=after)
        return web.Response(text=page.model_dump_json(), content_type="application/json")


def _matches(asked: Any, shot: Deliverable) -> bool:
    if asked.get("approved") == "true" and shot.status != ShotStatus.APPROVED:
        return False
    if "organization_id" in asked and str(shot.organization_id) != asked["organization_id"]:
        return False
    if "owner_id" in asked and (shot.organization_id or str(shot.owner_id) != asked["owner_id"]):
        return False
    for name, value in (("look_id", shot.look_id), ("shooting_id", shot.shooting_id)):
        if name in asked and str(value) != asked[name]:
            return False
    return all(
        name not in asked or str(value) in asked[name].split(",")
        for name, value in (("shot_ids", shot.shot_id), ("product_ids", shot.product_id))
    )


def picture(width: int = 64, height: int = 48, seed: int = 0, format_: str = "JPEG", **options: Any) -> bytes:
    """A real picture: colours that depend on the seed, with some detail."""
    small = Image.frombytes("RGB", (8, 6), hashlib.shake_256(str(seed).encode()).digest(8 * 6 * 3))
    written = io.BytesIO()
    small.resize((width, height), Image.Resampling.BICUBIC).save(written, format_, **options)
    return written.getvalue()


def _noise(width: int, height: int) -> bytes:
    written = io.BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(written, "JPEG", quality=90)
    return written.getvalue()


@dataclass
class World:
    """Export, what it asks, and one user with approved shots."""

    service: Service
    production: Production
    others: Any
    client_for: Callable[[Service, Principal], httpx.AsyncClient]
    user: Principal = field(default_factory=lambda: Principal(user_id=uuid4()))

    @property
    def storage(self) -> Storage:
        """The bucket."""
        assert self.service.declaration.storage is not None
        return self.service.declaration.storage

    @property
    def client(self) -> httpx.AsyncClient:
        """The user's client."""
        return self.client_for(self.service, self.user)

    def product(self, organization: UUID | None = None, **fields: Any) -> ProductState:
        """A product that catalog knows, the user's or an organization's."""
        values: dict[str, Any] = {"sku": f"SKU-{uuid4().hex[:8]}", "name": "Coat", "brand": "Acme"} | fields
        owned = {"owner_id": self.user.user_id, "organization_id": organization}
        product = ProductState(
            id=new_id(), created_at=NOW, updated_at=NOW, gender="UNISEX", **(owned | values)
        )
        self.others.own(product)
        return product

    async def media(self, body: bytes, extension: str = "jpg") -> StoredMedia:
        """A stored picture, as ingest would have left it."""
        id_ = new_id()
        key = f"media/{id_}/file.{extension}"
        await self.storage.put(key, body, f"image/{extension}")
        return StoredMedia(
            id=id_,
            created_at=NOW,
            resource_type="IMAGE",
            key=key,
            content_type=f"image/{extension}",
            content_hash=hashlib.md5(body).hexdigest(),
            sha256=hashlib.sha256(body).hexdigest(),
            crc32=zlib.crc32(body),
            extension=extension,
            file_size=len(body),
        )

    async def shot(self, product: ProductState, body: bytes | None = None, **fields: Any) -> Deliverable:
        """An approved shot of a product, with a picture of its own."""
        id_ = new_id()
        values: dict[str, Any] = {
            "status": "APPROVED",
            "revision_id": new_id(),
            "revision_version": 1,
            "shooting_id": new_id(),
            "look_id": new_id(),
            "owner_id": product.owner_id,
            "organization_id": product.organization_id,
            "product": product,
            "shot_type": _shot_type(),
        } | fields
        if "image" not in values:
            values["image"] = await self.media(body or picture(seed=id_.int % 2**32))
        shot = Deliverable(
            shot_id=id_,
            product_id=product.id,
            shooting_name="Spring",
            shot_type_id=new_id(),
            subject_name="Ada",
            **values,
        )
        self.production.shots[id_] = shot
        return shot

    def shooting(self, organization: UUID | None = None) -> ShootingState:
        """A shooting that production knows."""
        state = ShootingState(
            id=new_id(),
            created_at=NOW,
            updated_at=NOW,
            owner_id=self.user.user_id,
            organization_id=organization,
            name="Spring",
        )
        self.others.own(state)
        return state

    def look(self, product: ProductState, shooting_id: UUID | None = None) -> LookState:
        """A look that production knows."""
        state = LookState(
            id=new_id(),
            created_at=NOW,
            updated_at=NOW,
            owner_id=product.owner_id,
            organization_id=product.organization_id,
            shooting_id=shooting_id or new_id(),
            product_id=product.id,
            subject_id=new_id(),
            status="READY",
        )
        self.others.own(state)
        return state

    async def ask(self, *products: ProductState, **body: Any) -> dict[str, Any]:
        """Ask for an export of these products."""
        ids = {"product_ids": [str(product.id) for product in products]} if products else {}
        answer = await self.client.post(EXPORT, json=ids | body)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    async def task(self, id_: str) -> dict[str, Any]:
        """The task as its owner sees it now."""
        answer = await self.client.get(f"{TASKS}/{id_}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def ended(self, id_: str, within: float = 60) -> dict[str, Any]:
        """The task once it has ended."""

        async def look() -> dict[str, Any] | None:
            task = await self.task(id_)
            return task if task["status"] in ENDED else None

        return await _until(look, within)

    async def archive(self, id_: str) -> tuple[bytes, str]:
        """Download the task's archive: its bytes, and where they were."""
        answer = await self.client.get(f"{TASKS}/{id_}/download")
        assert answer.status_code == 307, answer.text
        async with httpx.AsyncClient() as anybody:
            stored = await anybody.get(answer.headers["location"])
        assert stored.status_code == 200, stored.text
        return stored.content, answer.headers["location"]

    async def sql(self, statement: str, **values: Any) -> list[Any]:
        """Look into the database, or change it behind the service's back."""
        async with self.service.sessions.begin() as session:
            result = await session.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []

    async def job(self, kind: str, key: str) -> Any:
        """A job's row."""
        found = await self.sql("SELECT * FROM jobs WHERE kind = :kind AND key = :key", kind=kind, key=key)
        return found[0] if found else None

    async def hurry(self, kind: str, key: str) -> None:
        """Let a delayed job be due now."""
        await self.sql("UPDATE jobs SET run_at = now() WHERE kind = :kind AND key = :key", kind=kind, key=key)

    async def finished(self, kind: str, key: str, within: float = 60) -> None:
        """Wait until a job is done."""

        async def look() -> bool:
            job = await self.job(kind, key)
            return job is not None and job.finished_at is not None

        await _until(look, within)

    async def left(self, id_: str) -> list[str]:
        """Objects and unfinished uploads of a task."""
        prefix = f"exports/{id_}/"
        uploads = [f"upload of {one.key}" async for one in self.storage.unfinished(prefix)]
        return uploads + [one.key async for one in self.storage.list(prefix)]

    async def told(self, id_: str) -> list[str]:
        """The types of the task's events, in order."""
        rows = await self.sql(
            "SELECT headers->>'ce_type' AS type FROM outbox WHERE aggregate_id = :id ORDER BY version",
            id=UUID(id_),
        )
        return [row.type for row in rows]


def _shot_type() -> ShotTypeState:
    return ShotTypeState(
        id=new_id(),
        created_at=NOW,
        updated_at=NOW,
        public=True,
        name="front_full_body",
        view_angle=ViewAngle.FRONT,
        framing=ShotTypeFraming.FULL_BODY,
    )


async def _until(look: Callable[[], Awaitable[Any]], within: float = 60) -> Any:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if found := await look():
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"nothing within {within} s")


@pytest.fixture(scope="module")
async def production(other_services: Any) -> AsyncIterator[Production]:
    """Production's stand-in."""
    made = Production()
    app = web.Application()
    app.router.add_get("/internal/deliverables", made.answer)
    app.router.add_get("/internal/{kind}", other_services.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture(scope="module")
async def export(make_service: Any, other_services: Any, production: Production) -> Service:
    """The service, its other parts at rest."""
    urls = (other_services.url,)
    service: Service = await make_service(
        declare, Settings, identity_urls=urls, catalog_urls=urls, production_urls=(production.url,)
    )
    production.tokens = service.tokens
    return service


@pytest.fixture
def world(export: Service, production: Production, other_services: Any, client_for: Any) -> World:
    """A new user, with nothing of theirs yet."""
    production.away = False
    return World(export, production, other_services, client_for)


@pytest.fixture(scope="session")
def noise() -> Callable[[int, int], bytes]:
    """Make a JPEG that takes long to convert, for every pixel is another."""
    return _noise


@pytest.fixture(scope="session")
def until() -> Callable[..., Awaitable[Any]]:
    """What an asynchronous look finds, once it finds something; fails after 60 s or `within`."""
    return _until


@pytest.fixture(scope="session")
def worker_of() -> Callable[[Service], JobWorker]:
    """One more worker of a service's jobs; whoever makes it runs and stops it."""
    return _worker_of


def _worker_of(service: Service) -> JobWorker:
    return JobWorker(
        sessions=service.sessions,
        units=service.units,
        handlers=service.declaration.jobs,
        lease=timedelta(seconds=60),
        poll=0.05,
        slots=4,
    )


@pytest.fixture
async def working(export: Service) -> AsyncIterator[JobWorker]:
    """A worker that runs the jobs while the test does."""
    worker = _worker_of(export)
    running = asyncio.create_task(worker.run())
    yield worker
    await worker.stop()
    await running
