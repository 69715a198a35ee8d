"""Who asks: the principal, and the short-lived token that carries it between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt

from atelier.contracts.organizations import Role
from atelier.runtime.clock import Clock, SystemClock

ALGORITHM = "HS256"
AUDIENCE = "atelier-internal"
LIFETIME = timedelta(seconds=60)
LEEWAY = timedelta(seconds=30)
"""How far two machines' clocks may be apart; beyond it authentication fails closed."""


class InvalidTokenError(Exception):
    """Not a token of ours, or one whose time is over."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and what their organizations let them do.

    A user, a service on its own behalf (sees everything), or nobody. A user asks by a login, which
    is a session, or by one of their API keys.
    """

    user_id: UUID | None = None
    superuser: bool = False
    organizations: Mapping[UUID, Role] = field(default_factory=dict)
    service: str | None = None
    session_id: UUID | None = None
    """The login that the user asks by."""
    api_key_id: UUID | None = None
    """The key that the user asks by, instead of a login."""
    confined_to: UUID | None = None
    """The one organization that the key is for: what is personal is out of its reach."""

    @classmethod
    def anonymous(cls) -> Principal:
        """Nobody: what operations without login are asked by."""
        return cls()

    @classmethod
    def of_service(cls, name: str) -> Principal:
        """A service that works in the background, on nobody's behalf."""
        return cls(service=name)

    @property
    def sees_all(self) -> bool:
        """Whether tenancy doesn't narrow what this principal may read."""
        return self.superuser or self.service is not None

    def role_in(self, organization_id: UUID) -> Role | None:
        """The role in that organization, None for no member."""
        return self.organizations.get(organization_id)


class InternalTokens:
    """Mints and reads the tokens that services accept; the secret is shared by all services."""

    def __init__(self, secret: str, issuer: str, clock: Clock | None = None) -> None:
        self._secret = secret
        self._issuer = issuer
        self._clock = clock or SystemClock()

    def mint(self, principal: Principal) -> str:
        """A token of 60 s that carries the principal in the minting service's name."""
        now = self._clock.now()
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + LIFETIME,
            "principal": _to_claim(principal),
        }
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM)

    def read(self, token: str) -> Principal:
        """The principal in a token; raises `InvalidTokenError` for anything that isn't ours."""
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud"]},
            )
            return _from_claim(claims["principal"])
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, AttributeError) as wrong:
            raise InvalidTokenError(str(wrong)) from wrong


def _to_claim(principal: Principal) -> dict[str, Any]:
    return {
        "user_id": _text(principal.user_id),
        "superuser": principal.superuser,
        "organizations": {str(key): role.value for key, role in principal.organizations.items()},
        "service": principal.service,
        "session_id": _text(principal.session_id),
        "api_key_id": _text(principal.api_key_id),
        "confined_to": _text(principal.confined_to),
    }


def _from_claim(claim: Mapping[str, Any]) -> Principal:
    return Principal(
        user_id=_id(claim["user_id"]),
        superuser=claim["superuser"] is True,
        organizations={UUID(key): Role(role) for key, role in claim["organizations"].items()},
        service=claim["service"],
        session_id=_id(claim.get("session_id")),
        api_key_id=_id(claim.get("api_key_id")),
        confined_to=_id(claim.get("confined_to")),
    )


def _text(id_: UUID | None) -> str | None:
    return str(id_) if id_ else None


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
