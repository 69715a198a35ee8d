"""Fixtures for every package's tests: real parts, a migrated database a service, services in this process.

service = await make_service(declare, Settings)         # a fresh database of its own
client = client_for(service, Principal(user_id=...))    # HTTP without a socket, signed in
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import structlog
from aiohttp import web
from other_services import OtherServices
from xdist.scheduler import LoadFileScheduling

from atelier.runtime.auth import InternalTokens, Principal
from atelier.runtime.database import create_engine
from atelier.runtime.migrating import migrate
from atelier.runtime.service import Declaration, Service
from atelier.runtime.settings import ServiceSettings
from atelier.stack.testing import EmbeddedStack

pytest_plugins = ["atelier.stack.pytest_plugin"]

# structlog's own default draws every local variable of a traceback, which takes seconds
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
    ]
)

SECRET = uuid4().hex
HURTING = ("test_kill.py", "test_persistence.py", "test_road_kill.py", "test_service_away.py")
"""Files of the house's tests that stop and kill what they test."""

MakeDatabase = Callable[..., Awaitable[str]]
MakeMigrated = Callable[[type[ServiceSettings]], Awaitable[str]]
MakeService = Callable[..., Awaitable[Service]]
ClientFor = Callable[[Service, Principal], httpx.AsyncClient]


class HouseScheduling(LoadFileScheduling):  # type: ignore[misc]  # xdist isn't typed
    """A file's tests stay in one worker, and so do all that share a running house: it starts once."""

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        if file.parent != Path("tests/house"):
            return str(file)
        return "hurt house" if file.name in HURTING else "house"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> HouseScheduling:
    """Instead of the one that `--dist` names."""
    return HouseScheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name what failed at once: the summary is lost where the whole run is killed."""
    if report.failed and not os.environ.get("PYTEST_XDIST_WORKER"):
        said = getattr(report.longrepr, "reprcrash", None)
        sys.stderr.write(f"\nfailed in {report.when}: {report.nodeid}: {said}\n")


@pytest.fixture(scope="session")
def stack(embedded_stack: EmbeddedStack) -> EmbeddedStack:
    """Real PostgreSQL, Kafka and S3 for this test process."""
    return embedded_stack


@pytest.fixture(scope="session")
def make_database(stack: EmbeddedStack) -> MakeDatabase:
    """Make a database, empty or as another one of that name is, and get its URL; it goes with the stack."""

    async def make(template: str = "template1") -> str:
        name = f"test_{uuid4().hex}"
        admin = await asyncpg.connect(stack.endpoints.postgres_admin_url)
        try:
            await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        finally:
            await admin.close()
        return stack.endpoints.postgres_admin_url.rpartition("/")[0] + f"/{name}"

    return make


@pytest.fixture(scope="session")
def make_migrated(make_database: MakeDatabase) -> MakeMigrated:
    """Make a database as a service's migrations leave it. They run once a service; the rest are copies."""
    templates: dict[Path, str] = {}

    async def make(settings: type[ServiceSettings]) -> str:
        if settings.migrations not in templates:
            url = await make_database()
            engine = create_engine(url, name="template")
            await migrate(engine, settings.migrations)
            await engine.dispose()
            templates[settings.migrations] = url.rpartition("/")[2]
        return await make_database(templates[settings.migrations])

    return make


@pytest.fixture(scope="module")
async def make_service(stack: EmbeddedStack, make_migrated: MakeMigrated) -> AsyncIterator[MakeService]:
    """Make a service with a migrated database; settings by name override what tests usually have.

    Nothing of it runs but what a test calls: no relay, no consumer, no worker.
    """
    services: list[Service] = []

    async def make(
        declare: Callable[[Any], Declaration], settings: type[ServiceSettings], **overrides: Any
    ) -> Service:
        values = {
            "database_url": overrides.get("database_url") or await make_migrated(settings),
            "internal_token_secret": SECRET,
            "kafka_bootstrap_servers": stack.endpoints.kafka_bootstrap_servers,
            "internal_deadline": "PT3S",  # the stand-ins share a process, and a machine, with the tests
            "cdn_url": f"{stack.endpoints.s3_endpoint_url}/{stack.endpoints.s3_bucket}",
            "s3_endpoint_url": stack.endpoints.s3_endpoint_url,
            "s3_bucket": stack.endpoints.s3_bucket,
            "s3_access_key": stack.endpoints.s3_access_key,
            "s3_secret_key": stack.endpoints.s3_secret_key,
        }
        service = Service(declare(settings.model_validate(values | overrides)))
        services.append(service)
        if "database_url" in overrides:
            await migrate(service.engine, service.declaration.migrations)
        return service

    yield make
    for service in services:
        await service.close()


@pytest.fixture(scope="session")
def internal_secret() -> str:
    """What tokens between the tested services are signed with."""
    return SECRET


class SignedIn(httpx.Auth):
    """An internal token on each request, as the gateway would put it there: fresh, they live for a minute."""

    def __init__(self, principal: Principal) -> None:
        self._principal = principal
        self._tokens = InternalTokens(SECRET, "gateway")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Sign the request in."""
        request.headers["Authorization"] = f"Bearer {self._tokens.mint(self._principal)}"
        yield request


@pytest.fixture(scope="session")
def client_for() -> ClientFor:
    """Make a client of a service, signed in as a principal; `Principal.anonymous()` sends no token."""

    def make(service: Service, principal: Principal) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
        auth = None if principal == Principal.anonymous() else SignedIn(principal)
        return httpx.AsyncClient(transport=transport, base_url="http://service", auth=auth)

    return make


@pytest.fixture(scope="session")
async def other_services() -> AsyncIterator[OtherServices]:
    """A stand-in for the services that a tested one asks; its URL goes into `identity_urls`,
    `media_urls` and the like."""
    others = OtherServices(SECRET)
    runner = web.AppRunner(others.application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    others.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield others
    await runner.cleanup()
