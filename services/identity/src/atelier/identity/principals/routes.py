"""HTTP to use case, for principals: inside only, for services in their own name."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request

from atelier.identity.principals import use_cases
from atelier.identity.principals.schemas import PrincipalPublic
from atelier.runtime.auth import Principal
from atelier.runtime.errors import ForbiddenError, NotAuthenticatedError
from atelier.runtime.http.route import UnitOfWorkRoute, Uow

router = APIRouter(prefix="/internal/principals", include_in_schema=False, route_class=UnitOfWorkRoute)


@router.get("/{user_id}")
async def read_principal(user_id: UUID, request: Request, uow: Uow) -> PrincipalPublic:
    """What an active user may do."""
    _require_service(request.state.principal)
    principal = await use_cases.principal_of(uow, user_id)
    return PrincipalPublic(
        user_id=user_id, superuser=principal.superuser, organizations=dict(principal.organizations)
    )


def _require_service(asking: Principal) -> None:
    if asking.service is None and asking.user_id is None:
        raise NotAuthenticatedError("Internal reads need an internal token.")
    if asking.service is None:
        raise ForbiddenError("Only services may ask what a user may do.")
