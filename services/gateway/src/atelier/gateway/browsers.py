"""What browsers are told: which other origins may read answers (CORS), and what pages may do with them."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.types import Scope

from atelier.gateway.answers import Headers

_ANY = "*"
_PREFLIGHT_SECONDS = 600
_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_EXPOSED = (
    b"ETag, Idempotency-Replayed, Link, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
    b"Retry-After, X-Request-ID"
)
_VARY = (b"vary", b"Origin")


class Cors:
    """`origins` as they are sent, such as `https://studio.example`; `*` is any. None: no header at all.

    Credentials are bearer tokens, which a page sends by itself; cookies are never allowed for.
    """

    def __init__(self, origins: Sequence[str]) -> None:
        self._any = _ANY in origins
        self._origins = frozenset(origin.encode() for origin in origins)
        self.on = bool(origins)

    def headers(self, scope: Scope) -> Headers:
        """What goes with an answer to this request."""
        allowed = self._allowed(_one(scope, b"origin"))
        return [*allowed, (b"access-control-expose-headers", _EXPOSED)] if len(allowed) > 1 else allowed

    def preflight(self, scope: Scope) -> Headers | None:
        """The answer's headers where the request is a preflight, which no service is asked; else None."""
        if not self.on or scope["method"] != "OPTIONS" or not _one(scope, b"access-control-request-method"):
            return None
        allowed = self._allowed(_one(scope, b"origin"))
        if len(allowed) == 1:
            return allowed
        return [
            *allowed,
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _one(scope, b"access-control-request-headers") or b"*"),
            (b"access-control-max-age", b"%d" % _PREFLIGHT_SECONDS),
        ]

    def _allowed(self, origin: bytes | None) -> Headers:
        """Only `Vary` for an origin that may not: caches must not give it another's answer."""
        if self._any:
            return [_VARY, (b"access-control-allow-origin", b"*")]
        if origin in self._origins:
            return [_VARY, (b"access-control-allow-origin", origin or b"")]
        return [_VARY]


def security_headers(*, on: bool, hsts_seconds: int) -> Headers:
    """What goes with every answer. `hsts_seconds` only where TLS is before the gateway; 0 sends none."""
    headers = [
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"no-referrer"),
    ]
    hsts = [(b"strict-transport-security", b"max-age=%d; includeSubDomains" % hsts_seconds)]
    return (headers if on else []) + (hsts if hsts_seconds else [])


def _one(scope: Scope, wanted: bytes) -> bytes | None:
    found: bytes | None = next((value for name, value in scope["headers"] if name == wanted), None)
    return found
