"""A house as its clients have it: people who sign in at the gateway. And what an operator may look at."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg
import httpx

from atelier.contracts.organizations import Role
from atelier.runtime.auth import InternalTokens, Principal
from atelier.stack.testing import SupervisedStack

T = TypeVar("T")

PRESETS = "/api/v1/resolution-presets/"
SHOOTINGS = "/api/v1/shootings/"
USERS = "/api/v1/users/"
ORGANIZATIONS = "/api/v1/organizations/"
LOGIN = "/api/v1/login/access-token"

ROOT_EMAIL, ROOT_PASSWORD = "root@example.com", uuid4().hex
FIRST_LOGIN = {"FIRST_SUPERUSER_EMAIL": ROOT_EMAIL, "FIRST_SUPERUSER_PASSWORD": ROOT_PASSWORD}


async def eventually(ask: Callable[[], Awaitable[T]], within: float = 20.0) -> T:
    """Ask again and again until the answer is true, and return it; AssertionError when it is late."""
    deadline = time.monotonic() + within
    while not (answer := await ask()):
        assert time.monotonic() < deadline, f"not within {within:g} s, {answer!r} instead"
        await asyncio.sleep(0.02)
    return answer


@dataclass(frozen=True)
class Person:
    """Somebody with a login, and a client that sends their token."""

    id: str
    email: str
    token: str
    http: httpx.AsyncClient

    async def make(self, path: str, **body: Any) -> dict[str, Any]:
        """Create something that must be possible; its answer."""
        answer = await self.http.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def preset(self, organization: str | None = None, **fields: Any) -> dict[str, Any]:
        """Create a resolution preset, of an organization or personal."""
        body = {"name": f"Square {uuid4()}", "width": 1024, "height": 1024, "organization_id": organization}
        return await self.make(PRESETS, **body | fields)

    async def shooting(self, organization: str | None = None, **fields: Any) -> dict[str, Any]:
        """Plan a shooting, of an organization or personal."""
        due = "2030-03-01T09:00:00Z"
        body = {"name": f"Spring {uuid4()}", "due_date": due, "organization_id": organization}
        return await self.make(SHOOTINGS, **body | fields)


class House:
    """A running stack, asked over HTTP as anybody would, and looked into where a test must know."""

    def __init__(self, stack: SupervisedStack) -> None:
        self.stack = stack
        self._clients: list[httpx.AsyncClient] = []

    def client(self, token: str | None = None, **headers: str) -> httpx.AsyncClient:
        """A client of the gateway; it is closed with the house."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        client = httpx.AsyncClient(base_url=self.stack.gateway_url, headers=headers, timeout=40)
        self._clients.append(client)
        return client

    async def sign_in(self, email: str, password: str) -> Person:
        """Log in; the person that it is."""
        answer = await self.client().post(LOGIN, data={"username": email, "password": password})
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
        http = self.client(token)
        me = await http.get(f"{USERS}me")
        return Person(me.json()["id"], email, token, http)

    async def root(self) -> Person:
        """The first superuser."""
        return await self.sign_in(ROOT_EMAIL, ROOT_PASSWORD)

    async def person(self, root: Person, name: str = "somebody", **fields: Any) -> Person:
        """Register somebody new and log them in."""
        email, password = f"{name}.{uuid4()}@example.com", uuid4().hex
        await root.make(USERS, email=email, password=password, **fields)
        return await self.sign_in(email, password)

    async def fetch(self, service: str, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Ask a service's database."""
        async with self.database(service) as connection:
            return list(await connection.fetch(statement, *values))

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        """A connection to a service's database, as the service itself."""
        url = self.stack.service_environment(service)[f"{service.upper()}_DATABASE_URL"]
        connection = await asyncpg.connect(url)
        try:
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def inside(self, service: str, principal: Principal | None) -> AsyncIterator[httpx.AsyncClient]:
        """A client of a service's internal port, with an internal token or without any."""
        environment = self.stack.service_environment(service)
        headers = {}
        if principal is not None:
            token = InternalTokens(environment["INTERNAL_TOKEN_SECRET"], "gateway").mint(principal)
            headers["Authorization"] = f"Bearer {token}"
        url = environment[f"{service.upper()}_URLS"]
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=40) as client:
            yield client

    async def command(self, service: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of a service's own commands beside the stack."""
        return await asyncio.to_thread(
            subprocess.run,
            (sys.executable, "-m", "atelier.stack", "exec", service, "--", *arguments),
            env=self.stack.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    async def replicas_are_as_their_owners(self, within: float = 30.0) -> None:
        """Production's own check finds nothing missing, stale or extra, now or soon."""

        async def check() -> bool:
            return (await self.command("production", "replicas", "check")).returncode == 0

        await eventually(check, within)

    async def close(self) -> None:
        """Close all clients."""
        for client in self._clients:
            await client.aclose()


@dataclass
class Tenant:
    """An organization and its people by role."""

    id: str
    people: dict[str, Person] = field(default_factory=dict)

    def __getitem__(self, role: str) -> Person:
        return self.people[role]


async def make_tenant(house: House, root: Person, name: str) -> Tenant:
    """A new organization with somebody in each role."""
    people = dict(zip(Role, await asyncio.gather(*(house.person(root, role) for role in Role)), strict=True))
    owner = people[Role.OWNER]
    made = await owner.make(ORGANIZATIONS, name=name, slug=f"tenant-{uuid4()}")
    for role in (Role.VIEWER, Role.MEMBER, Role.ADMIN):
        await owner.make(f"{ORGANIZATIONS}{made['id']}/members", user_id=people[role].id, role=role)
    return Tenant(made["id"], {role.value: person for role, person in people.items()})


def principal(person: Person, **organizations: Role) -> Principal:
    """What an internal token says of that person."""
    return Principal(user_id=UUID(person.id), organizations={UUID(k): v for k, v in organizations.items()})


def refused(answer: httpx.Response, status: int) -> None:
    """The documented error: that status, `{detail}`, a request id, no trace of the inside."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:300]}"
    body = answer.json()
    assert body.keys() == {"detail"}
    assert answer.headers["X-Request-ID"]
    if isinstance(body["detail"], list):
        assert all(problem.keys() == {"loc", "msg", "type"} for problem in body["detail"])
    assert "Traceback" not in answer.text
    if status == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"
