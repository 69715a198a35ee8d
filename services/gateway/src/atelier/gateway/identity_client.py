"""The gateway's own questions to identity: its public keys, and what whoever asks may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import aiohttp
import orjson

from atelier.contracts.organizations import Role
from atelier.gateway import answers
from atelier.gateway.addresses import Addresses
from atelier.runtime.auth import InternalTokens, Principal

_OWN = Principal.of_service("gateway")


@dataclass(frozen=True, slots=True)
class Login:
    """A user by one of their sessions; None for a token from before there were any."""

    user_id: UUID
    session_id: UUID | None


@dataclass(frozen=True, slots=True)
class Key:
    """Whoever holds an API key, known by its SHA-256 alone."""

    digest: bytes


Asking = Login | Key


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do now."""

    principal: Principal
    not_before: float = 0.0
    """Access tokens that were issued before it are refused; seconds since 1970."""
    scopes: frozenset[str] = frozenset({"read", "write"})


class Identity(Protocol):
    """What authentication needs to know. Both raise Refusal 503 while identity is away."""

    async def keys(self) -> list[Mapping[str, Any]]:
        """The JSON Web Keys that sign access tokens."""
        ...

    async def rights(self, asking: Asking) -> Rights | None:
        """None for a user who is unknown or deactivated, a session that is over, a key that isn't good."""
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
        document = await self._ask("GET", "/.well-known/jwks.json")
        return list(document["keys"]) if document else []

    async def rights(self, asking: Asking) -> Rights | None:
        """See Identity."""
        if isinstance(asking, Key):
            return await self._rights_of_key(asking)
        session = f"?session_id={asking.session_id}" if asking.session_id else ""
        answer = await self._ask("GET", f"/internal/principals/{asking.user_id}{session}")
        if answer is None or answer.get("session_revoked"):
            return None
        principal = replace(_principal(answer), session_id=asking.session_id)
        not_before = answer.get("not_before")
        return Rights(principal, datetime.fromisoformat(not_before).timestamp() if not_before else 0.0)

    async def _rights_of_key(self, key: Key) -> Rights | None:
        answer = await self._ask("POST", "/internal/api-keys/resolve", {"digest": key.digest.hex()})
        if answer is None:
            return None
        confined_to = UUID(answer["confined_to"]) if answer["confined_to"] else None
        api_key_id = UUID(answer["api_key_id"])
        principal = replace(_principal(answer), api_key_id=api_key_id, confined_to=confined_to)
        return Rights(principal, scopes=frozenset(answer["scopes"]))

    async def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any] | None:
        """The answer's body, None for 404."""
        headers = {"Authorization": f"Bearer {self._tokens.mint(_OWN)}"}
        for address in self._addresses.in_turn():
            try:
                async with self._session.request(
                    method, address + path, headers=headers, json=body, timeout=self._timeout
                ) as response:
                    if response.status == 200:
                        found: dict[str, Any] = orjson.loads(await response.read())
                        return found
                    if response.status == 404:
                        return None
            except (aiohttp.ClientError, TimeoutError, ValueError):
                continue
        raise answers.unavailable("identity")


def _principal(answer: Mapping[str, Any]) -> Principal:
    organizations = {UUID(key): Role(role) for key, role in answer["organizations"].items()}
    return Principal(UUID(answer["user_id"]), answer["superuser"] is True, organizations)
