"""Asks again where an answer leaves open whether it happened, as long as that can't happen twice."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection

import anyio
import httpx

from atelier_client.logins import LOGIN

UNTOUCHED = frozenset({429, 503})
"""Answers that say that nothing happened."""
UNKNOWN = frozenset({502, 504})
"""Answers that leave it open."""
UNKNOWN_BY_STORAGE = UNKNOWN | {500}
KEY = "Idempotency-Key"
SAFE = frozenset({"GET", "HEAD"})
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds; each pause is twice the one before."""


class Patience:
    """Longer and longer pauses, until so many seconds are over."""

    def __init__(self, seconds: float, unknown: Collection[int]) -> None:
        self._ends = time.monotonic() + seconds
        self._pause = FIRST_PAUSE
        self._unknown = unknown

    def pause(self) -> float:
        """Seconds until it asks again."""
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        return pause

    def takes(self, response: httpx.Response) -> bool:
        """Whether that is the last word: it says what came of it, or time is over."""
        return time.monotonic() >= self._ends or not _is_open(response, self._unknown)

    def is_lost_by(self, error: httpx.TransportError) -> bool:
        """Whether asking again might have a second effect, or time is over."""
        arrived = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        return time.monotonic() >= self._ends or (arrived and not _is_repeatable(error.request))


def patiently(
    ask: Callable[[], httpx.Response], seconds: float, unknown: Collection[int] = UNKNOWN
) -> httpx.Response:
    """The last answer. Raises httpx's `TransportError` where there is none."""
    patience = Patience(seconds, unknown)
    while True:
        try:
            if patience.takes(response := ask()):
                return response
        except httpx.TransportError as error:
            if patience.is_lost_by(error):
                raise
        time.sleep(patience.pause())


async def patiently_async(
    ask: Callable[[], Awaitable[httpx.Response]], seconds: float, unknown: Collection[int] = UNKNOWN
) -> httpx.Response:
    """The same for asyncio."""
    patience = Patience(seconds, unknown)
    while True:
        try:
            if patience.takes(response := await ask()):
                return response
        except httpx.TransportError as error:
            if patience.is_lost_by(error):
                raise
        await anyio.sleep(patience.pause())


def _is_open(response: httpx.Response, unknown: Collection[int]) -> bool:
    """Whether asking again may bring another answer, and can do no harm."""
    request, status = response.request, response.status_code
    if status == httpx.codes.CONFLICT:  # the first request with this key is still being worked on
        return KEY in request.headers and KEY.encode() in response.content
    return status in UNTOUCHED or (status in unknown and _is_repeatable(request))


def _is_repeatable(request: httpx.Request) -> bool:
    """Whether it has one effect, however often it arrives."""
    if request.method == "PUT":
        return "If-Match" not in request.headers  # else it would be refused for what it did itself
    return request.method in SAFE or KEY in request.headers or request.url.path == LOGIN
