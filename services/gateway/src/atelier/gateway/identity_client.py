"""The gateway's own questions to identity: its public keys, and what a user may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

import aiohttp
import orjson

from atelier.contracts.organizations import Role
from atelier.gateway import answers
from atelier.gateway.client import Addresses
from atelier.runtime.auth import InternalTokens, Principal

_OWN = Principal.of_service("gateway")


class Identity(Protocol):
    """What authentication needs to know. Both raise Refusal 503 while identity is away."""

    async def keys(self) -> list[Mapping[str, Any]]:
        """The JSON Web Keys that sign access tokens."""
        ...

    async def principal(self, user_id: UUID) -> Principal | None:
        """What a user may do; None for one who doesn't exist or is deactivated."""
        ...


class IdentityClient:
    """Asks over HTTP, the next address where one doesn't answer."""

    def __init__(
        self, session: aiohttp.ClientSession, addresses: Addresses, tokens: InternalTokens, timeout: float
    ) -> None:
        self._session = session
        self._addresses = addresses
        self._tokens = tokens
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def keys(self) -> list[Mapping[str, Any]]:
        """See Identity."""
        document = await self._get("/.well-known/jwks.json")
        return list(document["keys"]) if document else []

    async def principal(self, user_id: UUID) -> Principal | None:
        """See Identity."""
        answer = await self._get(f"/internal/principals/{user_id}")
        if answer is None:
            return None
        organizations = {UUID(key): Role(role) for key, role in answer["organizations"].items()}
        return Principal(user_id, answer["superuser"] is True, organizations)

    async def _get(self, path: str) -> dict[str, Any] | None:
        """The answer's body, None for 404."""
        headers = {"Authorization": f"Bearer {self._tokens.mint(_OWN)}"}
        for address in self._addresses.in_turn():
            try:
                async with self._session.get(
                    address + path, headers=headers, timeout=self._timeout
                ) as response:
                    if response.status == 200:
                        found: dict[str, Any] = orjson.loads(await response.read())
                        return found
                    if response.status == 404:
                        return None
            except (aiohttp.ClientError, TimeoutError, ValueError):
                continue
        raise answers.unavailable("identity")
