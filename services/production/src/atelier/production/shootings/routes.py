"""HTTP to use case, for shootings."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from atelier.contracts.public.messages import Message
from atelier.production.looks import use_cases as looks
from atelier.production.looks.answers import show_looks
from atelier.production.shootings import use_cases
from atelier.production.shootings.schemas import (
    ShootingCreate,
    ShootingDetailPublic,
    ShootingPublic,
    ShootingsPublic,
    ShootingStatusFilter,
    ShootingSummary,
    ShootingUpdate,
)
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.dependencies import CurrentCdn, CurrentReferences
from atelier.runtime.http.lists import ListQuery
from atelier.runtime.http.pages import Paged
from atelier.runtime.http.prepared import PreparedAnswer
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.scope import ListScope, OrganizationQuery
from atelier.runtime.http.versions import IfMatch, tag

router = api_router("/shootings", "shootings")


@router.post("/", status_code=201, openapi_extra=access.MEMBERS_CREATE)
async def create_shooting(
    body: ShootingCreate,
    uow: Uow,
    references: CurrentReferences,
    principal: CurrentPrincipal,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> ShootingPublic:
    """Plan a shooting."""
    shooting = await use_cases.create(uow, references, principal, organization_id, body)
    tag(response, shooting)
    return ShootingPublic.model_validate(shooting)


@router.get("/", openapi_extra=access.MEMBERS_LIST)
async def list_shootings(
    uow: Uow,
    principal: CurrentPrincipal,
    scope: ListScope,
    page: Paged,
    statuses: ListQuery[ShootingStatusFilter] = (),
) -> ShootingsPublic:
    """List an organization's shootings, or one's own, without their looks."""
    shootings, count = await use_cases.list_(uow, principal, scope, statuses, page)
    data = [ShootingPublic.model_validate(shooting) for shooting in shootings]
    return ShootingsPublic(data=data, count=count)


@router.get("/summary", openapi_extra=access.MEMBERS_LIST)
async def summarize_shootings(
    uow: Uow,
    principal: CurrentPrincipal,
    scope: ListScope,
    shooting_id: Annotated[UUID | None, Query(description="Only this one; without it, all.")] = None,
) -> ShootingSummary:
    """Count products, looks and looks by status, of one shooting or of all of the scope."""
    return await use_cases.summarize(uow, principal, scope, shooting_id)


@router.get("/{shooting_id}", response_model=ShootingDetailPublic, openapi_extra=access.MEMBERS_READ)
async def read_shooting(
    shooting_id: UUID,
    uow: Uow,
    references: CurrentReferences,
    cdn: CurrentCdn,
    principal: CurrentPrincipal,
    organization_id: OrganizationQuery = None,
) -> PreparedAnswer:
    """Read one shooting with its looks."""
    shooting = await use_cases.read(uow, principal, shooting_id, organization_id)
    shown = await show_looks(uow, references, cdn, await looks.of_shooting(uow, shooting))
    answer = PreparedAnswer(
        ShootingPublic.model_validate(shooting).model_dump(mode="json") | {"looks": shown}
    )
    tag(answer, shooting)
    return answer


@router.patch("/{shooting_id}", name="patch_shooting", openapi_extra=access.MEMBERS_WRITE)
@router.put("/{shooting_id}", openapi_extra=access.MEMBERS_WRITE)
async def update_shooting(
    shooting_id: UUID,
    body: ShootingUpdate,
    uow: Uow,
    references: CurrentReferences,
    principal: CurrentPrincipal,
    expected: IfMatch,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> ShootingPublic:
    """Change the fields that are sent."""
    shooting = await use_cases.update(
        uow, references, principal, shooting_id, organization_id, expected, body
    )
    tag(response, shooting)
    return ShootingPublic.model_validate(shooting)


@router.delete("/{shooting_id}", openapi_extra=access.ADMINS_OR_OWN)
async def delete_shooting(
    shooting_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
    organization_id: OrganizationQuery = None,
) -> Message:
    """Delete a shooting for good, with its looks and shots."""
    await use_cases.delete(uow, principal, shooting_id, organization_id, expected)
    return Message(message="Shooting deleted.")
