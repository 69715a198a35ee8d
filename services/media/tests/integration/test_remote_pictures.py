"""Pictures on other people's servers: fetched from public addresses only, and within limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from media_pictures import encoded

from atelier.media.bootstrap import declare
from atelier.media.remote import fetching
from atelier.media.remote.fetching import Fetcher, FetchError
from atelier.media.remote.urls import ForbiddenUrlError
from atelier.media.settings import Settings
from atelier.runtime.auth import Principal

PICTURE = encoded()

NOT_PUBLIC = [
    *(f"127.0.0.{n}" for n in range(0, 255, 40)),
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "169.254.169.254",
    "169.254.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
]
NOT_PUBLIC_V6 = [
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2002:c0a8:101::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


def _shapes(address: str) -> list[str]:
    """Ways to write an IPv4 address that some programs understand."""
    a, b, c, d = (int(part) for part in address.split("."))
    number = int(ip_address(address))
    return [
        str(number),
        hex(number),
        f"0{number:o}",
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a}.{b}.{c << 8 | d}",
        f"{a}.{b << 16 | c << 8 | d}",
        f"0x{a:08x}.{b}.{c}.{d}",
    ]


def addresses() -> list[str]:
    """URLs of which none may be asked."""
    urls = [f"http://{host}/a.png" for host in NOT_PUBLIC]
    urls += [f"https://{host}/a.png" for host in NOT_PUBLIC]
    urls += [f"http://[{host}]/a.png" for host in NOT_PUBLIC_V6]
    for address in (
        "127.0.0.1",
        "169.254.169.254",
        "10.1.2.3",
        "192.168.1.1",
        "8.8.8.8",
        "172.20.0.5",
        "127.0.0.53",
    ):
        urls += [f"http://{shape}/" for shape in _shapes(address)]
    urls += [f"http://{host}./" for host in ("127.0.0.1", "2130706433", "0x7f000001")]
    urls += [
        f"{scheme}://example.com/a.png"
        for scheme in ("ftp", "gopher", "ws", "dict", "ldap", "jar", "netdoc", "s3", "sftp", "tftp", "smb")
    ]
    urls += [
        "file:///etc/passwd",
        "file://localhost/etc/passwd",
        "javascript:alert(1)",
        "http:",
        "http://",
        "https:///a",
    ]
    urls += [f"http://example.com:{port}/" for port in (22, 25, 443, 3306, 6379, 8080, 8333, 9000, 11211)]
    urls += [
        "http://user@example.com/",
        "http://user:word@example.com/",
        "http://example.com@127.0.0.1/",
        "http://@a.com/",
    ]
    urls += [
        "http://a\\@127.0.0.1/",
        "http://a b/",
        "http://a\tb/",
        "http://a\r\nHost: b/",
        "http://a%00b/",
        "http://\x7f/",
    ]
    urls += [
        "http://[fe80::1%25lo]/",
        "http://[::1%25eth0]/",
        "http://[::1",
        "http://a:99999/",
        "http://a:b/",
        "http://./",
    ]
    urls += [
        "http://[v1.x]/",
        "http://1/",
        "http://0/",
        "http://0x/",
        "http://1.2.3.4.5/",
        f"http://a/{'x' * 3000}",
    ]
    urls += [f"http://{name}/" for name in NAMES]
    return urls


NAMES = {
    "internal.example": ["10.0.0.7"],
    "metadata.example": ["169.254.169.254"],
    "here.example": ["127.0.0.1"],
    "mixed.example": ["93.184.216.34", "127.0.0.1"],
    "six.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "sixtofour.example": ["2002:7f00:1::"],
    "local.example": ["fe80::1"],
    "cast.example": ["224.0.0.1"],
    "zero.example": ["0.0.0.0"],
    "unknown.example": [],
}


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
    urls = addresses()
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
