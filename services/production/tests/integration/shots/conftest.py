"""Shots to work on: a look in a shooting, what the other services know of it, and who may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select, text, update

from atelier.contracts.enums import (
    Gender,
    PredictionStatus,
    ProductGender,
    ShotTypeFraming,
    SubjectAgeClass,
    SubjectType,
    ViewAngle,
)
from atelier.contracts.envelope import Envelope
from atelier.contracts.generations import PredictionState
from atelier.contracts.model import Event, State
from atelier.contracts.organizations import Role
from atelier.contracts.products import ProductState
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.subjects import SubjectState
from atelier.contracts.topics import TOPICS, Topics
from atelier.contracts.users import UserState
from atelier.production import statuses
from atelier.production.bootstrap import declare
from atelier.production.looks.models import Look
from atelier.production.progress import progress_of
from atelier.production.settings import Settings
from atelier.production.shootings.models import Shooting
from atelier.production.shots import use_cases
from atelier.production.shots.models import Shot
from atelier.runtime import replicas
from atelier.runtime.auth import Principal
from atelier.runtime.clock import new_id
from atelier.runtime.replicas import Versioned
from atelier.runtime.request_context import Cause
from atelier.runtime.service import Service
from atelier.runtime.tables import OutboxRow

NOW = datetime(2030, 1, 1, tzinfo=UTC)
TIMES: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
SHOTS = "/api/v1/shots/"
S = TypeVar("S", bound=State)


@dataclass
class Studio:
    """Production with what others know, and a person whose shots are made here."""

    service: Service
    others: Any
    client_for: Callable[[Service, Principal], httpx.AsyncClient]
    organization: UUID = field(default_factory=uuid4)
    photographer: Principal = field(default_factory=lambda: Principal(user_id=uuid4()))
    product: ProductState = field(init=False)
    subject: SubjectState = field(init=False)

    def __post_init__(self) -> None:
        self.product, self.subject = self.a_product(), self.a_subject()
        self.a_user(self.photographer)

    @property
    def client(self) -> httpx.AsyncClient:
        """The photographer's client."""
        return self.of(self.photographer)

    def of(self, principal: Principal) -> httpx.AsyncClient:
        """A client signed in as that principal."""
        return self.client_for(self.service, principal)

    def member(self, role: Role) -> Principal:
        """Somebody else in the organization."""
        return self.a_user(Principal(user_id=uuid4(), organizations={self.organization: role}))

    def a_user(self, principal: Principal) -> Principal:
        """That principal, known to identity."""
        id_ = principal.user_id
        assert id_ is not None
        self._own(UserState(id=id_, owner_id=id_, email=f"{id_}@example.com", full_name="F", **TIMES))
        return principal

    def a_product(self, **fields: Any) -> ProductState:
        """One more product of the photographer."""
        known = {"name": "Coat", "sku": "C-1", "gender": ProductGender.FEMALE}
        owner = {"owner_id": self.photographer.user_id}
        return self._own(ProductState(id=new_id(), **TIMES, **(known | owner | fields)))

    def a_subject(self) -> SubjectState:
        """One more subject of the photographer."""
        return self._own(
            SubjectState(
                id=new_id(),
                owner_id=self.photographer.user_id,
                name="Ada",
                surname="Lake",
                slug="ada-lake",
                age_class=SubjectAgeClass.ADULT,
                gender=Gender.FEMALE,
                subject_type=SubjectType.AI,
                ready=True,
                **TIMES,
            )
        )

    def a_shot_type(self, name: str | None = None) -> ShotTypeState:
        """One more public shot type."""
        return self._own(
            ShotTypeState(
                id=new_id(),
                name=name or f"view {uuid4()}",
                view_angle=ViewAngle.FRONT,
                framing=ShotTypeFraming.FULL_BODY,
                public=True,
                **TIMES,
            )
        )

    def a_prediction(self, of_shot: UUID, **fields: Any) -> PredictionState:
        """A completed prediction of a shot, with its picture; or as the fields say."""
        image = self.others.media.keep(self.photographer.user_id, f"https://made.example.org/{uuid4()}.jpg")
        known = {"generation_id": uuid4(), "shot_id": of_shot, "seed": 7, "image": image}
        return self._own(
            PredictionState(id=new_id(), **TIMES, **({"status": PredictionStatus.COMPLETED} | known | fields))
        )

    def _own(self, state: S) -> S:
        self.others.own(state)
        return state

    async def plan(
        self,
        shot_types: Iterable[ShotTypeState] | None = None,
        *,
        product: ProductState | None = None,
        organization: UUID | None = None,
        owner: Principal | None = None,
    ) -> list[UUID]:
        """Shots of a new look in a new shooting, one for each shot type, personal or an organization's."""
        types = [self.a_shot_type()] if shot_types is None else list(shot_types)
        owner_id = (owner or self.photographer).user_id
        assert owner_id is not None
        async with self.service.units.begin(Cause(correlation_id="test")) as uow:
            whose: Any = {"owner_id": owner_id, "organization_id": organization}
            times: Any = {"created_at": uow.now, "updated_at": uow.now}
            shooting = Shooting(id=new_id(), name="Spring", **whose, **times)
            look = Look(
                id=new_id(),
                shooting_id=shooting.id,
                product_id=(product or self.product).id,
                subject_id=self.subject.id,
                progress=progress_of("PENDING"),
                shot_progress=progress_of("PENDING"),
                **whose,
                **times,
            )
            statuses.count_in(shooting, [look])
            uow.add(shooting)
            await uow.flush()
            uow.add(look)
            shots = use_cases.plan(uow, look, types)
            await uow.commit()
        return [shot.id for shot in shots]

    async def shot(self) -> UUID:
        """One personal shot of the photographer, PENDING."""
        (id_,) = await self.plan()
        return id_

    async def learn(self, *states: State) -> None:
        """Have these in production's replicas, as events would bring them there."""
        async with self.service.sessions.begin() as session:
            await replicas.upsert(session, replicas.newest(Versioned(1, state) for state in states))

    async def put_at(self, id_: UUID, status: str) -> None:
        """Give a shot a status behind the service's back."""
        async with self.service.sessions.begin() as session:
            await session.execute(update(Shot).where(Shot.id == id_).values(status=status))

    async def revise(self, id_: UUID, status: str, **fields: Any) -> dict[str, Any]:
        """A revision of the photographer's with one uploaded image."""
        answer = await self.client.post(f"{SHOTS}{id_}/revision", json=a_revision(status, **fields))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def read(self, id_: UUID) -> dict[str, Any]:
        """The shot as it is answered."""
        answer = await self.client.get(f"{SHOTS}{id_}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def told(self, id_: UUID) -> list[Event[Any]]:
        """Every event of a shot in version order, read back as a consumer would; nothing relays here."""
        statement = select(OutboxRow).where(OutboxRow.aggregate_id == id_).order_by(OutboxRow.version)
        async with self.service.sessions() as session:
            rows = (await session.execute(statement)).scalars().all()
        assert [row.version for row in rows] == list(range(1, len(rows) + 1))
        return [_read(row) for row in rows]

    async def count(self, table: str) -> int:
        """How many rows a table has."""
        async with self.service.sessions() as session:
            return int((await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


def _read(row: OutboxRow) -> Event[Any]:
    envelope = Envelope.from_headers([(name, value.encode()) for name, value in row.headers.items()])
    event = Topics(TOPICS).event(envelope.type)
    assert event is not None
    return event.model_validate_json(row.body)


def an_upload(**fields: Any) -> dict[str, Any]:
    """The body of an image at a public URL."""
    url = f"https://pictures.example.org/{uuid4()}.jpg"
    return {"source_type": "UPLOAD", "image_url": url} | fields


def a_revision(status: str, **fields: Any) -> dict[str, Any]:
    """The body of a revision with one uploaded image."""
    return {"shot_status": status, "images": [an_upload()]} | fields


@pytest.fixture(scope="module")
async def production(make_service: Any, other_services: Any) -> Service:
    """The service, its other parts at rest, with all services that it asks beside it."""
    names = ("identity", "catalog", "media", "generation")
    urls = {f"{name}_urls": (other_services.url,) for name in names}
    service: Service = await make_service(declare, Settings, **urls)
    return service


@pytest.fixture
def studio(production: Service, other_services: Any, client_for: Any) -> Studio:
    """A new photographer with nothing of theirs yet."""
    return Studio(production, other_services, client_for)


@pytest.fixture
def upload() -> Callable[..., dict[str, Any]]:
    """The body of an image at a public URL, with these fields."""
    return an_upload


@pytest.fixture
def revision() -> Callable[..., dict[str, Any]]:
    """The body of a revision with one uploaded image, with these fields."""
    return a_revision
