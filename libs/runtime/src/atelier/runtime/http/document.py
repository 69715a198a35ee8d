"""What FastAPI can't know of an operation: the errors by which the runtime refuses a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options"})

_TEXT = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorDetail"}}}
_PROBLEMS = {"application/json": {"schema": {"$ref": "#/components/schemas/HTTPValidationError"}}}
_INVALID = {"description": "Something in the request isn't valid: where, and why.", "content": _PROBLEMS}
_CONFLICT = {
    "description": "A rule of the business, or another request, stands against it.",
    "content": _TEXT,
}
_STALE = {"description": "`If-Match` names an older version.", "content": _TEXT}
_TOO_LARGE = {"description": "The body is too large.", "content": _TEXT}
_NO_JSON = {"description": "The body isn't sent as `application/json`.", "content": _TEXT}


def with_errors(document: dict[str, Any]) -> dict[str, Any]:
    """FastAPI's document, with what the runtime answers where a request is refused."""
    for method, operation in _operations(document):
        declared = operation["responses"]
        operation["responses"] = {**dict(_errors(method, operation)), **declared, "422": _INVALID}
    _describe_problems(document["components"]["schemas"])
    return document


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in document["paths"].values():
        yield from ((method, operation) for method, operation in item.items() if method in METHODS)


def _errors(method: str, operation: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the runtime answers for it, by what it takes."""
    body = operation.get("requestBody", {}).get("content", {})
    if method != "get":
        yield "409", _CONFLICT
    if any(one["name"] == "if-match" for one in operation.get("parameters", ())):
        yield "412", _STALE
    if body:
        yield "413", _TOO_LARGE
    if "application/json" in body:
        yield "415", _NO_JSON


def _describe_problems(schemas: dict[str, Any]) -> None:
    """FastAPI's models of 422, without what we never answer: it would echo what was sent."""
    text = {"type": "string"}
    place = {"type": "array", "items": {"anyOf": [text, {"type": "integer"}]}}
    schemas["ValidationError"] = {
        "title": "ValidationError",
        "type": "object",
        "required": ["loc", "msg", "type"],
        "properties": {"loc": place, "msg": text, "type": text},
    }
    schemas["HTTPValidationError"] = {
        "title": "HTTPValidationError",
        "type": "object",
        "required": ["detail"],
        "properties": {
            "detail": {"type": "array", "items": {"$ref": "#/components/schemas/ValidationError"}}
        },
    }
    schemas.setdefault("ErrorDetail", {
        "title": "ErrorDetail", "type": "object", "required": ["detail"], "properties": {"detail": text},
    })  # fmt: skip
