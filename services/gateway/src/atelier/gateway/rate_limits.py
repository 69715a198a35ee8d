"""How often one address, one user and one API key may ask. Counted in this process alone."""

from __future__ import annotations

from collections.abc import Mapping

from atelier.gateway import metrics
from atelier.gateway.answers import Refusal
from atelier.gateway.buckets import Buckets, Rate, Standing
from atelier.gateway.exchange import Exchange

_DETAILS = {
    "address": "Too many requests from this address; wait and try again.",
    "user": "Too many requests of this user; wait and try again.",
    "api_key": "Too many requests with this API key; wait and try again.",
}


class RateLimits:
    """Rates by what is counted (`address`, `user`, `api_key`); what has none isn't counted."""

    def __init__(self, rates: Mapping[str, Rate | None]) -> None:
        self._buckets = {what: Buckets(rate) for what, rate in rates.items() if rate is not None}
        self.none = not self._buckets

    def check(self, exchange: Exchange, what: str, key: str | None) -> None:
        """Take one and let the answer say what is left. Refusal 429 where nothing was."""
        buckets = self._buckets.get(what)
        if buckets is None or key is None:
            return
        standing = buckets.take(key)
        if exchange.standing is None or standing.remaining <= exchange.standing.remaining:
            exchange.standing = standing
        if not standing.allowed:
            metrics.RATE_LIMITED.labels(what).inc()
            raise Refusal(429, _DETAILS[what], [(b"retry-after", b"%d" % standing.retry_after)])


def described(standing: Standing) -> tuple[tuple[bytes, bytes], ...]:
    """The `RateLimit-*` headers of the tightest limit that a request met."""
    return (
        (b"ratelimit-limit", b"%d" % standing.limit),
        (b"ratelimit-remaining", b"%d" % standing.remaining),
        (b"ratelimit-reset", b"%d" % standing.reset),
    )
