"""Pictures in a folder, and a little gateway that answers as a test wants."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pyvips
from aiohttp import web

from atelier_client.logins import LOGIN
from demo.options import Login

ME = Login("root@example.com", "right")


def draw(file: Path, width: int = 30, height: int = 40) -> Path:
    """A small picture in the format of the file's ending."""
    image = pyvips.Image.black(width, height, bands=3).new_from_image([200, 90, 60])
    image.copy(interpretation="srgb").cast("uchar").write_to_file(str(file))
    return file


@dataclass
class Gateway:
    """Lets a person in, and answers everything else from a list, one after the other."""

    url: str = ""
    answers: list[web.Response | None] = field(default_factory=list)
    """None breaks the connection off without an answer."""
    asked: list[web.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def login(self, request: web.Request) -> web.Response:
        form = await request.post()
        if (form["username"], form["password"]) != (ME.email, ME.password):
            return web.json_response({"detail": "Wrong email or password."}, status=401)
        tokens = {"access_token": "a-token", "refresh_token": "another", "token_type": "bearer"}
        return web.json_response(tokens | {"expires_in": 43200})

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        self.bodies.append(await request.read())
        answer = self.answers.pop(0)
        if answer is None:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        return answer


@asynccontextmanager
async def served(gateway: Gateway) -> AsyncIterator[None]:
    """On a free port."""
    app = web.Application(client_max_size=2**24)
    app.router.add_post(LOGIN, gateway.login)
    app.router.add_route("*", "/{path:.*}", gateway.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    gateway.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield
    await runner.cleanup()


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    async with served(gateway):
        yield gateway


@pytest.fixture
def gateway_in_a_thread() -> Iterator[int]:
    """Its port, for a demo that runs a loop of its own."""
    loop, gateway, ready = asyncio.new_event_loop(), Gateway(), threading.Event()

    async def serve() -> None:
        async with served(gateway):
            ready.set()
            await stopping.wait()

    stopping = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(10)
    yield int(gateway.url.rpartition(":")[2])
    loop.call_soon_threadsafe(stopping.set)
    thread.join()
    loop.close()
