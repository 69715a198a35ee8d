"""`/health/services`: what every process of every service says about itself, for superusers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
import orjson

from atelier.runtime.auth import InternalTokens, Principal

PATH = b"/health/services"
_DETAILS = "/internal/health-details"
_DEADLINE = aiohttp.ClientTimeout(total=3)
_OWN = Principal.of_service("gateway")


class ServiceHealth:
    """Asks every address of every service at once, for three seconds at most."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        addresses: Mapping[str, Sequence[str]],
        tokens: InternalTokens,
    ) -> None:
        self._session = session
        self._addresses = addresses
        self._tokens = tokens

    async def details(self) -> dict[str, Any]:
        """Service → its processes, each with what it said or that it said nothing."""
        every = [(service, url) for service, urls in self._addresses.items() for url in urls]
        said = await asyncio.gather(*(self._ask(url) for _, url in every))
        services: dict[str, list[Any]] = {service: [] for service in self._addresses}
        for (service, _), details in zip(every, said, strict=True):
            services[service].append(details)
        return {"services": services}

    async def _ask(self, url: str) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {self._tokens.mint(_OWN)}"}
        try:
            async with self._session.get(url + _DETAILS, headers=headers, timeout=_DEADLINE) as response:
                details = orjson.loads(await response.read()) if response.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError):
            details = None
        return details if isinstance(details, dict) else {"ready": False, "reason": "unreachable"}
