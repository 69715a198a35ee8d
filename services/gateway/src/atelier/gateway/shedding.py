"""So much of a service at once, a short queue before it, and a quick no to everybody else.

More than a service can do at once only makes each answer later; what would be answered too late
is better told so at once.
"""

from __future__ import annotations

import asyncio
from collections import deque

from atelier.gateway import answers, metrics

_WAIT_SECONDS = 0.02
"""Longer than a burst, shorter than anybody notices."""


class Slots:
    """Of one service. `queue` is how many may wait for one of `limit` slots."""

    def __init__(self, service: str, limit: int, queue: int) -> None:
        self._service = service
        self._free = limit
        self._queue = queue
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take a free slot; False where there is none. Whoever waits goes first."""
        if self._free <= 0:
            return False
        self._free -= 1
        return True

    async def wait(self) -> None:
        """Queue for a slot and take it. Refusal 503 where the queue is full or too slow."""
        if len(self._waiting) >= self._queue:
            raise self._shed()
        loop = asyncio.get_running_loop()
        slot: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(_WAIT_SECONDS, self._give_up, slot)
        self._waiting.append(slot)
        try:
            await slot
        except asyncio.CancelledError:
            if slot.done() and not slot.cancelled() and slot.exception() is None:
                self.give_back()  # it was given in the same moment
            else:
                self._leave(slot)
            raise
        finally:
            timer.cancel()

    def give_back(self) -> None:
        """Done: the slot goes to who waits longest."""
        while self._waiting:
            slot = self._waiting.popleft()
            if not slot.done():
                slot.set_result(None)
                return
        self._free += 1

    def _give_up(self, slot: asyncio.Future[None]) -> None:
        if not slot.done():
            self._leave(slot)
            slot.set_exception(self._shed())

    def _leave(self, slot: asyncio.Future[None]) -> None:
        if slot in self._waiting:
            self._waiting.remove(slot)

    def _shed(self) -> answers.Refusal:
        metrics.SHED.labels(self._service).inc()
        return answers.overloaded(self._service)
