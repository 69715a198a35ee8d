"""A summary of the services' readiness, for people and monitors; no probe of this process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import aiohttp
import orjson

_DEADLINE = aiohttp.ClientTimeout(total=1)


class Health:
    """Asks every address of every service at once, for a second at most."""

    def __init__(self, session: aiohttp.ClientSession, addresses: Mapping[str, Sequence[str]]) -> None:
        self._session = session
        self._addresses = addresses

    async def summary(self) -> tuple[bool, dict[str, str]]:
        """(all is well, service → ok, degraded, unavailable or unreachable)."""
        states = await asyncio.gather(*(self._state_of(urls) for urls in self._addresses.values()))
        services = dict(zip(self._addresses, states, strict=True))
        return all(state == "ok" for state in states), services

    async def speaks(self, url: str) -> bool:
        """Whether anything answers there, whatever it says."""
        try:
            async with self._session.get(f"{url}/health/live", timeout=_DEADLINE):
                return True
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _state_of(self, urls: Sequence[str]) -> str:
        states = set(await asyncio.gather(*(self._ask(url) for url in urls)))
        if len(states) == 1:
            return states.pop()
        return "degraded" if states & {"ok", "degraded"} else "unavailable"

    async def _ask(self, url: str) -> str:
        """A service that is ready names in `degraded` what it does without for now."""
        try:
            async with self._session.get(f"{url}/health/ready", timeout=_DEADLINE) as response:
                if response.status != 200:
                    return "unavailable"
                body = orjson.loads(await response.read())
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError):
            return "unreachable"
        return "degraded" if isinstance(body, dict) and body.get("degraded") else "ok"
