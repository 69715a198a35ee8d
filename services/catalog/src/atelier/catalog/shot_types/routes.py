"""HTTP to use case, for shot types."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Response

from atelier.catalog.shot_types import use_cases
from atelier.catalog.shot_types.repository import Filters
from atelier.catalog.shot_types.schemas import ShotTypesPublic
from atelier.contracts.enums import ShotTypeFraming, ViewAngle
from atelier.contracts.public.shot_types import ShotTypePublic
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.dependencies import CurrentCdn
from atelier.runtime.http.pages import Paged
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.scope import OrganizationQuery, OwnedListScope
from atelier.runtime.http.versions import tag

router = api_router("/shot-types", "shot types")

NAME = Path(max_length=255, pattern=r"^[^\x00]+$")


def _filters(
    view_angle: ViewAngle | None = None,
    framing: ShotTypeFraming | None = None,
    search: Annotated[
        str | None, Query(max_length=255, pattern=r"^[^\x00]*$", description="A part of the name.")
    ] = None,
    public: Annotated[bool | None, Query(description="Only public ones, or only others.")] = None,
    include_public: Annotated[
        bool | None, Query(description="Public ones too, whoever's they are; the standard ones are.")
    ] = None,
) -> Filters:
    return Filters(view_angle, framing, search, public, include_public)


@router.get("/", openapi_extra=access.MEMBERS_LIST)
async def list_shot_types(
    uow: Uow,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    scope: OwnedListScope,
    filters: Annotated[Filters, Depends(_filters)],
    page: Paged,
) -> ShotTypesPublic:
    """List an organization's shot types, or one's own; with `include_public` the standard ones too."""
    shot_types, count = await use_cases.list_(uow, principal, scope, filters, page)
    data = [ShotTypePublic.of(shot_type.state(), cdn) for shot_type in shot_types]
    return ShotTypesPublic(data=data, count=count)


@router.get("/name/{name}", openapi_extra=access.MEMBERS_FIND_OR_PUBLIC)
async def read_shot_type_by_name(
    name: Annotated[str, NAME],
    uow: Uow,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> ShotTypePublic:
    """Read the shot type of that name: the organization's, or one's own, before a public one."""
    shot_type = await use_cases.read_named(uow, principal, name, organization_id)
    tag(response, shot_type)
    return ShotTypePublic.of(shot_type.state(), cdn)


@router.get("/{id}", openapi_extra=access.MEMBERS_READ_OR_PUBLIC)
async def read_shot_type(
    id: UUID,  # noqa: A002 - the contract's name
    uow: Uow,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> ShotTypePublic:
    """Read one shot type."""
    shot_type = await use_cases.read(uow, principal, id, organization_id)
    tag(response, shot_type)
    return ShotTypePublic.of(shot_type.state(), cdn)
