"""HTTP to use case, for resolution presets."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from atelier.catalog.resolution_presets import use_cases
from atelier.catalog.resolution_presets.schemas import (
    ResolutionPresetCreate,
    ResolutionPresetsPublic,
    ResolutionPresetUpdate,
)
from atelier.contracts.public.messages import Message
from atelier.contracts.public.presets import ResolutionPresetPublic
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.dependencies import CurrentReferences
from atelier.runtime.http.pages import Paged
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.scope import OrganizationQuery, OwnedListScope
from atelier.runtime.http.versions import IfMatch, tag

router = api_router("/resolution-presets", "resolution presets")


@router.post("/", status_code=201, openapi_extra=access.MEMBERS_CREATE)
async def create_resolution_preset(
    body: ResolutionPresetCreate,
    uow: Uow,
    references: CurrentReferences,
    principal: CurrentPrincipal,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> ResolutionPresetPublic:
    """Create a resolution preset."""
    preset = await use_cases.create(uow, references, principal, organization_id, body)
    tag(response, preset)
    return ResolutionPresetPublic.model_validate(preset)


@router.get("/", openapi_extra=access.MEMBERS_LIST)
async def list_resolution_presets(
    uow: Uow, principal: CurrentPrincipal, scope: OwnedListScope, page: Paged
) -> ResolutionPresetsPublic:
    """List an organization's presets, or one's own."""
    presets, count = await use_cases.list_(uow, principal, scope, page)
    data = [ResolutionPresetPublic.model_validate(preset) for preset in presets]
    return ResolutionPresetsPublic(data=data, count=count)


@router.get("/{id}", openapi_extra=access.MEMBERS_READ)
async def read_resolution_preset(
    id: UUID,  # noqa: A002 - the contract's name
    uow: Uow,
    principal: CurrentPrincipal,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> ResolutionPresetPublic:
    """Read one preset."""
    preset = await use_cases.read(uow, principal, id, organization_id)
    tag(response, preset)
    return ResolutionPresetPublic.model_validate(preset)


@router.put("/{id}", openapi_extra=access.MEMBERS_WRITE)
async def update_resolution_preset(
    id: UUID,  # noqa: A002
    body: ResolutionPresetUpdate,
    uow: Uow,
    references: CurrentReferences,
    principal: CurrentPrincipal,
    expected: IfMatch,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> ResolutionPresetPublic:
    """Change the fields that are sent."""
    preset = await use_cases.update(uow, references, principal, id, organization_id, expected, body)
    tag(response, preset)
    return ResolutionPresetPublic.model_validate(preset)


@router.delete("/{id}", openapi_extra=access.ADMINS_OR_OWN)
async def delete_resolution_preset(
    id: UUID,  # noqa: A002
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
    organization_id: OrganizationQuery = None,
) -> Message:
    """Take a preset out of use; an administrator can restore it."""
    await use_cases.delete(uow, principal, id, organization_id, expected)
    return Message(message="Resolution preset deleted.")


@router.post("/{id}/restore", openapi_extra=access.SUPERUSERS_ON_THINGS)
async def restore_resolution_preset(
    id: UUID,  # noqa: A002
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
    response: Response,
) -> ResolutionPresetPublic:
    """Bring a deleted preset back (administrators)."""
    preset = await use_cases.restore(uow, principal, id, expected)
    tag(response, preset)
    return ResolutionPresetPublic.model_validate(preset)
