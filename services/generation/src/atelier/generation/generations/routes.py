"""HTTP to use case, for generations."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request

from atelier.generation.generations import use_cases
from atelier.generation.generations.schemas import GenerationPublic
from atelier.generation.settings import Settings
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.dependencies import CurrentReferences
from atelier.runtime.http.pages import Paged
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.scope import OrganizationQuery

router = api_router("/products", "generations")


@router.get("/{product_id}/generations", openapi_extra=access.MEMBERS_READ)
async def list_generations_of_product(
    product_id: UUID,
    request: Request,
    uow: Uow,
    references: CurrentReferences,
    principal: CurrentPrincipal,
    page: Paged,
    organization_id: OrganizationQuery = None,
) -> list[GenerationPublic]:
    """List a product's generations with their predictions, newest first."""
    settings: Settings = request.app.state.settings
    generations = await use_cases.list_of_product(
        uow, references, principal, organization_id, product_id, page
    )
    return [
        GenerationPublic.of(generation.state(), generation.tool, settings.cdn) for generation in generations
    ]
