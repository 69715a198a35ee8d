"""Pictures on other people's servers: fetched from public addresses only, and within limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from media_corpora import NAMES, hostile_urls
from media_pictures import encoded

from atelier.media.bootstrap import declare
from atelier.media.remote import fetching
from atelier.media.remote.fetching import Fetcher, FetchError
from atelier.media.remote.urls import ForbiddenUrlError
from atelier.media.settings import Settings
from atelier.runtime.auth import Principal

PICTURE = encoded()


@pytest.fixture
def nothing_is_asked(media: Any, monkeypatch: Any) -> list[str]:
    """Names are known without a network, and every connection is noted (and fails)."""
    asked: list[str] = []

    async def resolve(host: str) -> list[Any]:
        literal = [host] if "." in host and host.replace(".", "").isdigit() else []
        return [ip_address(one) for one in NAMES.get(host.strip("[]"), literal)]

    async def connect(*args: Any, **_: Any) -> Any:
        asked.append(str(args))
        raise OSError("this test has no network")

    fetcher = media.app.state.intake.gatherer.fetcher
    monkeypatch.setattr(fetcher, "_resolve", resolve)
    monkeypatch.setattr(fetching.aiohttp.TCPConnector, "connect", connect)
    return asked


async def test_no_hostile_url_is_ever_asked(person: Any, nothing_is_asked: list[str]) -> None:
    urls = hostile_urls()
    assert len(urls) >= 200
    missed = []
    for start in range(0, len(urls), 100):
        part = urls[start : start + 100]
        answer = await person.ingest(*({"source": url} for url in part))
        assert answer.status_code == 422, answer.text
        told = {problem["loc"][2] for problem in answer.json()["detail"]}
        missed += [url for index, url in enumerate(part) if index not in told]
    assert missed == []
    assert nothing_is_asked == []


async def test_a_public_address_would_be_asked(person: Any, nothing_is_asked: list[str]) -> None:
    await person.refused("http://93.184.216.34/a.png")
    assert len(nothing_is_asked) == 1


async def _picture(_: web.Request) -> web.Response:
    return web.Response(body=PICTURE, content_type="text/html")


async def _redirect(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": request.query["to"]})


async def _hops(request: web.Request) -> web.Response:
    left = int(request.match_info["left"])
    return web.Response(status=302, headers={"Location": f"/hops/{left - 1}" if left else "/picture"})


async def _endless(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    while True:
        await answer.write(bytes(1024 * 1024))


async def _slow(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    while True:
        await answer.write(b"\xff")
        await asyncio.sleep(0.05)


async def _packed(_: web.Request) -> web.Response:
    return web.Response(body=PICTURE, headers={"Content-Encoding": "gzip"})


async def _announced(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": str(10**12)})
    await answer.prepare(request)
    return answer


ROUTES = {
    "/picture": _picture,
    "/redirect": _redirect,
    "/hops/{left}": _hops,
    "/endless": _endless,
    "/slow": _slow,
    "/packed": _packed,
    "/announced": _announced,
}


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[str]:
    """Somebody's server on this machine; its `host:port`."""

    app = web.Application()
    for path, handler in ROUTES.items():
        app.router.add_get(path, handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture(scope="module")
async def trusting(make_service: Any, server: str) -> Any:
    """Media whose operator trusts that server, with little patience."""
    return await make_service(
        declare, Settings, fetch_also_from=(server,), fetch_within=1, max_file_bytes=3_000_000
    )


@pytest.fixture
def visitor(person_of: Any, trusting: Any) -> Any:
    """Somebody who uses it."""
    return person_of(Principal(user_id=uuid4()), service=trusting)


async def test_remote_pictures_are_taken_by_what_they_are(visitor: Any, server: str) -> None:
    (stored,) = await visitor.taken({"source": f"http://{server}/picture"})
    assert (stored["content_type"], stored["file_size"]) == ("image/png", len(PICTURE))


@pytest.mark.parametrize("hops", [0, 2])
async def test_a_few_redirects_are_followed(visitor: Any, server: str, hops: int) -> None:
    await visitor.taken({"source": f"http://{server}/hops/{hops}"})


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("hops/3", "redirects more than 3 times"),
        ("redirect?to=http://127.0.0.1:1/", "names a port"),
        ("redirect?to=http://127.0.0.1/", "isn't public"),
        ("redirect?to=http://2130706433/", "unusual form"),
        ("redirect?to=http://[::1]/", "isn't public"),
        ("redirect?to=file:///etc/passwd", "isn't an http or https URL"),
        ("redirect?to=//169.254.169.254/latest", "isn't public"),
        ("redirect?to=", "redirects to nowhere"),
        ("endless", "more than the 3000000 bytes"),
        ("announced", "1000000000000 bytes"),
        ("slow", "takes too long"),
        ("packed", "encoding"),
        ("missing", "answers 404"),
    ],
)
async def test_what_a_server_may_not_do_is_422(visitor: Any, server: str, path: str, why: str) -> None:
    assert why in await visitor.refused(f"http://{server}/{path}")


async def test_a_name_is_resolved_once_and_that_address_is_asked(server: str) -> None:
    """A name that changes its mind after the check (DNS rebinding) is never asked again."""
    host, port = server.split(":")
    answers = [[ip_address(host)], [ip_address("10.0.0.1")]]
    pieces: list[bytes] = []

    async def resolve(_: str) -> Any:
        return answers.pop(0)

    async def keep(piece: bytes) -> None:
        pieces.append(piece)

    fetcher = Fetcher(within=2, limit=10**6, trusted=[f"rebind.example:{port}"], resolve=resolve)
    await fetcher.fetch(f"http://rebind.example:{port}/picture", keep)
    assert b"".join(pieces) == PICTURE
    assert len(answers) == 1
    strict = Fetcher(within=2, limit=10**6, resolve=resolve)
    with pytest.raises(ForbiddenUrlError, match="isn't public"):
        await strict.fetch("http://rebind.example/picture", keep)


async def test_proxies_of_the_environment_are_not_used(server: str, monkeypatch: Any) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    pieces: list[bytes] = []

    async def keep(piece: bytes) -> None:
        pieces.append(piece)

    await Fetcher(within=2, limit=10**6, trusted=[server]).fetch(f"http://{server}/picture", keep)
    assert b"".join(pieces) == PICTURE
    with pytest.raises(FetchError, match="can't be fetched"):
        await Fetcher(within=2, limit=10**6, trusted=["127.0.0.1:1"]).fetch("http://127.0.0.1:1/", keep)
