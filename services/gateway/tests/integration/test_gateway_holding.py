"""A service that is half there, or restarts, hurts nobody who needn't be hurt."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from small_servers import answer, free_port, plain, until

from atelier.runtime.http.draining import DrainingServer

OPEN, RAW = "/api/v1/open", "/api/v1/raw"


async def never(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


@asynccontextmanager
async def replica(name: str, port: int = 0) -> AsyncIterator[str]:
    """A process of a service, as far as a client can see: it stops as the real ones do."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.005)
        await answer(send, 200, {"name": name})

    port = port or free_port()
    config = plain(app)
    config.port = port
    server = DrainingServer(config)
    serving = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving


@dataclass
class Load:
    """Clients that ask one request after the other on connections that are kept."""

    url: str
    method: str
    statuses: list[int] = field(default_factory=list)
    running: bool = True

    async def run(self, clients: int) -> None:
        async with aiohttp.ClientSession() as http:
            await asyncio.gather(*(self._client(http) for _ in range(clients)))

    async def _client(self, http: aiohttp.ClientSession) -> None:
        while self.running:
            async with http.request(self.method, self.url) as response:
                await response.read()
                self.statuses.append(response.status)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_rolling_restart_under_load_fails_no_request(another: Any, method: str) -> None:
    """Writes without an Idempotency-Key too: nothing here may be sent a second time."""
    async with AsyncExitStack() as first, AsyncExitStack() as second:
        ports = [free_port(), free_port()]
        urls = [
            await stack.enter_async_context(replica("old", port))
            for stack, port in zip((first, second), ports, strict=True)
        ]
        load = Load(await another(catalog_urls=",".join(urls)) + OPEN, method)
        loading = asyncio.create_task(load.run(clients=8))
        for stack, port in zip((first, second), ports, strict=True):
            asked = len(load.statuses)
            await until(lambda asked=asked: len(load.statuses) > asked + 50)
            await stack.aclose()
            await stack.enter_async_context(replica("new", port))
        asked = len(load.statuses)
        await until(lambda: len(load.statuses) > asked + 50)
        load.running = False
        await loading
    assert set(load.statuses) == {200}


async def test_one_of_two_that_dies_without_a_word_fails_no_read(door: Any, another: Any) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    url = await another(catalog_urls=f"{dead},{door.catalog.url}")
    for _ in range(20):
        async with door.http.get(url + OPEN) as response:
            assert response.status == 200


async def test_a_service_that_accepts_and_never_answers_is_504_then_503_and_others_go_on(
    door: Any, another: Any
) -> None:
    url = await another()
    door.production.behaviour = never
    began = time.perf_counter()
    hanging = [asyncio.create_task(status(door, url + RAW)) for _ in range(5)]
    for _ in range(10):
        assert await status(door, url + OPEN) == 200
    assert set(await asyncio.gather(*hanging)) == {504}
    assert time.perf_counter() - began < 3

    async def refused_at_once() -> bool:
        began = time.perf_counter()
        return await status(door, url + RAW) == 503 and time.perf_counter() - began < 0.3

    async with asyncio.timeout(10):
        while not await refused_at_once():
            await asyncio.sleep(0.05)
    assert await status(door, url + OPEN) == 200


async def test_it_is_asked_again_as_soon_as_it_speaks(door: Any, another: Any) -> None:
    port = free_port()
    url = await another(catalog_urls=f"http://127.0.0.1:{port}")
    assert [await status(door, url + OPEN) for _ in range(5)] == [503] * 5
    async with replica("new", port):
        async with asyncio.timeout(3):
            while await status(door, url + OPEN) != 200:
                await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("method", "login", "headers", "times"),
    [
        ("GET", False, {}, 2),
        ("POST", False, {}, 1),
        ("POST", False, {"Idempotency-Key": "k"}, 1),  # nobody's answers are kept
        ("POST", True, {"Idempotency-Key": "k"}, 2),
        ("POST", True, {}, 1),
        ("POST", True, {"Idempotency-Key": "k", "Content-Type": "application/x-www-form-urlencoded"}, 1),
        ("PUT", True, {"Idempotency-Key": "k"}, 1),
        ("DELETE", True, {"Idempotency-Key": "k"}, 1),
    ],
)
async def test_only_what_may_be_repeated_is_sent_again(
    door: Any, another: Any, method: str, login: bool, headers: dict[str, str], times: int
) -> None:
    seen: list[bytes] = []

    async def drop(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))

    door.production.behaviour = drop
    url = f"{await another()}{'/api/v1/secured' if login else RAW}"
    sent = {**headers, **(door.bearer() if login else {})}
    async with door.http.request(method, url, headers=sent, data=b"x" if method == "POST" else None) as said:
        assert said.status == 502
    asked = [request for request in seen if not request.startswith(b"GET /health")]  # no probes
    assert len(asked) == times
    assert len(set(asked)) == 1


async def test_a_read_that_broke_off_is_answered_by_another_connection(door: Any, another: Any) -> None:
    asked = [0]

    async def drop_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked[0] += 1
        if asked[0] > 1:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            await writer.drain()

    door.production.behaviour = drop_first
    assert await status(door, await another() + RAW) == 200


async def test_an_operation_may_have_a_smaller_body_limit(door: Any) -> None:
    async with door.http.post(f"{door.url}/api/v1/small", data=b"x" * 101) as response:
        assert response.status == 413
        assert "100 bytes" in (await response.json())["detail"]
    async with door.http.post(f"{door.url}/api/v1/small", data=b"x" * 100) as response:
        assert response.status == 200


async def status(door: Any, url: str) -> int:
    async with door.http.get(url) as response:
        await response.read()
        return int(response.status)
