"""A gateway on a real port, before real little HTTP servers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from small_servers import (
    Door,
    EchoService,
    IdentityService,
    RawService,
    free_port,
    plain,
    raw_server,
    served,
    settings_for,
    write_documents,
)

from atelier.gateway.bootstrap import build
from atelier.gateway.main import configuration


@pytest_asyncio.fixture(name="door", scope="session")
async def _door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    folder = tmp_path_factory.mktemp("documents")
    write_documents(folder)
    catalog, identity, production = EchoService(), IdentityService(), RawService()
    port = free_port()
    async with (
        served(plain(catalog), 0) as catalog.url,
        served(plain(identity), 0) as identity.url,
        raw_server(production),
    ):
        settings = settings_for(
            folder,
            port,
            # the first address refuses: nobody listens there
            catalog_urls=f"http://127.0.0.1:{free_port()},{catalog.url}",
            identity_urls=identity.url,
            production_urls=production.url,
        )
        async with (
            served(configuration(build(settings), settings), port) as url,
            aiohttp.ClientSession() as http,
        ):
            yield Door(url, settings, catalog, identity, production, http)


@pytest_asyncio.fixture(name="another", scope="session")
async def _another(door: Door) -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Start one more gateway before the same services, with other settings; its URL."""
    async with AsyncExitStack() as stack:

        async def start(**changes: Any) -> str:
            port = free_port()
            usual = {
                "catalog_urls": door.catalog.url,
                "identity_urls": door.identity.url,
                "production_urls": door.production.url,
                "identity_timeout_seconds": 5,  # a new gateway knows nobody yet
                "connect_timeout_seconds": 2,
            }
            settings = settings_for(door.settings.openapi_dir, port, **{**usual, **changes})
            return await stack.enter_async_context(served(configuration(build(settings), settings), port))

        yield start


@pytest.fixture(autouse=True)
def _as_in_the_beginning(door: Door) -> None:
    door.catalog.ready = True
    door.catalog.next_piece.clear()
    door.catalog.disconnected.clear()
    door.identity.superuser = False
    door.identity.active = True
    door.identity.slow = None
    door.identity.not_before = None
    door.production.behaviour = None


@pytest_asyncio.fixture
async def closed_production(door: Door) -> AsyncIterator[None]:
    """Nobody listens where production was; at the end somebody does again."""
    port = int(door.production.url.rpartition(":")[2])
    assert door.production.server is not None
    door.production.server.close()
    yield
    door.production.server = await asyncio.start_server(door.production, "127.0.0.1", port)


@pytest_asyncio.fixture(name="single", scope="session")
async def _single(door: Door) -> AsyncIterator[str]:
    """The URL of another gateway, with one address for each service."""
    port = free_port()
    urls = {
        "catalog_urls": door.catalog.url,
        "identity_urls": door.identity.url,
        "production_urls": door.production.url,
    }
    settings = settings_for(door.settings.openapi_dir, port, **urls)
    async with served(configuration(build(settings), settings), port) as url:
        yield url
