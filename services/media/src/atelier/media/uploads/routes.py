"""HTTP to use case, for uploads."""

from __future__ import annotations

from fastapi import APIRouter

from atelier.media.dependencies import CurrentSettings, InternalPrincipal
from atelier.media.uploads import use_cases
from atelier.media.uploads.schemas import PresignedUrlRequest, PresignedUrlResponse
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.dependencies import CurrentStorage
from atelier.runtime.http.route import CurrentPrincipal, UnitOfWorkRoute, Uow

router = api_router("/uploads", "uploads")
internal_router = APIRouter(prefix="/internal/uploads", include_in_schema=False, route_class=UnitOfWorkRoute)


@router.post("/presigned-url", openapi_extra=access.ANY_LOGIN)
async def create_presigned_url(
    body: PresignedUrlRequest,
    uow: Uow,
    storage: CurrentStorage,
    settings: CurrentSettings,
    principal: CurrentPrincipal,
) -> PresignedUrlResponse:
    """Get a URL to upload a file to. The bytes go straight to storage."""
    return await use_cases.presign(uow, storage, settings, principal, body)


@internal_router.post("")
async def presign_for_a_service(
    body: PresignedUrlRequest,
    uow: Uow,
    storage: CurrentStorage,
    settings: CurrentSettings,
    principal: InternalPrincipal,
) -> PresignedUrlResponse:
    """The same for another service, on a user's or its own behalf."""
    return await use_cases.presign(uow, storage, settings, principal, body)
