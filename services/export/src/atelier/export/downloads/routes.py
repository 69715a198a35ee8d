"""HTTP to use case, for downloads of single shots."""

from __future__ import annotations

from uuid import UUID

from fastapi.responses import RedirectResponse

from atelier.export.dependencies import CurrentBegin, CurrentDeliveries, CurrentDelivery, CurrentStudio
from atelier.export.downloads import use_cases
from atelier.export.redirects import REDIRECT, redirect
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.dependencies import CurrentStorage
from atelier.runtime.http.route import CurrentPrincipal

router = api_router("/shots", "downloads")


NO_PICTURE = {
    "responses": {
        "400": {
            "description": "The shot has no picture yet.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorDetail"}}},
        }
    }
}


@router.get("/{shot_id}/download", openapi_extra=access.MEMBERS_READ | NO_PICTURE, **REDIRECT)
async def download_shot(
    shot_id: UUID,
    principal: CurrentPrincipal,
    begin: CurrentBegin,
    deliveries: CurrentDeliveries,
    studio: CurrentStudio,
    storage: CurrentStorage,
    delivery: CurrentDelivery,
) -> RedirectResponse:
    """Download the current revision's picture, converted and with its metadata, as an attachment."""
    return redirect(
        await use_cases.download(begin, deliveries, studio, storage, delivery, principal, shot_id)
    )
