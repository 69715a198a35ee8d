"""HTTP to use case, for background presets."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from atelier.catalog.background_presets import use_cases
from atelier.catalog.background_presets.schemas import BackgroundPresetCreate, BackgroundPresetsPublic
from atelier.contracts.public.presets import BackgroundPresetPublic
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.dependencies import CurrentCdn, CurrentMedia, CurrentReferences
from atelier.runtime.http.pages import Paged
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.scope import OrganizationQuery, OwnedListScope
from atelier.runtime.http.versions import tag

router = api_router("/background-presets", "background presets")


@router.post("/", status_code=201, openapi_extra=access.MEMBERS_CREATE)
async def create_background_preset(
    body: BackgroundPresetCreate,
    uow: Uow,
    references: CurrentReferences,
    media: CurrentMedia,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> BackgroundPresetPublic:
    """Create a background preset with a picture per framing."""
    preset = await use_cases.create(uow, references, media, principal, organization_id, body)
    tag(response, preset)
    return BackgroundPresetPublic.of(preset.state(), cdn)


@router.get("/", openapi_extra=access.MEMBERS_LIST)
async def list_background_presets(
    uow: Uow, principal: CurrentPrincipal, cdn: CurrentCdn, scope: OwnedListScope, page: Paged
) -> BackgroundPresetsPublic:
    """List an organization's presets, or one's own."""
    presets, count = await use_cases.list_(uow, principal, scope, page)
    data = [BackgroundPresetPublic.of(preset.state(), cdn) for preset in presets]
    return BackgroundPresetsPublic(data=data, count=count)


@router.get("/{id}", openapi_extra=access.MEMBERS_READ)
async def read_background_preset(
    id: UUID,  # noqa: A002 - the contract's name
    uow: Uow,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> BackgroundPresetPublic:
    """Read one preset."""
    preset = await use_cases.read(uow, principal, id, organization_id)
    tag(response, preset)
    return BackgroundPresetPublic.of(preset.state(), cdn)
