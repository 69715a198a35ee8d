"""Commands to another service: answered, refused or given up in time, and never sent twice unseen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest
from aiohttp import web

from atelier.contracts.topics import TOPICS, Topics
from atelier.runtime.auth import InternalTokens, Principal
from atelier.runtime.errors import UnavailableError
from atelier.runtime.internal_client import InternalClient, RefusedError

SOMEBODY = Principal(user_id=uuid4())


class Other:
    """A service that does what a test tells it to."""

    def __init__(self, secret: str) -> None:
        self.seen: list[web.Request] = []
        self.answer: Callable[[web.Request], Awaitable[web.Response]] = self.echo
        self.url = ""
        self.ending = asyncio.Event()
        self._tokens = InternalTokens(secret, "other")

    async def echo(self, request: web.Request) -> web.Response:
        """The body, and who asks."""
        who = self._tokens.read(request.headers["Authorization"].removeprefix("Bearer "))
        return web.json_response({"body": await request.json(), "by": str(who.user_id)})

    async def handle(self, request: web.Request) -> web.Response:
        """Note the request and answer it."""
        self.seen.append(request)
        return await self.answer(request)


@pytest.fixture
async def other(internal_secret: str) -> AsyncIterator[Other]:
    other = Other(internal_secret)
    app = web.Application()
    app.router.add_post("/internal/do", other.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    other.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield other
    other.ending.set()
    await runner.cleanup()


@pytest.fixture
async def client(other: Other, internal_secret: str) -> AsyncIterator[InternalClient]:
    client = InternalClient(
        urls_of=lambda _: [other.url], tokens=InternalTokens(internal_secret, "test"), topics=Topics(TOPICS)
    )
    yield client
    await client.close()


async def test_a_command_is_sent_in_the_callers_name(client: InternalClient) -> None:
    answer = await client.post("other", "/internal/do", {"id": uuid4()}, SOMEBODY, within=5)
    assert answer["by"] == str(SOMEBODY.user_id)


@pytest.mark.parametrize(
    ("text", "detail"),
    [('{"detail": [{"loc": ["body"]}]}', [{"loc": ["body"]}]), ("nothing to parse", "nothing to parse")],
)
async def test_a_refusal_is_told_as_it_is(
    client: InternalClient, other: Other, text: str, detail: object
) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=422, text=text)

    other.answer = refuse
    with pytest.raises(RefusedError) as refused:
        await client.post("other", "/internal/do", {}, SOMEBODY, within=5)
    assert (refused.value.status, refused.value.detail) == (422, detail)


async def test_a_service_that_accepts_and_never_answers_is_given_up_and_asked_once(
    client: InternalClient, other: Other
) -> None:
    async def hang(_: web.Request) -> web.Response:
        await other.ending.wait()
        return web.Response()

    other.answer = hang
    with pytest.raises(UnavailableError):
        await client.post("other", "/internal/do", {}, SOMEBODY, within=0.3)
    assert len(other.seen) == 1


async def test_a_command_that_arrived_and_broke_isnt_sent_again(client: InternalClient, other: Other) -> None:
    async def break_off(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    other.answer = break_off
    with pytest.raises(UnavailableError):
        await client.post("other", "/internal/do", {}, SOMEBODY, within=5)
    assert len(other.seen) == 1


async def test_a_command_may_take_longer_than_a_read(client: InternalClient, other: Other) -> None:
    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(1.2)  # a read has a second
        return web.json_response({})

    other.answer = slow
    assert await client.post("other", "/internal/do", {}, SOMEBODY, within=5) == {}
