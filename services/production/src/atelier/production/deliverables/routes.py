"""HTTP to use case, for deliverables: inside only."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from atelier.production.deliverables import use_cases
from atelier.production.deliverables.repository import DeliverableFilter
from atelier.runtime.auth import Principal
from atelier.runtime.errors import InvalidError, NotAuthenticatedError
from atelier.runtime.http.dependencies import CurrentReferences
from atelier.runtime.http.internal import MAX_IDS
from atelier.runtime.http.lists import ListQuery
from atelier.runtime.http.route import UnitOfWorkRoute, Uow

MAX_PAGE = 500
"""Each comes with its whole product."""

router = APIRouter(prefix="/internal/deliverables", include_in_schema=False, route_class=UnitOfWorkRoute)


@router.get("")
async def list_deliverables(
    request: Request,
    uow: Uow,
    references: CurrentReferences,
    shot_ids: ListQuery[UUID] = (),
    product_ids: ListQuery[UUID] = (),
    look_id: UUID | None = None,
    shooting_id: UUID | None = None,
    owner_id: UUID | None = None,
    organization_id: UUID | None = None,
    approved: bool = False,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
) -> Response:
    """What the token's principal may see of the shots that match, by shot id; a service sees all."""
    principal: Principal = request.state.principal
    if principal.user_id is None and principal.service is None:
        raise NotAuthenticatedError("Internal reads need an internal token.")
    _require_bounded(shot_ids=shot_ids, product_ids=product_ids)
    narrowed = DeliverableFilter(
        shot_ids=shot_ids,
        product_ids=product_ids,
        look_id=look_id,
        shooting_id=shooting_id,
        owner_id=owner_id,
        organization_id=organization_id,
        approved=approved,
    )
    deliverables = await use_cases.page(uow, references, principal, narrowed, after, limit)
    return Response(deliverables.model_dump_json(), media_type="application/json")


def _require_bounded(**ids: Collection[UUID]) -> None:
    for name, given in ids.items():
        if len(given) > MAX_IDS:
            raise InvalidError.field("query", name, msg=f"At most {MAX_IDS} ids at once.")
