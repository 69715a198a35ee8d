"""`/internal/<kind>`: what this service owns, for the other services. Never routed from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import ColumnElement, select
from sqlalchemy.sql.base import ExecutableOption

from atelier.contracts.model import State
from atelier.runtime.auth import Principal
from atelier.runtime.errors import InvalidError, NotAuthenticatedError
from atelier.runtime.http.route import UnitOfWorkRoute, Uow

MAX_IDS = 200
MAX_PAGE = 1000


@dataclass(frozen=True)
class OwnedKind:
    """An aggregate that this service owns and shows to others."""

    state: type[State]
    row: Any
    """The mapped class; has `id`, `version` and `state()`."""
    visible_to: Callable[[Principal], ColumnElement[bool]]
    options: Sequence[ExecutableOption] = ()
    """What `state()` needs loaded beside the row."""


def internal_router(kinds: Sequence[OwnedKind]) -> APIRouter:
    """The reads of all kinds: by ids, or a page after an id, soft-deleted ones too.

    They answer what the token's principal may see; a service sees all.
    """
    router = APIRouter(prefix="/internal", include_in_schema=False, route_class=UnitOfWorkRoute)
    for kind in kinds:
        router.add_api_route(f"/{kind.state.kind}", _reader(kind), methods=["GET"])
    return router


def _reader(kind: OwnedKind) -> Callable[..., Any]:
    async def read(
        request: Request,
        uow: Uow,
        ids: Annotated[str | None, Query()] = None,
        after: Annotated[UUID | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = MAX_PAGE,
    ) -> Response:
        principal: Principal = request.state.principal
        if principal.user_id is None and principal.service is None:
            raise NotAuthenticatedError("Internal reads need an internal token.")
        statement = select(kind.row).where(kind.visible_to(principal)).options(*kind.options)
        if ids is not None:
            statement = statement.where(kind.row.id.in_(_parse(ids)))
        elif after is not None:
            statement = statement.where(kind.row.id > after)
        rows = await uow.all(statement.order_by(kind.row.id).limit(limit))
        return Response(_body(rows), media_type="application/json")

    return read


def _parse(ids: str) -> list[UUID]:
    parts = [part for part in ids.split(",") if part]
    if len(parts) > MAX_IDS:
        raise InvalidError.field("query", "ids", msg=f"At most {MAX_IDS} ids at once.")
    try:
        return [UUID(part) for part in parts]
    except ValueError as wrong:
        raise InvalidError.field("query", "ids", msg="These aren't ids.") from wrong


def _body(rows: Sequence[Any]) -> str:
    items = (f'{{"version":{row.version},"state":{row.state().model_dump_json()}}}' for row in rows)
    return '{"data":[' + ",".join(items) + "]}"
