"""HTTP to use case, for looks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from atelier.contracts.enums import ShotStatusFilter
from atelier.contracts.public.looks import ShootingLookPublic
from atelier.contracts.public.media import Cdn
from atelier.contracts.public.messages import Message
from atelier.production.dependencies import CurrentSeeds
from atelier.production.looks import creating, use_cases
from atelier.production.looks.answers import show_looks, show_made
from atelier.production.looks.models import Look
from atelier.production.looks.repository import Filters
from atelier.production.looks.schemas import (
    GenerateShootingLooksRequest,
    GenerateShootingLooksResponse,
    ShootingLooksPublic,
)
from atelier.production.shootings import use_cases as shootings
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.dependencies import CurrentCdn, CurrentMedia, CurrentReferences
from atelier.runtime.http.lists import ListQuery
from atelier.runtime.http.pages import Paged
from atelier.runtime.http.prepared import PreparedAnswer
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.scope import OrganizationQuery
from atelier.runtime.http.versions import IfMatch, tag
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

router = api_router("/shootings/looks", "looks")
of_shootings = api_router("/shootings/{shooting_id}/looks", "looks")

Part = Annotated[str | None, Query(max_length=255)]


async def _filters(
    shot_statuses: ListQuery[ShotStatusFilter] = (),
    product_ids: ListQuery[UUID] = (),
    assignee_ids: ListQuery[UUID] = (),
    product_name: Part = None,
    product_sku: Part = None,
    product_type: Part = None,
) -> Filters:
    return Filters(
        shot_statuses=shot_statuses,
        product_ids=product_ids,
        assignee_ids=assignee_ids,
        product_name=product_name,
        product_sku=product_sku,
        product_type=product_type,
    )


@router.get("/{look_id}", response_model=ShootingLookPublic, openapi_extra=access.MEMBERS_READ)
async def read_look(
    look_id: UUID,
    uow: Uow,
    references: CurrentReferences,
    cdn: CurrentCdn,
    principal: CurrentPrincipal,
    organization_id: OrganizationQuery = None,
) -> PreparedAnswer:
    """Read one look with its shots and outfit."""
    look = await use_cases.read(uow, principal, look_id, organization_id)
    return await _shown(uow, references, cdn, look)


@of_shootings.post(
    "",
    status_code=201,
    response_model=GenerateShootingLooksResponse,
    # media may fetch reference images from afar
    openapi_extra=access.MEMBERS_WRITE | {"x-deadline-seconds": 90},
)
async def create_shooting_looks(
    shooting_id: UUID,
    body: GenerateShootingLooksRequest,
    uow: Uow,
    references: CurrentReferences,
    media: CurrentMedia,
    seeds: CurrentSeeds,
    cdn: CurrentCdn,
    principal: CurrentPrincipal,
    organization_id: OrganizationQuery = None,
) -> PreparedAnswer:
    """Make looks of products on the subjects that fit them, all or none; generations for them if asked."""
    made = await creating.create(uow, references, media, seeds, principal, shooting_id, organization_id, body)
    return PreparedAnswer(show_made(cdn, made), status_code=201)


@of_shootings.get("", response_model=ShootingLooksPublic, openapi_extra=access.MEMBERS_READ)
async def list_shooting_looks(
    shooting_id: UUID,
    uow: Uow,
    references: CurrentReferences,
    cdn: CurrentCdn,
    principal: CurrentPrincipal,
    page: Paged,
    filters: Annotated[Filters, Depends(_filters)],
    organization_id: OrganizationQuery = None,
) -> PreparedAnswer:
    """List the looks of a shooting, newest first, with their shots and outfits."""
    shooting = await shootings.read(uow, principal, shooting_id, organization_id)
    looks, count = await use_cases.list_(uow, shooting, filters, page)
    return PreparedAnswer({"data": await show_looks(uow, references, cdn, looks), "count": count})


@of_shootings.get("/{look_id}", response_model=ShootingLookPublic, openapi_extra=access.MEMBERS_READ)
async def read_shooting_look(
    shooting_id: UUID,
    look_id: UUID,
    uow: Uow,
    references: CurrentReferences,
    cdn: CurrentCdn,
    principal: CurrentPrincipal,
    organization_id: OrganizationQuery = None,
) -> PreparedAnswer:
    """Read one look of a shooting with its shots and outfit."""
    look = await use_cases.read(uow, principal, look_id, organization_id, shooting_id)
    return await _shown(uow, references, cdn, look)


@of_shootings.delete("/{look_id}", openapi_extra=access.ADMINS_OR_OWN)
async def delete_shooting_look(
    shooting_id: UUID,
    look_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
    organization_id: OrganizationQuery = None,
) -> Message:
    """Delete a look for good, with its shots and their revisions."""
    await use_cases.delete(uow, principal, shooting_id, look_id, organization_id, expected)
    return Message(message="Look deleted.")


async def _shown(uow: UnitOfWork, references: References, cdn: Cdn, look: Look) -> PreparedAnswer:
    (shown,) = await show_looks(uow, references, cdn, [look])
    answer = PreparedAnswer(shown)
    tag(answer, look)
    return answer
