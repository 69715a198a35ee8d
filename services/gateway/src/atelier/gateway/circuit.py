"""Whether an address gets requests: opened by failures to connect, closed by a probe.

No caller's request is the trial: a probe asks in its place. It also tells a service that is away
from a route that is slow, so no route takes the others with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from atelier.gateway import metrics

FAILURES = 3
"""Connections in a row that failed, with nothing answered between, until the address is left alone."""
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 1.0
log = structlog.get_logger("gateway")

Probe = Callable[[str], Awaitable[bool]]
"""(address) → whether it speaks HTTP now, within a second."""


class Circuit:
    """Of one address. Needs a running loop once something fails."""

    def __init__(self, url: str, probe: Probe) -> None:
        self.url = url
        self.open = False
        """Whether requests go elsewhere."""
        self.refuses = False
        """Whether nobody listened at the last try: one more costs a millisecond, not a deadline."""
        self._probe = probe
        self._failures = 0
        self._probing: asyncio.Task[None] | None = None

    def answered(self) -> None:
        """An answer began."""
        self._failures = 0

    def failed(self, *, refused: bool) -> None:
        """Nobody listens there (`refused`), or nobody took the connection in time."""
        self._failures += 1
        self.refuses = refused
        if self._failures >= FAILURES:
            self._set(is_open=True)
            self._ask()

    def suspect(self) -> None:
        """An answer didn't come in time: it is asked whether anything does."""
        self.refuses = False
        self._ask()

    def close(self) -> None:
        """End the probe, with the process."""
        if self._probing is not None:
            self._probing.cancel()

    def _ask(self) -> None:
        if self._probing is None:
            self._probing = asyncio.create_task(self._until_it_answers())

    async def _until_it_answers(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not await self._probe(self.url):
            self._set(is_open=True)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        self._failures = 0
        self._set(is_open=False)
        self._probing = None

    def _set(self, *, is_open: bool) -> None:
        if is_open != self.open:
            self.open = is_open
            metrics.CIRCUIT_OPEN.labels(self.url).set(is_open)
            log.warning("circuit", address=self.url, open=is_open)
