"""Which requests may be sent again after a connection ended without an answer."""

from __future__ import annotations

from atelier.gateway.client import Body
from atelier.gateway.exchange import Exchange

_FORMS = ("multipart/", "application/x-www-form-urlencoded")


def may_repeat(exchange: Exchange, body: Body) -> bool:
    """Reads, and POSTs whose Idempotency-Key has the service answer the same thing once.

    It may have taken effect, so no other write; and a body that is streamed is gone.
    """
    if not (body is None or isinstance(body, bytes)):
        return False
    if exchange.method in ("GET", "HEAD"):
        return True
    return exchange.method == "POST" and _is_kept(exchange)


def _is_kept(exchange: Exchange) -> bool:
    """Services keep answers of users alone, and none of forms."""
    headers = exchange.headers
    is_form = headers.get("Content-Type", "").lower().startswith(_FORMS)
    return "Idempotency-Key" in headers and exchange.user_id is not None and not is_form
