"""Identity with a database of its own, and people in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pwdlib import PasswordHash
from sqlalchemy import select

from atelier.contracts.topics import TOPICS, Topics
from atelier.contracts.users import UserRegistered
from atelier.identity.bootstrap import declare
from atelier.identity.sessions import use_cases as sessions
from atelier.identity.settings import Settings
from atelier.identity.users.models import User
from atelier.runtime.auth import Principal
from atelier.runtime.clock import new_id
from atelier.runtime.request_context import Cause
from atelier.runtime.service import Service
from atelier.runtime.tables import OutboxRow

PASSWORD = "correct horse"
PASSWORD_HASH = PasswordHash.recommended().hash(PASSWORD)
ROOT_EMAIL, ROOT_PASSWORD = "root@example.com", "first password"


@dataclass(frozen=True)
class Person:
    """Somebody with a login: the password is PASSWORD."""

    id: UUID
    email: str
    client: httpx.AsyncClient
    session_id: UUID
    """The login that the client asks by."""


@dataclass(frozen=True)
class Told:
    """An event of the outbox."""

    type: str
    version: int
    body: Any
    organization_id: UUID | None


MakePerson = Callable[..., Awaitable[Person]]
EventsOf = Callable[[Any], Awaitable[list[Told]]]


@pytest.fixture(scope="module")
async def make_identity(make_service: Any) -> Callable[..., Awaitable[Service]]:
    """Make the service, its other parts at rest, as it is after its first start."""

    async def make(**settings: Any) -> Service:
        first = {"first_superuser_email": ROOT_EMAIL, "first_superuser_password": ROOT_PASSWORD}
        service: Service = await make_service(declare, Settings, **(first | settings))
        assert service.declaration.on_start is not None
        await service.declaration.on_start(service.units)
        return service

    return make


@pytest.fixture(scope="module")
async def identity(make_identity: Any) -> Service:
    """The service that the tests of a module share."""
    service: Service = await make_identity()
    return service


@pytest.fixture
def nobody(identity: Service, client_for: Any) -> httpx.AsyncClient:
    """A client without a token."""
    made: httpx.AsyncClient = client_for(identity, Principal.anonymous())
    return made


@pytest.fixture(scope="session")
def person_in(client_for: Any) -> MakePerson:
    """Make a user of a service, without HTTP, which would hash a password each time."""

    async def make(service: Service, **fields: Any) -> Person:
        async with service.units.begin(Cause("test")) as uow:
            values = {"email": f"{uuid4().hex}@example.com", "password_hash": PASSWORD_HASH} | fields
            user = User(id=new_id(), created_at=uow.now, updated_at=uow.now, **values)
            uow.add(user)
            uow.emit(user, UserRegistered)
            session_id = (await sessions.begin(uow, user.id, service.declaration.settings.lifetimes)).id
            await uow.commit()
        principal = Principal(user_id=user.id, superuser=user.is_superuser, session_id=session_id)
        return Person(user.id, user.email, client_for(service, principal), session_id)

    return make


@pytest.fixture(scope="module")
def person(identity: Service, person_in: MakePerson) -> MakePerson:
    """Make a user of the shared service, with a client that is signed in as them."""
    return partial(person_in, identity)


@pytest.fixture
async def root(person: MakePerson) -> Person:
    """A superuser."""
    return await person(is_superuser=True)


@pytest.fixture
def events_of(identity: Service) -> EventsOf:
    """Every event of an aggregate, in version order; nothing relays here, so all are there."""

    async def read(id_: Any) -> list[Told]:
        statement = select(OutboxRow).where(OutboxRow.aggregate_id == UUID(str(id_)))
        async with identity.sessions() as session:
            rows = (await session.execute(statement.order_by(OutboxRow.version))).scalars().all()
        return [_read(row) for row in rows]

    return read


def _read(row: OutboxRow) -> Told:
    kind = row.headers["ce_type"]
    event = Topics(TOPICS).event(kind)
    assert event is not None
    organization = row.headers.get("ce_organizationid")
    return Told(kind, row.version, event.read(row.body), UUID(organization) if organization else None)
