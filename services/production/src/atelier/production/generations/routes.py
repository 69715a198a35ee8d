"""HTTP to use case, for asking for generations."""

from __future__ import annotations

from uuid import UUID

from atelier.production.dependencies import CurrentSeeds
from atelier.production.generations import use_cases
from atelier.production.generations.schemas import StartGenerationsRequest, StartGenerationsResponse
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.dependencies import CurrentReferences
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.scope import OrganizationQuery
from atelier.runtime.http.versions import IfMatch

of_looks = api_router("/shootings/looks", "looks")
of_shots = api_router("/shots", "shots")


@of_looks.post("/{look_id}/start-generations", status_code=202, openapi_extra=access.MEMBERS_WRITE)
async def start_look_generations(
    look_id: UUID,
    uow: Uow,
    references: CurrentReferences,
    seeds: CurrentSeeds,
    principal: CurrentPrincipal,
    expected: IfMatch,
    body: StartGenerationsRequest | None = None,
    organization_id: OrganizationQuery = None,
) -> StartGenerationsResponse:
    """Ask for generations of every shot of a look; shots that lack a picture are left out and named."""
    wanted = body or StartGenerationsRequest()
    return await use_cases.start_of_look(
        uow, references, seeds, principal, look_id, organization_id, expected, wanted
    )


@of_shots.post("/{id}/generate", status_code=202, openapi_extra=access.MEMBERS_WRITE)
async def generate_shot(
    id: UUID,  # noqa: A002 - the contract's name
    uow: Uow,
    references: CurrentReferences,
    seeds: CurrentSeeds,
    principal: CurrentPrincipal,
    expected: IfMatch,
    body: StartGenerationsRequest | None = None,
) -> StartGenerationsResponse:
    """Ask for generations of one shot."""
    wanted = body or StartGenerationsRequest()
    return await use_cases.start_of_shot(uow, references, seeds, principal, id, expected, wanted)
