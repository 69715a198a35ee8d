"""HTTP to use case, for signing keys."""

from __future__ import annotations

from fastapi import APIRouter

from atelier.identity.signing_keys import use_cases
from atelier.identity.signing_keys.schemas import JsonWebKey, JsonWebKeySet
from atelier.runtime.http import access
from atelier.runtime.http.route import UnitOfWorkRoute, Uow

router = APIRouter(prefix="/.well-known", tags=["login"], route_class=UnitOfWorkRoute)


@router.get("/jwks.json", openapi_extra=access.OPEN)
async def read_signing_keys(uow: Uow) -> JsonWebKeySet:
    """The public keys by which anybody can verify an access token."""
    return JsonWebKeySet(keys=[JsonWebKey.of(key) for key in await use_cases.published(uow)])
