"""One table of every public operation, read from the services' OpenAPI documents.

A path is matched as it came, byte for byte, and is sent on as it came. Anything that a
service could read differently (an encoded slash, a dot segment, a backslash, broken UTF-8)
matches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

Document = Mapping[str, Any]
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
_OWN = ("/internal", "/health", "/metrics", "/docs", "/openapi.json")
_HEX = frozenset(b"0123456789abcdefABCDEF")
_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~!$&'()*+,;=:@"


class RoutingError(Exception):
    """The services' documents contradict each other; the message names the operations."""


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: `template` is its path in the document; `deadline` in seconds and
    `max_body_bytes` are None where it has none of its own."""

    service: str
    method: str
    template: str
    login: bool
    deadline: float | None
    max_body_bytes: int | None = None


@dataclass(slots=True)
class _Node:
    static: dict[str, _Node] = field(default_factory=dict)
    placeholder: _Node | None = None
    rest: dict[str, Route] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missing:
    """No operation: `allowed` methods where the path is known (405), empty where it isn't (404)."""

    allowed: tuple[str, ...] = ()


class RoutingTable:
    """Static segments go before placeholders; a trailing slash matters."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, route: Route, tail: str | None = None) -> None:
        """`tail` names a last placeholder that takes any number of segments."""
        if route.template.startswith(_OWN):
            raise RoutingError(f"{route.service} may not serve {route.template}: it is never routed.")
        routes = self._place(route.template.split("/")[1:], tail)
        taken = routes.setdefault(route.method, route)
        if taken is not route:
            raise RoutingError(
                f"{route.method} {route.template} of {route.service} is already "
                f"{taken.method} {taken.template} of {taken.service}."
            )

    def find(self, method: str, raw_path: bytes) -> Route | Missing:
        """The operation for a path as it came, still percent-encoded."""
        segments = _segments(raw_path)
        if segments is None:
            return Missing()
        node = self._root
        for segment in segments:
            following = node.static.get(segment) or (node.placeholder if segment else None)
            if following is None:
                return self._find_elsewhere(method, segments)
            node = following
        return node.routes.get(method) or self._find_elsewhere(method, segments)

    def _find_elsewhere(self, method: str, segments: list[str]) -> Route | Missing:
        """Where the first way through the trie leads nowhere: another may."""
        allowed: set[str] = set()
        for routes in _candidates(self._root, segments, 0):
            if method in routes:
                return routes[method]
            allowed.update(routes)
        return Missing(tuple(sorted(allowed)))

    def _place(self, segments: list[str], tail: str | None) -> dict[str, Route]:
        node = self._root
        for segment in segments:
            if not segment.startswith("{"):
                node = node.static.setdefault(segment, _Node())
            elif segment.endswith(":path}") or segment == f"{{{tail}}}":
                return node.rest
            else:
                node.placeholder = node.placeholder or _Node()
                node = node.placeholder
        return node.routes


def routing_table(documents: Mapping[str, Document]) -> RoutingTable:
    """The table of all services. RoutingError where two claim the same operation."""
    table = RoutingTable()
    for service, document in documents.items():
        for template, method, operation in operations(document):
            needs_login = _needs_login(document, operation)
            own = operation.get("x-deadline-seconds"), operation.get("x-max-body-bytes")
            route = Route(service, method.upper(), template, needs_login, *own)
            table.add(route, tail=operation.get("x-multi-segment"))
    return table


def operations(document: Document) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(path template, method, operation) of a document, in its order."""
    for template, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield template, method, item[method]


def _needs_login(document: Document, operation: Mapping[str, Any]) -> bool:
    security = operation.get("security", document.get("security", []))
    return bool(security) and {} not in security


def _candidates(node: _Node, segments: list[str], at: int) -> Iterator[dict[str, Route]]:
    if at == len(segments):
        if node.routes:
            yield node.routes
        return
    if following := node.static.get(segments[at]):
        yield from _candidates(following, segments, at + 1)
    if node.placeholder is not None and segments[at]:
        yield from _candidates(node.placeholder, segments, at + 1)
    if node.rest and all(segments[at:]):
        yield node.rest


def _segments(raw_path: bytes) -> list[str] | None:
    """Segments after the first slash, still encoded; None where one of them isn't safe."""
    if not raw_path.startswith(b"/") or not raw_path.isascii():
        return None
    segments = raw_path.decode("ascii").split("/")[1:]
    if raw_path.translate(None, _PLAIN + b"/") and not all(map(_is_safe, segments)):
        return None
    return segments


def _is_safe(segment: str) -> bool:
    """Whether it is one segment, and the same one, to whoever decodes it."""
    if not _is_well_encoded(segment):
        return False
    try:
        text = unquote_to_bytes(segment).decode("utf-8")
    except UnicodeDecodeError:
        return False
    if text in (".", "..") or "/" in text or "\\" in text:
        return False
    return not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in text)


def _is_well_encoded(segment: str) -> bool:
    """Only characters that a path may hold, and two hexadecimal digits after each `%`."""
    plain, *encoded = segment.encode("ascii").split(b"%")
    if any(len(part) < 2 or not _HEX.issuperset(part[:2]) for part in encoded):
        return False
    return not (plain + b"".join(encoded)).translate(None, _PLAIN + b".")
