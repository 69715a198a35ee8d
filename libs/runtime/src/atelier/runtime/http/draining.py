"""uvicorn's server with a stop that cuts no connection off."""

from __future__ import annotations

import asyncio
import socket
import time

import uvicorn

DRAINED_WITHIN = 1.0
"""Seconds for clients that have a request to make; connections at rest are closed then."""


class DrainingServer(uvicorn.Server):
    """Takes no new connection at its stop, and asks with each answer to close the old one."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then stop as uvicorn does, which closes connections at rest whatever comes on them."""
        await self._drain(sockets or [])
        await super().shutdown(sockets)

    async def _drain(self, sockets: list[socket.socket]) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets:
            listener.close()
        close = (b"connection", b"close")
        self.config.encoded_headers.append(close)
        self.server_state.default_headers.append(close)
        deadline = time.monotonic() + DRAINED_WITHIN
        while self.server_state.connections and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
