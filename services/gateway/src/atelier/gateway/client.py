"""Connections to the services, and one message over them: aiohttp's lower half."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp.connector import Connection
from multidict import CIMultiDict
from yarl import URL

Body = bytes | AsyncIterator[bytes] | None
_KEEP_ALIVE_SECONDS = 0.75
"""Shorter than a stopping service waits (1 s) before it closes connections at rest, so that no request
is sent on one that is about to be closed."""
_NO_CONTENT_TYPE: CIMultiDict[None] = CIMultiDict({"Content-Type": None})


class PlainRequest(aiohttp.ClientRequest):
    """aiohttp's request, sent with the headers it is given and none of the client's own."""

    def update_headers(self, headers: Any) -> None:
        """Take them as they are; the copy is for what aiohttp adds in one try and not in the next."""
        self.headers: CIMultiDict[str] = headers.copy()
        self.headers["Host"] = self.url.host_port_subcomponent or ""

    def update_auto_headers(self, skip_auto_headers: Any) -> None:
        """Add none; a body without a type keeps having none."""
        self._skip_auto_headers = _NO_CONTENT_TYPE


class Client:
    """aiohttp's connections and messages without its session.

    A session would keep cookies, follow redirects, decode bodies and repeat requests on a
    connection that broke, and costs as much again. Connections are counted per address, so one
    that never answers can't use up the others'.
    """

    def __init__(self, connect_timeout: float, connections_per_address: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout)
        self._connector = aiohttp.TCPConnector(
            limit=0, limit_per_host=connections_per_address, keepalive_timeout=_KEEP_ALIVE_SECONDS
        )

    async def send(
        self, method: str, url: URL, headers: CIMultiDict[str], body: Body
    ) -> aiohttp.ClientResponse:
        """The answer once its head is here. ClientConnectorError or ConnectionTimeoutError where
        nothing was sent; another ClientError where the connection broke after that."""
        request = PlainRequest(method, url, headers=headers, data=body, loop=self._loop)
        try:
            connection = await self._connector.connect(request, traces=[], timeout=self._timeout)
        except TimeoutError as late:
            raise aiohttp.ConnectionTimeoutError from late
        try:
            return await _exchanged(request, connection)
        except BaseException:
            connection.close()
            raise

    async def close(self) -> None:
        """Close all connections."""
        await self._connector.close()


async def _exchanged(request: PlainRequest, connection: Connection) -> aiohttp.ClientResponse:
    protocol = connection.protocol
    if protocol is None:
        raise aiohttp.ServerDisconnectedError
    protocol.set_response_params(
        skip_payload=request.method == "HEAD", read_until_eof=True, auto_decompress=False
    )
    response = await request.send(connection)
    try:
        return await response.start(connection)
    except BaseException:
        response.close()
        raise
