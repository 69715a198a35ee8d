"""The same with the real media service behind its port: what the stand-in of other tests stands for."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid5

import pytest
import uvicorn

from atelier.generation.backends.registry import Backends
from atelier.generation.generations.use_cases import MAKE
from atelier.media.bootstrap import declare as declare_media
from atelier.media.settings import Settings as MediaSettings
from atelier.runtime.service import Service
from darkroom.factories import FakeBackend
from darkroom.house import House


class Killed(BaseException):
    """As by kill -9: nothing that is written for failures sees it."""


@asynccontextmanager
async def listening(service: Service) -> AsyncIterator[str]:
    """The service's URL on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(service.app, lifespan="off", log_config=None))
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
        serving = asyncio.create_task(server.serve([listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.fixture(scope="module")
async def real_media(make_service: Any) -> Service:
    """Media."""
    service: Service = await make_service(declare_media, MediaSettings)
    return service


@pytest.fixture(scope="module")
async def both(make_house: Any, real_media: Service) -> AsyncIterator[House]:
    """Generation that asks media itself."""
    backend = FakeBackend()
    async with listening(real_media) as url:
        yield await make_house(Backends(backend, {backend.tool: backend}), backend, media_urls=(url,))


async def test_a_picture_is_taken_in_under_the_predictions_attachment(both: House, tee: Any) -> None:
    request = await both.request(tee, file_format="PNG")
    await both.finish()
    state = await both.state(request.id)
    assert state is not None
    assert state.status == "COMPLETED", state.predictions
    image = state.predictions[0].image
    assert image is not None
    assert (image.content_type, image.width, image.height) == ("image/png", 160, 240)
    assert len(await both.stored(image.key)) == image.file_size


async def test_a_repetition_after_a_kill_is_one_resource(
    both: House, real_media: Service, tee: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(*_: Any) -> None:
        raise Killed

    request = await both.request(tee, seed=1234)
    make = both.service.declaration.jobs_of(both.service)[MAKE]
    with monkeypatch.context() as patch:
        patch.setattr("atelier.generation.predictions.use_cases.complete", die)
        with pytest.raises(Killed):
            await make(await both.claim())
    await make(await both.claim())
    state = await both.state(request.id)
    assert state is not None
    image = state.predictions[0].image
    assert image is not None
    async with real_media.engine.connect() as connection:
        found = await connection.exec_driver_sql(
            "SELECT count(*) FROM media_resources WHERE sha256 = $1", (image.sha256,)
        )
        assert found.scalar_one() == 1
    assert state.predictions[0].id == uuid5(request.id, "0")
