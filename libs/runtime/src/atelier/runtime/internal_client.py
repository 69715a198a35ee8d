"""Asking another service. Reads: one second in all, a few tries, none while it is known to be away.

Commands take as long as they are given, and are sent again only where they didn't arrive.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any, TypeVar
from uuid import UUID

import aiohttp
import orjson
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random

from atelier.contracts.model import State
from atelier.contracts.topics import Topics
from atelier.runtime import metrics
from atelier.runtime.auth import InternalTokens, Principal
from atelier.runtime.errors import UnavailableError
from atelier.runtime.replicas import Versioned
from atelier.runtime.request_context import current_cause

S = TypeVar("S", bound=State)

DEADLINE = 1.0
ATTEMPTS = 3
CHUNK = 200
OPENS_AFTER = 5
STAYS_OPEN = 5.0
JSON = {"Content-Type": "application/json"}
AWAY = (aiohttp.ClientError, TimeoutError, OSError)
NOT_ARRIVED = (aiohttp.ClientConnectorError,)


class RefusedError(Exception):
    """The other service answered 4xx to a command: `detail` as it says it, for whoever sent it."""

    def __init__(self, status: int, detail: Any) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail


class InternalClient:
    """Reads and commands on the other services' `/internal` paths, on behalf of a principal."""

    def __init__(
        self,
        *,
        urls_of: Callable[[str], Sequence[str]],
        tokens: InternalTokens,
        topics: Topics,
        deadline: float = DEADLINE,
    ) -> None:
        """`deadline` is how many seconds a read may take, all its tries together."""
        self._urls_of = urls_of
        self._deadline = deadline
        self._tokens = tokens
        self._topics = topics
        self._session: aiohttp.ClientSession | None = None
        self._turns = itertools.count()
        self._breakers = AsyncCircuitBreakerFactory(default_threshold=OPENS_AFTER, default_ttl=STAYS_OPEN)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def read(
        self, state: type[S], ids: Collection[UUID], principal: Principal
    ) -> dict[UUID, Versioned]:
        """States by id, as their owner has them now; what the principal may not see isn't there.

        Raises `UnavailableError` where the owner can't be asked within a second a chunk.
        """
        ordered = sorted(set(ids))
        found: dict[UUID, Versioned] = {}
        for start in range(0, len(ordered), CHUNK):
            chunk = ",".join(map(str, ordered[start : start + CHUNK]))
            found |= await self._states(state, {"ids": chunk}, principal)
        return found

    async def page(
        self, state: type[S], after: UUID | None, limit: int, principal: Principal
    ) -> dict[UUID, Versioned]:
        """The owner's next states after an id, by id."""
        params = {"limit": str(limit)} | ({"after": str(after)} if after else {})
        return await self._states(state, params, principal)

    async def _states(
        self, state: type[S], params: Mapping[str, str], principal: Principal
    ) -> dict[UUID, Versioned]:
        owner = self._topics.owner_of(state)
        answer = await self.get(owner, f"/internal/{state.kind}", params, principal)
        items = [
            Versioned(item["version"], state.model_validate(item["state"], extra="ignore"))
            for item in answer["data"]
        ]
        return {item.state.id: item for item in items}

    async def get(self, service: str, path: str, params: Mapping[str, str], principal: Principal) -> Any:
        """The JSON that a service answers; raises `UnavailableError` where it doesn't in time."""

        async def once() -> Any:
            url, headers = self._url(service, path), self._headers(principal)
            async with self._connected().get(url, params=params, headers=headers) as answer:
                answer.raise_for_status()
                return orjson.loads(await answer.read())

        async with (
            _measured(service),
            asyncio.timeout(self._deadline),
            await self._breakers.get_breaker(service),
        ):
            return await _persistently(once, AWAY)

    async def post(
        self, service: str, path: str, body: Mapping[str, Any], principal: Principal, *, within: float
    ) -> Any:
        """The JSON that a service answers to a command, within so many seconds.

        Raises `RefusedError` for a 4xx, `UnavailableError` where there is no answer in time.
        """

        told = orjson.dumps(body, default=str)  # ids from the database are a class of the driver's

        async def once() -> Any:
            url, headers = self._url(service, path), self._headers(principal) | JSON
            async with self._connected().post(url, data=BytesIO(told), headers=headers) as answer:
                return await _answered(answer)

        async with _measured(service), asyncio.timeout(within):
            return await _persistently(once, NOT_ARRIVED)

    def _url(self, service: str, path: str) -> str:
        urls = self._urls_of(service)
        if not urls:
            raise aiohttp.ClientConnectionError(f"no address of {service} is configured")
        return urls[next(self._turns) % len(urls)] + path

    def _headers(self, principal: Principal) -> dict[str, str]:
        cause = current_cause.get()
        headers = {
            "Authorization": f"Bearer {self._tokens.mint(principal)}",
            "X-Request-ID": cause.correlation_id,
        }
        return headers | ({"traceparent": cause.traceparent} if cause.traceparent else {})

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        return self._session


@asynccontextmanager
async def _measured(service: str) -> AsyncIterator[None]:
    """A call of that service: timed, and what is away as `UnavailableError`."""
    started = time.perf_counter()
    outcome = "away"
    try:
        yield
        outcome = "answered"
    except RefusedError:
        outcome = "refused"
        raise
    except (*AWAY, OpenedState) as away:
        raise UnavailableError(
            f"The {service} service can't be asked right now; try again in a moment."
        ) from away
    finally:
        metrics.CALLS_SECONDS.labels(service, outcome).observe(time.perf_counter() - started)


async def _persistently(once: Callable[[], Awaitable[Any]], retried: tuple[type[Exception], ...]) -> Any:
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type(retried),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random(0.02, 0.1),
        reraise=True,
    ):
        with attempt:
            return await once()
    raise AssertionError("unreachable: tenacity returns or raises")


async def _answered(answer: aiohttp.ClientResponse) -> Any:
    body = await answer.read()
    if 400 <= answer.status < 500:
        raise RefusedError(answer.status, _detail(body))
    answer.raise_for_status()
    return orjson.loads(body)


def _detail(body: bytes) -> Any:
    try:
        return orjson.loads(body)["detail"]
    except (ValueError, KeyError, TypeError):
        return body[:300].decode(errors="replace")
