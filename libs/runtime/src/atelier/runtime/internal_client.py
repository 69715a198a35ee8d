"""Asking another service: one second in all, a few tries, and not at all while it is known to be away."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Collection, Mapping, Sequence
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
AWAY = (aiohttp.ClientError, TimeoutError, OSError)


class InternalClient:
    """Reads of the other services' `/internal` paths, on behalf of a principal."""

    def __init__(
        self, *, urls_of: Callable[[str], Sequence[str]], tokens: InternalTokens, topics: Topics
    ) -> None:
        self._urls_of = urls_of
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
        started = time.perf_counter()
        outcome = "away"
        try:
            async with asyncio.timeout(DEADLINE), await self._breakers.get_breaker(service):
                answer = await self._persistently(service, path, params, principal)
            outcome = "answered"
        except (*AWAY, OpenedState) as away:
            raise UnavailableError(
                f"The {service} service can't be asked right now; try again in a moment."
            ) from away
        else:
            return answer
        finally:
            metrics.CALLS_SECONDS.labels(service, outcome).observe(time.perf_counter() - started)

    async def _persistently(
        self, service: str, path: str, params: Mapping[str, str], principal: Principal
    ) -> Any:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(AWAY),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random(0.02, 0.1),
            reraise=True,
        ):
            with attempt:
                return await self._once(service, path, params, principal)
        raise AssertionError("unreachable: tenacity returns or raises")

    async def _once(self, service: str, path: str, params: Mapping[str, str], principal: Principal) -> Any:
        urls = self._urls_of(service)
        if not urls:
            raise aiohttp.ClientConnectionError(f"no address of {service} is configured")
        url = urls[next(self._turns) % len(urls)] + path
        async with self._connected().get(url, params=params, headers=self._headers(principal)) as answer:
            answer.raise_for_status()
            return orjson.loads(await answer.read())

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
