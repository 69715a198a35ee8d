"""Who asks: from an access token or an API key to the internal token that the services accept.

Both say only who somebody is. What they may do, and whether the login still is one, is asked of
identity and kept for a few seconds at most; any write to identity that passes the gateway forgets
it at once.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from atelier.gateway import answers
from atelier.gateway.answers import Refusal
from atelier.gateway.identity_client import Asking, Identity, Key, Login, Rights
from atelier.runtime.auth import InternalTokens, Principal

ALGORITHMS = ["EdDSA"]
ISSUER = AUDIENCE = "atelier"
KEPT_SECONDS = 5.0
"""How long a principal and its internal token are used again, from the moment of asking."""
_CLOCK_SKEW_SECONDS = 30
_REMEMBERED_LIMIT = 20_000
_REFETCH_SECONDS = 5.0
"""At most one question for keys in this time, however many tokens name unknown ones."""
_KEYS_SECONDS = 60.0
"""A key that identity no longer shows is forgotten within this time, for tokens not seen before."""
_SANE_KID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
_WRONG = "The access token isn't valid; log in again."
_WRONG_KEY = "The API key isn't valid (any more)."
_API_KEY = re.compile(rb"atk_[A-Za-z0-9_-]{43}")
_AUTHORIZATION, _X_API_KEY = b"authorization", b"x-api-key"
_READS = ("GET", "HEAD", "OPTIONS")

Seconds = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose token or key was verified: `authorization` is the header for the services."""

    user_id: str | None
    authorization: str
    until: float
    not_before: float = 0.0
    """Access tokens that were issued before it are refused; seconds since 1970."""
    scopes: frozenset[str] = frozenset({"read", "write"})
    api_key_id: str | None = None
    """The key that is asked by, where no login is."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What an access token says; times in seconds since 1970."""

    login: Login
    issued_at: float
    expires_at: float


class SigningKeys:
    """Identity's public keys, by id."""

    def __init__(self, identity: Identity, monotonic: Seconds = time.monotonic) -> None:
        self._identity = identity
        self._monotonic = monotonic
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._asked_at = float("-inf")
        self._fetched_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def get(self, kid: str) -> Ed25519PublicKey | None:
        """The key with that id, None where identity knows none. Refusal 503 while it can't say."""
        known = self._keys.get(kid)
        if known is None or self._monotonic() - self._fetched_at > _KEYS_SECONDS:
            await self._refetch(kid)
            known = self._keys.get(kid)
        return known

    async def _refetch(self, kid: str) -> None:
        async with self._fetching:
            now = self._monotonic()
            if now - self._asked_at < _REFETCH_SECONDS:
                if self._fetched_at < self._asked_at:
                    self._unless_known(kid, answers.unavailable("identity"))
                return
            self._asked_at = now
            try:
                self._keys = _ed25519_keys(await self._identity.keys())
                self._fetched_at = now
            except Refusal as away:
                self._unless_known(kid, away)

    def _unless_known(self, kid: str, away: Refusal) -> None:
        """An old key goes on while identity is away; about an unknown one nobody can tell."""
        if kid not in self._keys:
            raise away


class AccessTokens:
    """Verifies access tokens, and remembers by digest those that were, until they expire."""

    def __init__(self, keys: SigningKeys, now: Seconds = time.time) -> None:
        self._keys = keys
        self._now = now
        self._remembered: dict[bytes, Verified] = {}

    async def verified(self, authorization: bytes) -> Verified:
        """The token that the header holds; Refusal 401 for anything but a valid one."""
        digest = hashlib.sha256(authorization).digest()
        known = self._remembered.get(digest)
        if known is None or known.expires_at <= self._now():
            known = await self._verify(_bearer_token(authorization))
            self._remember(digest, known)
        return known

    async def _verify(self, token: str) -> Verified:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = await self._keys.get(kid) if isinstance(kid, str) and _SANE_KID.fullmatch(kid) else None
            if key is None:
                raise answers.not_authenticated(_WRONG)
            return self._checked(_claims(token, key))
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            raise answers.not_authenticated(_WRONG) from None

    def _checked(self, claims: Mapping[str, Any]) -> Verified:
        now, issued_at, expires_at = self._now(), float(claims["iat"]), float(claims["exp"])
        if not (expires_at > now and issued_at <= now + _CLOCK_SKEW_SECONDS):
            raise answers.not_authenticated(_WRONG)
        session_id = UUID(claims["sid"]) if "sid" in claims else None
        return Verified(Login(UUID(claims["sub"]), session_id), issued_at, expires_at)

    def _remember(self, digest: bytes, verified: Verified) -> None:
        if len(self._remembered) >= _REMEMBERED_LIMIT:
            self._remembered.pop(next(iter(self._remembered)))
        self._remembered[digest] = verified


class Callers:
    """What those who ask may do, asked of identity once at a time and kept for seconds."""

    def __init__(
        self, identity: Identity, tokens: InternalTokens, monotonic: Seconds = time.monotonic
    ) -> None:
        self._identity = identity
        self._tokens = tokens
        self._monotonic = monotonic
        self._kept: dict[Asking, Caller] = {}
        self._asked: dict[Asking, asyncio.Task[Caller]] = {}
        self._nobody = Caller(None, "", float("-inf"))

    async def get(self, asking: Asking) -> Caller:
        """Refusal 401 for a user who doesn't exist or is deactivated, a session that is over or a key
        that isn't good, 503 while nobody can say."""
        kept = self._kept.get(asking)
        if kept is not None and kept.until > self._monotonic():
            return kept
        asked = self._asked.get(asking)
        if asked is None:
            asked = self._asked[asking] = asyncio.create_task(self._ask(asking))
        return await asyncio.shield(asked)

    def nobody(self) -> Caller:
        """Who calls an operation that needs no login, whatever token came along."""
        if self._nobody.until <= self._monotonic():
            self._nobody = self._caller(Rights(Principal.anonymous()), self._monotonic())
        return self._nobody

    def forget(self) -> None:
        """Drop all; an answer that was asked for before is given to who waits for it and not kept."""
        self._kept.clear()
        self._asked.clear()

    async def _ask(self, asking: Asking) -> Caller:
        asked_at = self._monotonic()
        this = asyncio.current_task()
        try:
            rights = await self._identity.rights(asking)
        finally:
            still_wanted = self._asked.get(asking) is this
            if still_wanted:
                del self._asked[asking]
        if rights is None:
            raise answers.not_authenticated(_WRONG_KEY if isinstance(asking, Key) else _WRONG)
        caller = self._caller(rights, asked_at)
        if still_wanted:
            self._keep(asking, caller)
        return caller

    def _caller(self, rights: Rights, asked_at: float) -> Caller:
        principal = rights.principal
        return Caller(
            str(principal.user_id) if principal.user_id else None,
            f"Bearer {self._tokens.mint(principal)}",
            asked_at + KEPT_SECONDS,
            rights.not_before,
            rights.scopes,
            str(principal.api_key_id) if principal.api_key_id else None,
        )

    def _keep(self, asking: Asking, caller: Caller) -> None:
        if len(self._kept) >= _REMEMBERED_LIMIT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[asking] = caller


class Authentication:
    """The way from a request's headers to the caller."""

    def __init__(self, access_tokens: AccessTokens, callers: Callers) -> None:
        self._access_tokens = access_tokens
        self._callers = callers

    async def caller(self, headers: Mapping[bytes, bytes], method: str, login: bool) -> Caller:
        """Refusal 401 or 503 where an operation needs a login and there is none to be had, 403 where
        an API key isn't for such a method."""
        if not login:
            return self._callers.nobody()
        key = _api_key(headers)
        if key is not None:
            return _permitted(await self._callers.get(key), method)
        if _AUTHORIZATION not in headers:
            raise answers.not_authenticated("Log in and send the access token as a bearer token.")
        verified = await self._access_tokens.verified(headers[_AUTHORIZATION])
        caller = await self._callers.get(verified.login)
        if verified.issued_at < caller.not_before:
            raise answers.not_authenticated(_WRONG)
        return caller

    def forget(self) -> None:
        """Identity may have changed what anybody may do."""
        self._callers.forget()


def _api_key(headers: Mapping[bytes, bytes]) -> Key | None:
    """The key that is asked by, None where it is a token; Refusal 401 for what can't be one, or for both."""
    secret, authorization = headers.get(_X_API_KEY), headers.get(_AUTHORIZATION, b"")
    if secret is None:
        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer" or not token.startswith(b"atk_"):
            return None
        secret = token.strip()
    elif authorization:
        raise answers.not_authenticated("Send either an API key or an access token.")
    if not _API_KEY.fullmatch(secret):
        raise answers.not_authenticated(_WRONG_KEY)
    return Key(hashlib.sha256(secret).digest())


def _permitted(caller: Caller, method: str) -> Caller:
    needed = "read" if method in _READS else "write"
    if needed not in caller.scopes:
        raise Refusal(403, f"This API key may not {needed}; use one with that scope.")
    return caller


def _bearer_token(authorization: bytes) -> str:
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != b"bearer" or not token.isascii():
        raise answers.not_authenticated("Send the access token as `Authorization: Bearer <token>`.")
    return token.strip().decode("ascii")


def _claims(token: str, key: Ed25519PublicKey) -> Mapping[str, Any]:
    """Times are checked by the caller, with its own clock."""
    return jwt.decode(
        token,
        key,
        algorithms=ALGORITHMS,
        issuer=ISSUER,
        audience=AUDIENCE,
        options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False},
    )


def _ed25519_keys(found: list[Mapping[str, Any]]) -> dict[str, Ed25519PublicKey]:
    keys = {}
    for entry in found:
        if entry.get("kty") == "OKP" and entry.get("crv") == "Ed25519" and entry.get("kid"):
            key = jwt.PyJWK(dict(entry), algorithm="EdDSA").key
            if isinstance(key, Ed25519PublicKey):
                keys[entry["kid"]] = key
    return keys
