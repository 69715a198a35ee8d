"""One leader for each database: an advisory lock on a connection of its own.

PostgreSQL ends the session of a leader that says nothing for 3 s (a stopped process keeps its
sockets, and so its lock, open), which hands the lock to a successor.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

LOCK = 7_310_078
SILENCE_MS = 3_000
HEARTBEAT = 1.0
"""Seconds; a leader that waits for something says so at least this often."""
CHANNEL = "outbox"


class Leader:
    """The connection that holds the lock; losing the one is losing the other."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self.connection = connection

    async def heartbeat(self) -> None:
        """Say that the leader lives; raises where it is one no longer."""
        await self.connection.execute("SELECT 1")


@asynccontextmanager
async def candidate(url: str, name: str, nudged: Callable[[], None]) -> AsyncIterator[Leader]:
    """A connection that may lead; `nudged` is called for each NOTIFY from another process."""
    connection = await asyncpg.connect(
        url,
        timeout=5,
        command_timeout=10,
        server_settings={
            "application_name": f"{name}-relay",
            "idle_session_timeout": str(SILENCE_MS),
            "tcp_user_timeout": str(SILENCE_MS),  # one that was stopped while it read a long answer
        },
    )
    try:
        await connection.add_listener(CHANNEL, lambda *_: nudged())
        yield Leader(connection)
    finally:
        connection.terminate()


async def acquire(leader: Leader) -> bool:
    """Try to become the leader; doesn't wait."""
    return bool(await leader.connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK))
