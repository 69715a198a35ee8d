"""Waking the relay after a commit: directly in its own process, by one NOTIFY from any other."""

from __future__ import annotations

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from atelier.runtime.messaging.leadership import CHANNEL
from atelier.runtime.messaging.relay import Relay


class Nudge:
    """Called after every commit that told of something; never fails and never waits."""

    def __init__(self, engine: AsyncEngine, relay: Relay | None) -> None:
        self._engine = engine
        self._relay = relay
        self._notifying: asyncio.Task[None] | None = None
        self._owed = False

    def __call__(self) -> None:
        """Wake whoever leads; all nudges while one is on its way are one more."""
        if self._relay is not None and self._relay.leads:
            self._relay.wake()
            return
        self._owed = True
        if self._notifying is None or self._notifying.done():
            self._notifying = asyncio.get_running_loop().create_task(self._pay())

    async def _pay(self) -> None:
        """The one on its way may have been heard before the latest commit could be seen."""
        while self._owed:
            self._owed = False
            await self._notify()

    async def close(self) -> None:
        """Wait for a nudge that is on its way: its connection must be back before the engine closes."""
        if self._notifying is not None:
            await asyncio.wait([self._notifying])

    async def _notify(self) -> None:
        try:
            async with self._engine.connect() as connection:
                await connection.execute(text(f"NOTIFY {CHANNEL}"))
                await connection.commit()
        except Exception:  # noqa: S110 - the relay's poll is the net
            pass
