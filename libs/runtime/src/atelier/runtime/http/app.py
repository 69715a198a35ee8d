"""The FastAPI application of a service, the same for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from atelier.runtime.http.document import with_errors
from atelier.runtime.http.errors import DOCUMENTED, install_error_handlers
from atelier.runtime.http.middleware import RequestContext
from atelier.runtime.http.route import UnitOfWorkRoute


def api_router(prefix: str, tag: str) -> APIRouter:
    """A router for one module's public operations, under `/api/v1`."""
    return APIRouter(prefix=f"/api/v1{prefix}", tags=[tag], route_class=UnitOfWorkRoute, responses=DOCUMENTED)


def create_app(*, title: str, routers: Sequence[APIRouter], max_body_bytes: int) -> FastAPI:
    """An application with every rule of the house; what it needs at work is put on `app.state`."""
    app = FastAPI(
        title=title,
        version="1",
        openapi_url=None,
        separate_input_output_schemas=False,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.max_body_bytes = max_body_bytes
    for router in routers:
        app.include_router(router)
    install_error_handlers(app)
    app.add_middleware(RequestContext)
    return app


def public_document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the public operations, as it is committed beside the service."""
    return with_errors(app.openapi())


def _operation_id(route: APIRoute) -> str:
    return route.name
