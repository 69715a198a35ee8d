"""A studio: somebody with a shooting, and what catalog has for its looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select

from atelier.contracts.background_presets import BackgroundFramingState, BackgroundPresetState
from atelier.contracts.envelope import Envelope
from atelier.contracts.media import StoredMedia
from atelier.contracts.model import Event
from atelier.contracts.organizations import Role
from atelier.contracts.products import ProductState
from atelier.contracts.resolution_presets import ResolutionPresetState
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.subjects import BaseImageState, SubjectState
from atelier.contracts.topics import TOPICS, Topics
from atelier.contracts.users import UserState
from atelier.runtime.auth import Principal
from atelier.runtime.tables import OutboxRow

SHOOTINGS = "/api/v1/shootings/"
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def picture(name: str = "cover") -> StoredMedia:
    """A stored picture."""
    return StoredMedia(
        id=uuid4(),
        created_at=NOW,
        resource_type="IMAGE",
        key=f"media/{name}-{uuid4()}/file.jpg",
        content_type="image/jpeg",
        content_hash="0" * 32,
        sha256="0" * 64,
        crc32=1,
        extension="jpg",
        file_size=1000,
        width=600,
        height=800,
    )


@dataclass(frozen=True)
class Told:
    """An event of the outbox, read back as a consumer would."""

    type: str
    version: int
    event: Event[Any]


@dataclass
class Studio:
    """Makes what catalog owns, for one tenant, and asks production as its user."""

    service: Any
    client: httpx.AsyncClient
    others: Any
    principal: Principal
    organization_id: UUID | None = None
    shot_types: list[ShotTypeState] = field(default_factory=list)

    def user(self) -> UserState:
        """The user, as identity knows them."""
        who = self.principal.user_id
        return self._own(UserState, {"id": who, "email": f"{who}@example.com", "owner_id": who})

    def product(self, **fields: Any) -> ProductState:
        """A product for women with cover and back image, unless said otherwise."""
        values = {"name": "Dress", "sku": f"SKU-{uuid4().hex[:8]}", "gender": "FEMALE"}
        pictures = {"cover_image": picture(), "back_image": picture("back")}
        return self._own(ProductState, values | pictures | fields)

    def subject(self, **fields: Any) -> SubjectState:
        """A woman who is ready, with base images for the shot types that there are."""
        bases = tuple(
            BaseImageState(id=uuid4(), shot_type_id=one.id, shot_type_label=one.name, image=picture("base"))
            for one in self.shot_types
        )
        values = {"name": "Ada", "slug": uuid4().hex, "age_class": "adult", "gender": "FEMALE"}
        values |= {"subject_type": "AI", "ready": True, "base_images": bases}
        return self._own(SubjectState, values | fields)

    def shot_type(self, name: str = "front_full_body", **fields: Any) -> ShotTypeState:
        """A public shot type; later subjects have a base image for it."""
        angle = "back" if name.startswith("back") else "front"
        values = {"name": name, "view_angle": angle, "framing": "full_body", "public": True}
        made = self._own(ShotTypeState, values | fields)
        self.shot_types.append(made)
        return made

    def background(self, **fields: Any) -> BackgroundPresetState:
        """A background preset with a picture for every framing."""
        framing = BackgroundFramingState(id=uuid4(), created_at=NOW, updated_at=NOW, image=picture("wall"))
        return self._own(BackgroundPresetState, {"name": "Wall", "framings": (framing,)} | fields)

    def resolution(self, width: int = 800, height: int = 1200, **fields: Any) -> ResolutionPresetState:
        """A resolution preset."""
        values = {"name": "Size", "width": width, "height": height}
        return self._own(ResolutionPresetState, values | fields)

    def _own(self, state: Any, values: dict[str, Any]) -> Any:
        mine = {"owner_id": self.principal.user_id, "organization_id": self.organization_id}
        made = state(**({"id": uuid4(), "created_at": NOW, "updated_at": NOW} | mine | values))
        self.others.own(made)
        return made

    async def shooting(self, **fields: Any) -> str:
        """A new shooting's id."""
        organization = str(self.organization_id) if self.organization_id else None
        body = {"name": "Spring", "due_date": "2030-03-01T09:00:00Z", "organization_id": organization}
        answer = await self.client.post(SHOOTINGS, json=body | fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def ask(self, shooting_id: str, **body: Any) -> httpx.Response:
        """Ask for looks."""
        return await self.client.post(f"{SHOOTINGS}{shooting_id}/looks", json=plain(body))

    async def looks(self, shooting_id: str, **body: Any) -> list[dict[str, Any]]:
        """Make looks."""
        answer = await self.ask(shooting_id, **body)
        assert answer.status_code == 201, answer.text
        return list(answer.json()["looks"])

    async def listed(self, shooting_id: str, query: str = "") -> dict[str, Any]:
        """The list of a shooting's looks."""
        answer = await self.client.get(f"{SHOOTINGS}{shooting_id}/looks?{query}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def read(self, shooting_id: str) -> dict[str, Any]:
        """The shooting with its looks."""
        return dict((await self.client.get(SHOOTINGS + shooting_id)).json())

    async def told(self, id_: str | UUID) -> list[Told]:
        """Every event of an aggregate, in version order; nothing relays here, so all are there."""
        statement = select(OutboxRow).where(OutboxRow.aggregate_id == UUID(str(id_)))
        async with self.service.sessions() as session:
            rows = (await session.execute(statement.order_by(OutboxRow.version))).scalars().all()
        return [_read(row) for row in rows]

    async def count(self, row: Any, **where: Any) -> int:
        """How many rows there are."""
        async with self.service.sessions() as session:
            return len((await session.execute(select(row.id).filter_by(**where))).all())


def _read(row: OutboxRow) -> Told:
    envelope = Envelope.from_headers([(name, value.encode()) for name, value in row.headers.items()])
    event = Topics(TOPICS).event(envelope.type)
    assert event is not None
    return Told(envelope.type, row.version, event.read(row.body))


def plain(value: Any) -> Any:
    """Ids and states in a body as their texts."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, UUID):
        return str(value)
    return str(value.id) if hasattr(value, "id") else value


@pytest.fixture
def studio_of(production: Any, client_for: Any, other_services: Any) -> Callable[..., Studio]:
    """Make a studio of a new user, personal or of an organization with that role."""

    def make(organization_id: UUID | None = None, role: Role = Role.MEMBER) -> Studio:
        organizations = {organization_id: role} if organization_id else {}
        principal = Principal(user_id=uuid4(), organizations=organizations)
        client = client_for(production, principal)
        return Studio(production, client, other_services, principal, organization_id)

    return make


@pytest.fixture
def studio(studio_of: Callable[..., Studio]) -> Studio:
    """A user's own studio."""
    return studio_of()
