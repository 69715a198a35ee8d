"""One OpenAPI 3.1 document out of the services' own, with what the gateway itself serves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from atelier.gateway.examples import Examples
from atelier.gateway.routing import METHODS, Document, operations
from atelier.runtime.http import access

API_VERSION = "1.0.0"
SECURITY_SCHEME = "OAuth2PasswordBearer"
API_KEY_SCHEME = "ApiKey"
TOKEN_URL = "/api/v1/login/access-token"  # noqa: S105 - a path
_TAIL = ":path}"


class DocumentError(Exception):
    """The services' documents can't be read or don't fit together; the message says which."""


def read_documents(folder: Path) -> dict[str, Document]:
    """Service → its committed document, from `<folder>/<service>/openapi.json`."""
    found = {path.parent.name: _read(path) for path in sorted(folder.glob("*/openapi.json"))}
    if not found:
        raise DocumentError(
            f"There is no */openapi.json in {folder}; set GATEWAY_OPENAPI_DIR to the folder that "
            "holds a folder with an openapi.json for each service."
        )
    return found


def merge(documents: Mapping[str, Document]) -> dict[str, Any]:
    """The public document. DocumentError where two services contradict each other."""
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Atelier", "version": API_VERSION, "description": _DESCRIPTION},
        "paths": {},
        "components": {},
        "tags": [],
    }
    for service, document in documents.items():
        _add_paths(merged["paths"], document)
        _add_components(merged["components"], service, document)
        _add_tags(merged["tags"], document)
    _add_own_answers(merged)
    merged["paths"]["/health"] = {"get": _HEALTH}
    merged["paths"]["/health/services"] = {"get": _SERVICES}
    merged["tags"].append({"name": "health"})
    merged["components"]["securitySchemes"] = {SECURITY_SCHEME: _PASSWORD_FLOW, API_KEY_SCHEME: _API_KEY}
    _check_operation_ids(merged)
    _complete(merged)
    return merged


def _read(path: Path) -> Document:
    try:
        document: Document = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as wrong:
        raise DocumentError(f"{path} can't be read: {wrong}") from wrong
    if not str(document.get("openapi", "")).startswith("3.1"):
        raise DocumentError(f"{path} is no OpenAPI 3.1 document.")
    return document


def _add_paths(paths: dict[str, Any], document: Document) -> None:
    """Routing has checked that no operation is there twice; services may share a path."""
    for template, item in document.get("paths", {}).items():
        shared = {key: value for key, value in item.items() if key not in METHODS}
        mine = paths.setdefault(template.replace(_TAIL, "}"), shared)
        for method in METHODS:
            if method in item:
                mine[method] = _with_shared_security(document, item[method])


def _with_shared_security(document: Document, operation: Mapping[str, Any]) -> dict[str, Any]:
    if "security" in document and "security" not in operation:
        return {**operation, "security": document["security"]}
    return dict(operation)


def _add_components(components: dict[str, Any], service: str, document: Document) -> None:
    for kind, entries in document.get("components", {}).items():
        known = components.setdefault(kind, {})
        for name, entry in entries.items():
            if kind != "securitySchemes" and known.setdefault(name, entry) != entry:
                raise DocumentError(
                    f"{service} shows another {name} (components/{kind}) than a service before it; "
                    "what two services show must be identical."
                )


def _add_tags(tags: list[Any], document: Document) -> None:
    known = {tag["name"] for tag in tags}
    tags.extend(tag for tag in document.get("tags", []) if tag["name"] not in known)


def _add_own_answers(merged: dict[str, Any]) -> None:
    """What any operation may be answered on the way to its service."""
    merged["components"].setdefault("schemas", {}).setdefault("ErrorDetail", _ERROR)
    for item in merged["paths"].values():
        for method in METHODS:
            if method in item:
                item[method]["responses"] = {**_OWN_ANSWERS, **item[method].get("responses", {})}


def _complete(merged: dict[str, Any]) -> None:
    """Who may ask by an API key, and an example for each body and answer."""
    examples = Examples(merged["components"].get("schemas", {}))
    for item in merged["paths"].values():
        for method in METHODS & item.keys():
            operation = examples.of_operation(item[method])
            takes_keys = operation.get(access.EXTENSION, {}).get("keys", True)
            if operation.get("security") and takes_keys:
                operation["security"] = [*operation["security"], {API_KEY_SCHEME: []}]
            item[method] = operation


def _check_operation_ids(merged: Document) -> None:
    seen: dict[str, str] = {}
    for template, method, operation in operations(merged):
        here = f"{method.upper()} {template}"
        name = operation.get("operationId", here)
        if name in seen:
            raise DocumentError(f"{seen[name]} and {here} have the same operationId, {name}.")
        seen[name] = here


_DESCRIPTION = (
    "Log in at `/api/v1/login/access-token` and send the token as a bearer token. Errors are "
    "`{detail}`; every answer carries `X-Request-ID`."
)
_PASSWORD_FLOW = {"type": "oauth2", "flows": {"password": {"scopes": {}, "tokenUrl": TOKEN_URL}}}
_API_KEY = {
    "type": "apiKey",
    "in": "header",
    "name": "X-API-Key",
    "description": "A key of `/api/v1/users/me/api-keys/`; `Authorization: Bearer atk_…` is the same.",
}
_STATES = {"type": "string", "enum": ["ok", "degraded", "unavailable", "unreachable"]}
_HEALTH_CONTENT = {
    "application/json": {
        "schema": {
            "title": "GatewayHealth",
            "type": "object",
            "required": ["status", "services"],
            "properties": {
                "status": {"type": "string", "enum": ["ok", "unavailable"]},
                "services": {"type": "object", "additionalProperties": _STATES},
            },
        }
    }
}
_HEALTH = {
    "tags": ["health"],
    "summary": "Whether every service is well",
    "operationId": "gateway_health",
    **access.OPEN,
    "responses": {
        "200": {"description": "All is well.", "content": _HEALTH_CONTENT},
        "503": {"description": "At least one service isn't.", "content": _HEALTH_CONTENT},
    },
}
_NUMBER_OR_NULL = {"type": ["number", "null"]}
_PROCESS = {
    "title": "ServiceProcess",
    "type": "object",
    "required": ["ready"],
    "properties": {
        "ready": {"type": "boolean"},
        "reason": {"type": ["string", "null"], "description": "Why it isn't ready."},
        "degraded": {"type": "array", "items": {"type": "string"}},
        "version": {"type": ["string", "null"]},
        "consumer_lag": {
            "type": "object",
            "additionalProperties": {"type": "integer"},
            "description": "Records behind, by consumer group.",
        },
        "relay_leads": {"type": ["boolean", "null"], "description": "Whether this process relays events."},
        "outbox": {"type": ["integer", "null"], "description": "Events that wait, at most 10,000."},
        "outbox_oldest_seconds": _NUMBER_OR_NULL,
        "dead_letters": {"type": ["integer", "null"], "description": "Open ones."},
    },
}
_SERVICES_SCHEMA = {
    "title": "ServicesHealth",
    "type": "object",
    "required": ["services"],
    "properties": {
        "services": {"type": "object", "additionalProperties": {"type": "array", "items": _PROCESS}}
    },
}
_ERROR = {
    "title": "ErrorDetail",
    "type": "object",
    "required": ["detail"],
    "properties": {"detail": {"title": "Detail", "type": "string"}},
}
_DETAIL = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorDetail"}}}
_OWN_ANSWERS = {
    "429": {"description": "Asked too often; `Retry-After` says how long to wait.", "content": _DETAIL},
    "502": {
        "description": "The service ended the connection; whether it took effect is unknown.",
        "content": _DETAIL,
    },
    "503": {"description": "Something that is needed is away; nothing changed.", "content": _DETAIL},
    "504": {
        "description": "No answer by the deadline; whether it took effect is unknown.",
        "content": _DETAIL,
    },
}
_SERVICES = {
    "tags": ["health"],
    "summary": "What each process of each service says about itself, for superusers",
    "operationId": "services_health",
    **access.SUPERUSERS,
    "security": [{SECURITY_SCHEME: []}],
    "responses": {
        "200": {
            "description": "A list of processes for each service.",
            "content": {"application/json": {"schema": _SERVICES_SCHEMA}},
        },
        "401": {"description": "Not logged in.", "content": _DETAIL},
        "403": {"description": "Not a superuser.", "content": _DETAIL},
    },
}
