"""What the gateway serves itself: health, the documents, and a page to read and try them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from atelier.gateway import service_health
from atelier.gateway.health import Health
from atelier.gateway.service_health import ServiceHealth

Page = Callable[[], Awaitable[Response]]
FOR_SUPERUSERS = frozenset({service_health.PATH})
_MEDIA_TYPE = "application/json"
_ASSETS = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")
_ASSET_HEADERS = {"cache-control": "public, max-age=3600"}
_NOT_KEPT = {"cache-control": "no-store"}


def pages(document: dict[str, Any], health: Health, details: ServiceHealth) -> dict[bytes, Page]:
    """Raw path → what answers a GET of it."""
    content = orjson.dumps(document)

    async def summary() -> Response:
        well, services = await health.summary()
        body = orjson.dumps({"status": "ok" if well else "unavailable", "services": services})
        return Response(body, 200 if well else 503, _NOT_KEPT, _MEDIA_TYPE)

    async def services() -> Response:
        return Response(orjson.dumps(await details.details()), 200, _NOT_KEPT, _MEDIA_TYPE)

    async def openapi() -> Response:
        return Response(content, media_type=_MEDIA_TYPE)

    async def docs() -> Response:
        return HTMLResponse(_DOCS)

    async def root() -> Response:
        return RedirectResponse("/docs")

    own: dict[bytes, Page] = {b"/health": summary, b"/openapi.json": openapi, b"/docs": docs, b"/": root}
    own[service_health.PATH] = services
    return own | {f"/docs/{name}".encode(): _asset(name) for name in _ASSETS}


def _asset(name: str) -> Page:
    path = _assets_folder() / name

    async def asset() -> Response:
        return FileResponse(path, headers=_ASSET_HEADERS)

    return asset


def _assets_folder() -> Path:
    """Swagger UI comes from a wheel, so the page needs no other host. Nothing of it is imported."""
    spec = find_spec("fastapi_offline")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("fastapi-offline, which holds the files of /docs, isn't installed")
    return Path(spec.submodule_search_locations[0]) / "static"


_DOCS = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Atelier API</title>
<link rel="icon" href="/docs/favicon.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="operations"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#operations",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "none",
  filter: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
</script>
</body>
</html>
"""
