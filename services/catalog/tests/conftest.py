"""Catalog with a database of its own, the services that it asks, and people who use it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select

from atelier.catalog.bootstrap import declare
from atelier.catalog.first_start import first_start
from atelier.catalog.settings import Settings
from atelier.contracts.enums import DefaultShotTypes
from atelier.contracts.envelope import Envelope
from atelier.contracts.model import Event
from atelier.contracts.organizations import Role
from atelier.contracts.topics import TOPICS, Topics
from atelier.runtime.auth import Principal
from atelier.runtime.service import Service
from atelier.runtime.tables import OutboxRow

Body = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
async def catalog(make_service: Any, other_services: Any) -> Service:
    """The service as it is after its first start, its other parts at rest."""
    urls = (other_services.url,)
    service: Service = await make_service(declare, Settings, identity_urls=urls, media_urls=urls)
    await first_start(service.units)
    return service


@pytest.fixture
def client(catalog: Service, client_for: Any) -> httpx.AsyncClient:
    """A new user's client, with nothing of theirs yet."""
    made: httpx.AsyncClient = client_for(catalog, Principal(user_id=uuid4()))
    return made


@pytest.fixture
def administrator(catalog: Service, client_for: Any) -> httpx.AsyncClient:
    """A superuser's client."""
    made: httpx.AsyncClient = client_for(catalog, Principal(user_id=uuid4(), superuser=True))
    return made


@dataclass
class Organization:
    """An organization and its people, a client each."""

    client_of: Callable[[Principal], httpx.AsyncClient]
    id: UUID = field(default_factory=uuid4)
    users: dict[Role, UUID] = field(default_factory=lambda: {role: uuid4() for role in Role})

    def __getitem__(self, role: Role) -> httpx.AsyncClient:
        return self.client_of(Principal(user_id=self.users[role], organizations={self.id: role}))


@pytest.fixture
def organization(catalog: Service, client_for: Any) -> Organization:
    """A new organization with somebody in each role."""
    return Organization(lambda principal: client_for(catalog, principal))


@pytest.fixture
def told(catalog: Service) -> Any:
    """Every event of an aggregate so far, in version order; nothing relays here, so all are there."""

    async def of(id_: str) -> list[Event[Any]]:
        statement = select(OutboxRow).where(OutboxRow.aggregate_id == UUID(id_))
        async with catalog.sessions() as session:
            rows = (await session.execute(statement.order_by(OutboxRow.version))).scalars().all()
        return [_read(row) for row in rows]

    return of


def _read(row: OutboxRow) -> Event[Any]:
    envelope = Envelope.from_headers([(name, value.encode()) for name, value in row.headers.items()])
    event = Topics(TOPICS).event(envelope.type)
    assert event is not None
    return event.read(row.body)


@pytest.fixture
def picture() -> Callable[[], str]:
    """Make the address of a picture that nobody had before."""
    return lambda: f"https://pictures.example.org/{uuid4()}.jpg"


@pytest.fixture(scope="module")
async def shot_types(catalog: Service, client_for: Any) -> dict[str, str]:
    """Ids of the standard shot types by name."""
    client = client_for(catalog, Principal(user_id=uuid4()))
    answer = await client.get("/api/v1/shot-types/", params={"include_public": True})
    assert answer.json()["count"] == len(DefaultShotTypes)
    return {one["name"]: one["id"] for one in answer.json()["data"]}


@pytest.fixture
def preset() -> Body:
    """The body of a resolution preset, with these fields."""

    def make(**fields: Any) -> dict[str, Any]:
        return {"name": "Portrait 4:5", "width": 1080, "height": 1350} | fields

    return make


@pytest.fixture
def background(picture: Any) -> Body:
    """The body of a background preset, with these fields."""

    def make(**fields: Any) -> dict[str, Any]:
        return {"name": "Studio grey", "framings": [{"image": picture()}]} | fields

    return make


@pytest.fixture
def product(picture: Any) -> Body:
    """The body of a product, with these fields."""

    def make(**fields: Any) -> dict[str, Any]:
        return {"name": "Linen shirt", "sku": "LS-1", "cover_image": picture()} | fields

    return make


@pytest.fixture
def subject(picture: Any) -> Body:
    """The body of a subject, with these fields."""

    def make(**fields: Any) -> dict[str, Any]:
        return {"name": "Anna", "age_class": "adult", "cover_image": picture()} | fields

    return make
