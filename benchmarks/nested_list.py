"""The list of a shooting's looks: 50, each with 6 shots of 3 revisions with a picture each.

Baseline: the textbook, relations by selectinload into FastAPI's response model and encoder.
Contender: production's own operation as the gateway calls it, with its token, policy and count.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import orjson
import structlog
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from atelier.contracts.model import State
from atelier.contracts.products import ProductState
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.subjects import SubjectState
from atelier.contracts.users import UserState
from atelier.production.bootstrap import declare
from atelier.production.looks.models import Look
from atelier.production.progress import progress_of
from atelier.production.settings import Settings
from atelier.production.shootings.models import Shooting
from atelier.production.shots.models import Revision, RevisionImage, Shot
from atelier.runtime import replicas
from atelier.runtime.auth import InternalTokens, Principal
from atelier.runtime.clock import new_id
from atelier.runtime.database import create_engine
from atelier.runtime.migrating import migrate
from atelier.runtime.replicas import Versioned
from atelier.runtime.service import Service
from atelier.stack.testing import EmbeddedStack
from benchmarks import textbook_list
from benchmarks.harness import Contender, Row, Sample, compare
from benchmarks.house import database

LOOKS, SHOTS, REVISIONS = 50, 6, 3
SECONDS = 1.0
SECRET = "benchmark-" * 4
EXAMPLES = Path(__file__).parents[1] / "libs" / "contracts" / "examples"
S = TypeVar("S", bound=State)


@dataclass
class Archive:
    """Production with one full shooting, and another with one look in it."""

    service: Service
    user: UUID
    full: UUID = field(default_factory=new_id)
    single: UUID = field(default_factory=new_id)


async def run() -> list[Row]:
    """Lists per second."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    async with _production() as archive:
        textbook = textbook_list.application(archive.service.engine, archive.service.settings.cdn)
        naive = partial(_get, textbook, {})
        ours = partial(_get_signed_in, archive.service.app, archive.user)
        await _check(archive, naive, ours)
        return await compare(
            "nested list",
            Contender("selectinload, default encoder", partial(_load, partial(naive, archive.full))),
            [Contender("list of looks", partial(_load, partial(ours, archive.full)), bar=15)],
        )


async def _check(archive: Archive, naive: Get, ours: Get) -> None:
    """Both answer the same, and ours asks as often for fifty looks as for one."""
    full = orjson.loads(await ours(archive.full))
    assert full == orjson.loads(await naive(archive.full))
    assert full["count"] == len(full["data"]) == LOOKS
    with _statements(archive.service) as for_many:
        await ours(archive.full)
    with _statements(archive.service) as for_one:
        await ours(archive.single)
    assert len(for_many) == len(for_one), f"{len(for_many)} statements, {len(for_one)} for one look"


Get = Callable[[UUID], Any]
"""Gets the list of a shooting's looks, as bytes."""


async def _load(get: Callable[[], Any]) -> Sample:
    started, cpu, done = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() < started + SECONDS:
        await get()
        done += 1
    return Sample(done / (time.perf_counter() - started), done, time.process_time() - cpu)


async def _get(app: FastAPI, headers: Mapping[str, str], shooting_id: UUID) -> bytes:
    """As a server asks the application, without one between: the body of its answer."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": f"/api/v1/shootings/{shooting_id}/looks",
        "raw_path": f"/api/v1/shootings/{shooting_id}/looks".encode(),
        "query_string": b"limit=100",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "server": ("service", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
    }
    sent: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)  # type: ignore[arg-type]
    body = b"".join(message.get("body", b"") for message in sent)
    assert sent[0]["status"] == 200, body
    return body


async def _get_signed_in(app: FastAPI, user: UUID, shooting_id: UUID) -> bytes:
    """With a new token each time, as the gateway sends: one for the whole run expires on a busy machine."""
    return await _get(app, _signed_in(user), shooting_id)


def _signed_in(user: UUID) -> dict[str, str]:
    token = InternalTokens(SECRET, "gateway").mint(Principal(user_id=user))
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def _statements(service: Service) -> Any:
    """What the service's engine is asked."""
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    event.listen(service.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(service.engine.sync_engine, "before_cursor_execute", note)


@asynccontextmanager
async def _production() -> AsyncIterator[Archive]:
    with EmbeddedStack(parts=("postgres",)) as stack:
        settings = Settings(
            database_url=await database(stack),
            internal_token_secret=SECRET,
            kafka_bootstrap_servers="",
            cdn_url="https://cdn.example.com",
        )
        engine = create_engine(settings.database_url.get_secret_value(), name="benchmark")
        await migrate(engine, settings.migrations)
        await engine.dispose()
        archive = Archive(Service(declare(settings)), uuid4())
        try:
            await _fill(archive)
            yield archive
        finally:
            await archive.service.close()


async def _fill(archive: Archive) -> None:
    told = _Told(archive.user)
    async with async_sessionmaker(archive.service.engine).begin() as session:
        await replicas.upsert(session, [Versioned(1, state) for state in told.all()])
        for shooting_id, looks in ((archive.full, LOOKS), (archive.single, 1)):
            session.add(_shooting(shooting_id, archive.user))
            await session.flush()
            for number in range(looks):
                await _add_look(session, shooting_id, told, number)


class _Told:
    """What others told production of: the contracts' examples, as many as a shooting has."""

    def __init__(self, user: UUID) -> None:
        self.user = _example("UserRegistered", UserState, id=user)
        self.subject = _example("SubjectCreated", SubjectState)
        self.products = [_example("ProductCreated", ProductState, id=new_id()) for _ in range(LOOKS)]
        self.shot_types = [_example("ShotTypeCreated", ShotTypeState, id=new_id()) for _ in range(SHOTS)]

    def all(self) -> list[State]:
        """In the order in which they are written."""
        return [*self.products, *self.shot_types, self.subject, self.user]


def _example(name: str, state: type[S], **other: Any) -> S:
    told = orjson.loads((EXAMPLES / f"{name}.v1.json").read_bytes())
    return state.model_validate_json(orjson.dumps(told["payload"]["state"] | other))


def _shooting(id_: UUID, user: UUID) -> Shooting:
    now = datetime.now(UTC)
    return Shooting(id=id_, created_at=now, updated_at=now, owner_id=user, name="Spring")


async def _add_look(session: AsyncSession, shooting_id: UUID, told: _Told, number: int) -> None:
    now, owner = datetime.now(UTC), told.user.id
    product = told.products[number]
    look = Look(
        id=new_id(),
        created_at=now,
        updated_at=now,
        owner_id=owner,
        shooting_id=shooting_id,
        product_id=product.id,
        subject_id=told.subject.id,
        progress=progress_of("REVIEW"),
        shot_progress=progress_of("REVIEW"),
    )
    session.add(look)
    await session.flush()
    picture = product.cover_image
    assert picture is not None, "the example has one"
    for shot_type in told.shot_types:
        session.add(_shot(look, shot_type.id, picture.model_dump(mode="json")))
    await session.flush()


def _shot(look: Look, shot_type_id: UUID, picture: dict[str, Any]) -> Shot:
    id_ = new_id()
    revisions = [_revision(id_, look, version, picture) for version in range(1, REVISIONS + 1)]
    return Shot(
        id=id_,
        created_at=look.created_at,
        updated_at=look.created_at,
        owner_id=look.owner_id,
        shooting_id=look.shooting_id,
        look_id=look.id,
        product_id=look.product_id,
        subject_id=look.subject_id,
        shot_type_id=shot_type_id,
        status="REVIEW",
        current_revision_id=revisions[-1].id,
        revisions=revisions,
    )


def _revision(shot_id: UUID, look: Look, version: int, picture: dict[str, Any]) -> Revision:
    id_, made = new_id(), {"created_at": look.created_at, "updated_at": look.created_at}
    image = RevisionImage(
        **made,
        id=new_id(),
        revision_id=id_,
        position=0,
        source_type="PREDICTION",
        autogenerated=True,
        prediction_id=new_id(),
        image=picture,
    )
    return Revision(
        **made,
        id=id_,
        shot_id=shot_id,
        version=version,
        owner_id=look.owner_id,
        shot_status="REVIEW",
        images=[image],
    )
