"""The rules of the house, held on every entity that has an owner: a new one is one more row of ENTITIES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select, text

from atelier.catalog import bootstrap as catalog
from atelier.catalog.products.models import Product
from atelier.catalog.resolution_presets.models import ResolutionPreset
from atelier.catalog.settings import Settings as CatalogSettings
from atelier.catalog.subjects.models import Subject
from atelier.contracts import products, resolution_presets, shootings, subjects
from atelier.contracts.envelope import Envelope
from atelier.contracts.model import Event, State
from atelier.contracts.organizations import OrganizationState, Role
from atelier.contracts.topics import TOPICS, Topics
from atelier.contracts.users import UserState
from atelier.production import bootstrap as production
from atelier.production.settings import Settings as ProductionSettings
from atelier.production.shootings.models import Shooting
from atelier.runtime.auth import Principal
from atelier.runtime.service import Declaration, Service
from atelier.runtime.settings import ServiceSettings
from atelier.runtime.tables import OutboxRow


@dataclass(frozen=True, kw_only=True)
class Entity:
    """What the rules need to know of an entity."""

    path: str
    declare: Callable[[Any], Declaration]
    settings: type[ServiceSettings]
    row: Any
    state: type[State]
    created: type[Event[Any]]
    updated: type[Event[Any]]
    deleted: type[Event[Any]] | None = None
    """Where there is a delete."""
    restored: type[Event[Any]] | None = None
    """Where a delete keeps the row and can be taken back."""
    listed: bool = True
    """Whether there is a list of them."""
    example: dict[str, Any]
    """A body, as it is answered."""
    pictures: dict[str, Any] = field(default_factory=dict)
    """What a new one needs besides, which media takes over."""
    change: dict[str, Any]
    """An update that changes something, as it is answered."""
    number: str | None = None
    """A field that holds a whole number."""
    update_methods: tuple[str, ...] = ("PUT",)
    slug: str | None = None
    """A field that is unique in a tenant."""
    further: frozenset[tuple[str, str]] = frozenset()
    """Operations of its own, as method and path behind the entity's; their service tests their rules."""

    @property
    def body(self) -> dict[str, Any]:
        """All that a new one needs."""
        return self.example | self.pictures


ENTITIES = [
    Entity(
        path="/api/v1/resolution-presets/",
        declare=catalog.declare,
        settings=CatalogSettings,
        row=ResolutionPreset,
        state=resolution_presets.ResolutionPresetState,
        created=resolution_presets.ResolutionPresetCreated,
        updated=resolution_presets.ResolutionPresetUpdated,
        deleted=resolution_presets.ResolutionPresetDeleted,
        restored=resolution_presets.ResolutionPresetRestored,
        example={"name": "Square", "width": 1024, "height": 1024},
        change={"width": 2048},
        number="width",
    ),
    Entity(
        path="/api/v1/shootings/",
        declare=production.declare,
        settings=ProductionSettings,
        row=Shooting,
        state=shootings.ShootingState,
        created=shootings.ShootingCreated,
        updated=shootings.ShootingUpdated,
        deleted=shootings.ShootingDeleted,
        example={"name": "Spring", "due_date": "2030-03-01T09:00:00Z"},
        change={"season": "SS30"},
        update_methods=("PUT", "PATCH"),
        further=frozenset(
            {
                ("GET", "summary"),
                ("POST", "{}/looks"),
                ("GET", "{}/looks"),
                ("GET", "{}/looks/{}"),
                ("DELETE", "{}/looks/{}"),
                ("GET", "looks/{}"),
                ("POST", "looks/{}/start-generations"),
            }
        ),
    ),
    Entity(
        path="/api/v1/products/",
        declare=catalog.declare,
        settings=CatalogSettings,
        row=Product,
        state=products.ProductState,
        created=products.ProductCreated,
        updated=products.ProductUpdated,
        deleted=products.ProductDeleted,
        listed=False,
        example={"name": "Shirt", "sku": "S-1", "year": 2030},
        pictures={"cover_image": "https://pictures.example.org/shirt.jpg"},
        change={"colour": "Ecru"},
        number="year",
        update_methods=("PUT", "PATCH"),
        further=frozenset({("PATCH", "{}/archived")}),
    ),
    Entity(
        path="/api/v1/subjects/",
        declare=catalog.declare,
        settings=CatalogSettings,
        row=Subject,
        state=subjects.SubjectState,
        created=subjects.SubjectCreated,
        updated=subjects.SubjectUpdated,
        listed=False,
        example={"name": "Anna", "age_class": "adult"},
        pictures={"cover_image": "https://pictures.example.org/anna.jpg"},
        change={"surname": "Smith"},
        slug="slug",
        further=frozenset((method, "{}/base_images") for method in ("POST", "GET", "DELETE")),
    ),
]


@dataclass
class Told:
    """An event of the outbox, read back as a consumer would."""

    topic: str
    envelope: Envelope
    event: Event[Any]


@dataclass
class House:
    """An entity's service, and the ways that tests look at it."""

    entity: Entity
    service: Service
    client_for: Callable[[Service, Principal], httpx.AsyncClient]

    def client(self, principal: Principal) -> httpx.AsyncClient:
        """A client signed in as that principal."""
        return self.client_for(self.service, principal)

    async def make(
        self, principal: Principal, organization: UUID | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Create one, of an organization or personal."""
        body = self.entity.body | {"organization_id": str(organization) if organization else None} | fields
        answer = await self.client(principal).post(self.entity.path, json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def known(self, method: str) -> str:
        """The method, or PUT where the entity has no operation with it."""
        known = {"GET", *self.entity.update_methods} | ({"DELETE"} if self.entity.deleted else set())
        return method if method in known else "PUT"

    async def row(self, id_: str | UUID) -> dict[str, Any] | None:
        """The row as it is in the database now."""
        table = self.entity.row.__table__
        async with self.service.sessions() as session:
            row = (await session.execute(select(table).where(table.c.id == UUID(str(id_))))).first()
        return dict(row._mapping) if row else None

    async def count(self, owner_id: UUID | None) -> int:
        """How many rows that user owns."""
        statement = select(self.entity.row.id).where(self.entity.row.owner_id == owner_id)
        async with self.service.sessions() as session:
            return len((await session.execute(statement)).all())

    async def told(self, id_: str | UUID) -> list[Told]:
        """Every event of an aggregate, in version order; nothing relays here, so all are there."""
        statement = select(OutboxRow).where(OutboxRow.aggregate_id == UUID(str(id_)))
        async with self.service.sessions() as session:
            rows = (await session.execute(statement.order_by(OutboxRow.version))).scalars().all()
        return [_read(row) for row in rows]

    async def execute(self, statement: str, **values: Any) -> None:
        """Change the database behind the service's back."""
        async with self.service.sessions.begin() as session:
            await session.execute(text(statement), values)


def _read(row: OutboxRow) -> Told:
    envelope = Envelope.from_headers([(name, value.encode()) for name, value in row.headers.items()])
    assert (envelope.subject, envelope.aggregate_version) == (row.aggregate_id, row.version)
    event = Topics(TOPICS).event(envelope.type)
    assert event is not None
    return Told(row.topic, envelope, event.read(row.body))


@dataclass
class Tenants:
    """Two organizations and everybody who could ask something; new ones for each test."""

    organization: UUID = field(default_factory=uuid4)
    other: UUID = field(default_factory=uuid4)
    people: dict[str, Principal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give each role to somebody."""
        self.people["nobody"] = Principal.anonymous()
        self.people["stranger"] = Principal(user_id=uuid4())
        self.people["other organization"] = Principal(user_id=uuid4(), organizations={self.other: Role.OWNER})
        for role in Role:
            self.people[role.value] = Principal(user_id=uuid4(), organizations={self.organization: role})
        self.people["superuser"] = Principal(user_id=uuid4(), superuser=True)

    def __getitem__(self, name: str) -> Principal:
        return self.people[name]


@pytest.fixture(scope="module", params=ENTITIES, ids=lambda entity: entity.state.kind)
def entity(request: pytest.FixtureRequest) -> Entity:
    """Each entity in turn."""
    found: Entity = request.param
    return found


@pytest.fixture(scope="module")
async def house(entity: Entity, make_service: Any, client_for: Any, other_services: Any) -> House:
    """The entity's service with a database of its own, and identity and media beside it."""
    return await _house(entity, make_service, client_for, other_services)


async def _house(entity: Entity, make_service: Any, client_for: Any, other_services: Any) -> House:
    urls = (other_services.url,)
    service = await make_service(entity.declare, entity.settings, identity_urls=urls, media_urls=urls)
    return House(entity, service, client_for)


def _some(which: Callable[[Entity], object]) -> Any:
    """A fixture of the houses of some entities only."""

    @pytest.fixture(scope="module", params=filter(which, ENTITIES), ids=lambda entity: entity.state.kind)
    async def made(
        request: pytest.FixtureRequest, make_service: Any, client_for: Any, other_services: Any
    ) -> House:
        return await _house(request.param, make_service, client_for, other_services)

    return made


deletable = _some(lambda entity: entity.deleted)
"""An entity that can be deleted."""
listed_house = _some(lambda entity: entity.listed)
"""An entity of which there are lists."""
soft_house = _some(lambda entity: entity.restored)
"""An entity whose row outlives its delete."""
numbers = _some(lambda entity: entity.number)
"""An entity with a whole number in it."""


@pytest.fixture
def tenants(other_services: Any) -> Tenants:
    """Two organizations that identity knows, with people in every role."""
    made = Tenants()
    now = datetime.now(UTC)
    for id_ in (made.organization, made.other):
        other_services.own(
            OrganizationState(id=id_, created_at=now, updated_at=now, name="Org", slug=str(id_))
        )
    for principal in made.people.values():
        if principal.user_id is not None:
            email = f"{principal.user_id}@example.com"
            other_services.own(UserState(id=principal.user_id, created_at=now, updated_at=now, email=email))
    return made
