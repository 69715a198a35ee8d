"""Answers of the gateway's own: `{"detail": …}`, as every service words its errors."""

from __future__ import annotations

from collections.abc import Iterable

import orjson
from starlette.types import Send

Headers = list[tuple[bytes, bytes]]


class Refusal(Exception):  # noqa: N818 - an answer, named after what it does
    """A request that ends here. `detail` says what is wrong and what to do."""

    def __init__(self, status: int, detail: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = tuple(headers)


def not_authenticated(detail: str) -> Refusal:
    """401, naming the scheme that is expected."""
    return Refusal(401, detail, [(b"www-authenticate", b"Bearer")])


def not_found() -> Refusal:
    """404 for a path that no service has."""
    return Refusal(404, "There is nothing at this path; /docs lists what there is.")


def too_large(limit: int) -> Refusal:
    """413 with the limit, in bytes."""
    return Refusal(413, f"The body is larger than {limit} bytes; send less.")


def unavailable(service: str) -> Refusal:
    """503: nothing was sent, so trying again is safe."""
    return Refusal(
        503, f"The {service} service can't be reached; try again shortly.", [(b"retry-after", b"1")]
    )


def overloaded(service: str) -> Refusal:
    """503: nothing was sent; the service has as much in hand as it can do at once."""
    return Refusal(
        503, f"The {service} service has its hands full; try again shortly.", [(b"retry-after", b"1")]
    )


def broken(service: str) -> Refusal:
    """502: sent, and the connection ended without an answer; whether it took effect is unknown."""
    return Refusal(
        502, f"The {service} service ended the connection without an answer; look before you repeat."
    )


def late(service: str, seconds: float) -> Refusal:
    """504: sent, and no answer within the deadline; whether it took effect is unknown."""
    return Refusal(504, f"The {service} service didn't answer within {seconds:g} s.")


async def send_json(send: Send, status: int, body: object, headers: Headers) -> None:
    """One whole answer."""
    content = orjson.dumps(body)
    own = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": status, "headers": own + headers})
    await send({"type": "http.response.body", "body": content})
