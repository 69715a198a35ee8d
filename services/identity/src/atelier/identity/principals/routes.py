"""HTTP to use case, for principals: inside only, for services in their own name."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from atelier.identity.principals import use_cases
from atelier.identity.principals.schemas import ApiKeyResolve, KeyPrincipalPublic, PrincipalPublic
from atelier.runtime.auth import Principal
from atelier.runtime.errors import ForbiddenError, NotAuthenticatedError
from atelier.runtime.http.route import UnitOfWorkRoute, Uow


def _require_service(request: Request) -> None:
    asking: Principal = request.state.principal
    if asking.service is None and asking.user_id is None:
        raise NotAuthenticatedError("Internal reads need an internal token.")
    if asking.service is None:
        raise ForbiddenError("Only services may ask what a user may do.")


router = APIRouter(
    prefix="/internal",
    include_in_schema=False,
    route_class=UnitOfWorkRoute,
    dependencies=[Depends(_require_service)],
)


@router.get("/principals/{user_id}")
async def read_principal(
    user_id: UUID, uow: Uow, session_id: Annotated[UUID | None, Query()] = None
) -> PrincipalPublic:
    """What an active user may do, and whether that session of theirs goes on."""
    return await use_cases.principal_of(uow, user_id, session_id)


@router.post("/api-keys/resolve")
async def resolve_api_key(body: ApiKeyResolve, uow: Uow) -> KeyPrincipalPublic:
    """What the holder of a key may do; noted as a use of it."""
    key, principal = await use_cases.principal_of_key(uow, bytes.fromhex(body.digest))
    return KeyPrincipalPublic(
        user_id=key.user_id,
        superuser=principal.superuser,
        organizations=dict(principal.organizations),
        api_key_id=key.id,
        scopes=key.scopes,
        confined_to=principal.confined_to,
    )
