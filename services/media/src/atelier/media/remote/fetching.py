"""GET of a picture: each hop's name is resolved once, every address is checked, and one of those is asked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from ipaddress import ip_address

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from atelier.media.remote.addresses import Address, is_public
from atelier.media.remote.urls import ForbiddenUrlError, Target, target_of

MAX_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PIECE = 256 * 1024
HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "atelier-media"}

Resolve = Callable[[str], Awaitable[Sequence[Address]]]
Write = Callable[[bytes], Awaitable[None]]


class FetchError(Exception):
    """The server doesn't give the file; the message ends the sentence "The URL …"."""


async def resolve(host: str) -> Sequence[Address]:
    """Every address of a name, as the system knows it."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [ip_address(info[4][0]) for info in found]


class Fetcher:
    """Fetches from public servers, and from those that the operator `trusted` by name and port."""

    def __init__(
        self, *, within: float, limit: int, trusted: Collection[str] = (), resolve: Resolve = resolve
    ) -> None:
        self._within = within
        self._limit = limit
        self._trusted = frozenset(trusted)
        self._resolve = resolve

    async def fetch(self, url: str, write: Write) -> None:
        """Hand the file's bytes to `write`, piece by piece.

        Raises `ForbiddenUrlError` for what isn't asked at all, `FetchError` for what isn't given, is
        too large or takes longer than `within` seconds in all.
        """
        with _told():
            async with asyncio.timeout(self._within):
                target = target_of(url, self._trusted)
                for _ in range(MAX_REDIRECTS + 1):
                    async with self._asked(target) as answer:
                        if answer.status not in REDIRECTS:
                            return await self._hand_over(answer, write)
                        target = target_of(_location(answer), self._trusted)
                raise FetchError(f"redirects more than {MAX_REDIRECTS} times")

    @asynccontextmanager
    async def _asked(self, target: Target) -> AsyncIterator[aiohttp.ClientResponse]:
        pinned = Pinned(target.host, await self._addresses(target))
        connector = aiohttp.TCPConnector(resolver=pinned, use_dns_cache=False, limit=1, force_close=True)
        async with (
            aiohttp.ClientSession(
                connector=connector,
                trust_env=False,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
            ) as session,
            session.get(target.url, allow_redirects=False, headers=HEADERS) as answer,
        ):
            yield answer

    async def _addresses(self, target: Target) -> Sequence[Address]:
        try:
            addresses = await self._resolve(target.host)
        except (OSError, UnicodeError):
            addresses = ()
        if not addresses:
            raise FetchError("names a server that isn't known")
        if not target.trusted and not all(map(is_public, addresses)):
            raise ForbiddenUrlError("leads to an address that isn't public")
        return addresses

    async def _hand_over(self, answer: aiohttp.ClientResponse, write: Write) -> None:
        if answer.status != 200:
            raise FetchError(f"answers {answer.status}")
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise FetchError("answers with an encoding that wasn't asked for")
        if (answer.content_length or 0) > self._limit:
            raise FetchError(f"leads to {answer.content_length} bytes; at most {self._limit} are taken")
        length = 0
        async for piece in answer.content.iter_chunked(PIECE):
            length += len(piece)
            if length > self._limit:
                raise FetchError(f"leads to more than the {self._limit} bytes that are taken")
            await write(piece)


class Pinned(AbstractResolver):
    """Knows one name and the addresses that were checked: nothing is resolved a second time."""

    def __init__(self, host: str, addresses: Sequence[Address]) -> None:
        self._host = host
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The checked addresses; OSError for any other name."""
        if host.rstrip(".") != self._host.rstrip("."):
            raise OSError(f"{host} isn't {self._host}")
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is open."""


def _location(answer: aiohttp.ClientResponse) -> str:
    location = answer.headers.get("Location")
    if not location:
        raise FetchError("redirects to nowhere")
    try:
        return str(answer.url.join(URL(location)))
    except ValueError:
        raise FetchError("redirects to what isn't a URL") from None


@contextmanager
def _told() -> Iterator[None]:
    """Failures of the network in the terms of this module."""
    try:
        yield
    except TimeoutError as late:
        raise FetchError("takes too long to answer") from late
    except (aiohttp.ClientError, OSError, ValueError) as failure:
        raise FetchError("can't be fetched: its server can't be reached or breaks off") from failure
