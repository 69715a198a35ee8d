"""One request on its way: what is read off its headers once, and what the log line will say."""

from __future__ import annotations

import re
import time

from multidict import CIMultiDict, istr
from starlette.types import Scope
from uuid_utils import uuid7

from atelier.gateway.answers import Headers, Refusal
from atelier.gateway.buckets import Standing
from atelier.gateway.circuit import Circuit
from atelier.gateway.routing import Route

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""About one connection, not about the message (RFC 9110, 7.6.1)."""
_READ_HERE = frozenset(
    {
        b"authorization",
        b"connection",
        b"content-length",
        b"expect",
        b"traceparent",
        b"tracestate",
        b"transfer-encoding",
        b"x-api-key",
        b"x-request-id",
    }
)
"""Headers that the gateway reads, and writes anew where they go on."""
_DROPPED = HOP_BY_HOP | _READ_HERE | {b"forwarded", b"host", b"http2-settings", b"via"}
_CLAIMS = (
    b"x-auth",
    b"x-forwarded",
    b"x-internal",
    b"x-organization",
    b"x-original",
    b"x-principal",
    b"x-real-ip",
    b"x-remote",
    b"x-user",
)
"""Beginnings of headers by which somebody outside might claim to be somebody."""
_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_FORWARDED_FOR = istr("X-Forwarded-For")
_REQUEST_ID = istr("X-Request-ID")
_CONTENT_LENGTH = istr("Content-Length")
_TRACESTATE = istr("tracestate")

_verdicts: dict[bytes, istr | None] = {}
"""Header name → the name to send on or None; computed once a name, bounded."""
_VERDICTS_LIMIT = 1024


class Exchange:
    """`headers` go on to the service; `given` are those that the gateway reads itself."""

    __slots__ = (
        "added",
        "circuit",
        "given",
        "headers",
        "method",
        "query",
        "raw_path",
        "request_id",
        "route",
        "standing",
        "started",
        "status",
        "traceparent",
        "upstream_seconds",
        "user_id",
    )

    def __init__(self, scope: Scope) -> None:
        self.started = time.perf_counter()
        self.method: str = scope["method"]
        self.raw_path: bytes = scope["raw_path"]
        self.query: bytes = scope["query_string"]
        self.given: dict[bytes, bytes] = {
            name: value for name, value in scope["headers"] if name in _READ_HERE
        }
        self.request_id = _request_id(self.given.get(b"x-request-id"))
        self.headers: CIMultiDict[str] = CIMultiDict()
        self.route: Route | None = None
        self.user_id: str | None = None
        self.status = 0
        self.added: Headers = []
        """What goes with the answer whatever it is; shared, never changed."""
        self.standing: Standing | None = None
        """What the tightest rate limit left."""
        self.circuit: Circuit | None = None
        """Of the address that was asked last."""
        self.upstream_seconds: float | None = None
        self.traceparent = ""

    @property
    def has_body(self) -> bool:
        """Whether a body is announced."""
        given = self.given
        return b"transfer-encoding" in given or given.get(b"content-length", b"0") != b"0"

    @property
    def declared_length(self) -> int:
        """Bytes by Content-Length; 0 where the body is chunked or absent."""
        return int(self.given.get(b"content-length", b"0"))

    @property
    def target(self) -> str:
        """Path and query as they came."""
        if self.query:
            return f"{self.raw_path.decode('ascii')}?{self.query.decode('ascii')}"
        return self.raw_path.decode("ascii")

    @property
    def id_header(self) -> tuple[bytes, bytes]:
        """What every answer carries."""
        return (b"x-request-id", self.request_id.encode())

    def closing(self) -> Headers:
        """What an answer needs that is given before the body was read.

        A caller that waits for `100 Continue` may not send its body any more: what comes
        next on the connection would be taken for it.
        """
        return [(b"connection", b"close")] if b"expect" in self.given else []

    def prepare_headers(self, scope: Scope) -> None:
        """Fill `headers`. Refuses values that aren't UTF-8 (400)."""
        headers = self.headers
        try:
            for name, value in scope["headers"]:
                forwarded = _verdicts[name] if name in _verdicts else _verdict(name)
                if forwarded is not None:
                    headers.add(forwarded, value.decode())
        except UnicodeDecodeError:
            raise Refusal(400, "A header's value isn't UTF-8.") from None
        self._drop_named_by_connection()
        self._add_own(scope)

    def _drop_named_by_connection(self) -> None:
        named = self.given.get(b"connection", b"")
        if named.lower() not in (b"", b"keep-alive", b"close"):
            for token in named.decode("latin-1").split(","):
                self.headers.popall(token.strip(), None)

    def _add_own(self, scope: Scope) -> None:
        headers, given = self.headers, self.given
        headers[_REQUEST_ID] = self.request_id
        if scope["client"]:
            headers[_FORWARDED_FOR] = scope["client"][0]
        if b"content-length" in given and b"transfer-encoding" not in given:
            headers[_CONTENT_LENGTH] = given[b"content-length"].decode()
        if b"tracestate" in given and b"traceparent" in given:
            headers[_TRACESTATE] = given[b"tracestate"].decode("ascii", "ignore")


def _request_id(sent: bytes | None) -> str:
    if sent is not None and _SANE_ID.fullmatch(sent):
        return sent.decode()
    return str(uuid7())


def _verdict(name: bytes) -> istr | None:
    """Whether a header goes on, and by which name."""
    goes_on = name not in _DROPPED and not name.startswith(_CLAIMS)
    verdict = istr(name.decode("latin-1")) if goes_on else None
    if len(_verdicts) < _VERDICTS_LIMIT:
        _verdicts[name] = verdict
    return verdict
