"""Generation with a database of its own, the real bucket, a stand-in of media, and backends to choose."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from atelier.contracts.media import StoredMedia
from atelier.generation.backends.registry import Backends
from atelier.generation.bootstrap import declare
from atelier.generation.settings import Settings
from atelier.runtime.storage import Storage
from darkroom import drawings
from darkroom.factories import FakeBackend
from darkroom.house import House, keep
from darkroom.media_stand_in import MediaStandIn

MakeHouse = Callable[..., Awaitable[House]]


@pytest.fixture(scope="session")
async def bucket(stack: Any) -> AsyncIterator[Storage]:
    """The real bucket."""
    ends = stack.endpoints
    where = {
        "s3_endpoint_url": ends.s3_endpoint_url,
        "s3_bucket": ends.s3_bucket,
        "s3_access_key": SecretStr(ends.s3_access_key),
        "s3_secret_key": SecretStr(ends.s3_secret_key),
    }
    storage = Storage(Settings.for_document().model_copy(update=where))
    yield storage
    await storage.close()


@pytest.fixture(scope="module")
async def media(stack: Any, bucket: Storage) -> AsyncIterator[MediaStandIn]:
    """A stand-in of media over the bucket, on a real port."""
    cdn_url = f"{stack.endpoints.s3_endpoint_url}/{stack.endpoints.s3_bucket}"
    stand_in = MediaStandIn(bucket, cdn_url)
    runner = web.AppRunner(stand_in.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stand_in.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield stand_in
    await runner.cleanup()


@pytest.fixture(scope="module")
async def make_house(
    make_service: Any,
    media: MediaStandIn,
    bucket: Storage,
    client_for: Any,
    other_services: Any,
    tmp_path_factory: Any,
) -> MakeHouse:
    """Make a service of generation with these backends; settings by name override the usual ones."""

    async def make(backends: Backends | None, backend: FakeBackend, **settings: Any) -> House:
        usual = {
            "media_urls": (media.url,),
            "catalog_urls": (other_services.url,),
            "first_retry_after": 0.01,
            "work_folder": tmp_path_factory.mktemp("work"),
        }
        service = await make_service(lambda made: declare(made, backends), Settings, **usual | settings)
        return House(service, backend, media, bucket, client_for)

    return make


@pytest.fixture(scope="module")
async def made_house(make_house: MakeHouse) -> House:
    """Generation with a backend that tests command."""
    backend = FakeBackend()
    return await make_house(Backends(backend, {backend.tool: backend}), backend, longest_input_bytes=1024**2)


@pytest.fixture
async def house(made_house: House) -> House:
    """The same, with nothing left of what other tests did to its neighbours."""
    await made_house.tidy()
    return made_house


@pytest.fixture(scope="session")
async def tee(bucket: Storage, tmp_path_factory: Any) -> StoredMedia:
    """A shirt on white paper, stored."""
    return await keep(bucket, drawings.tee(tmp_path_factory.mktemp("drawn") / "tee.jpg"))
