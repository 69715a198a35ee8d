"""HTTP to use case, for subjects."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from atelier.catalog.subjects import use_cases
from atelier.catalog.subjects.schemas import (
    BaseImageCreate,
    BaseImageListResponse,
    SubjectCreate,
    SubjectUpdate,
)
from atelier.contracts.public.messages import Message
from atelier.contracts.public.subjects import BaseImagePublic, SubjectPublic
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.dependencies import CurrentCdn, CurrentMedia, CurrentReferences
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.scope import OrganizationQuery
from atelier.runtime.http.versions import IfMatch, tag

router = api_router("/subjects", "subjects")


@router.post("/", status_code=201, openapi_extra=access.MEMBERS_CREATE)
async def create_subject(
    body: SubjectCreate,
    uow: Uow,
    references: CurrentReferences,
    media: CurrentMedia,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> SubjectPublic:
    """Create a subject."""
    subject = await use_cases.create(uow, references, media, principal, organization_id, body)
    tag(response, subject)
    return SubjectPublic.of(subject.state(), cdn)


@router.get("/{id}", openapi_extra=access.MEMBERS_READ_OR_PUBLIC)
async def read_subject(
    id: UUID,  # noqa: A002 - the contract's name
    uow: Uow,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> SubjectPublic:
    """Read one subject."""
    subject = await use_cases.read(uow, principal, id, organization_id)
    tag(response, subject)
    return SubjectPublic.of(subject.state(), cdn)


@router.put("/{id}", openapi_extra=access.MEMBERS_WRITE)
async def update_subject(
    id: UUID,  # noqa: A002
    body: SubjectUpdate,
    uow: Uow,
    references: CurrentReferences,
    media: CurrentMedia,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    expected: IfMatch,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> SubjectPublic:
    """Change the fields that are sent."""
    subject = await use_cases.update(uow, references, media, principal, id, organization_id, expected, body)
    tag(response, subject)
    return SubjectPublic.of(subject.state(), cdn)


@router.post("/{id}/base_images", status_code=201, openapi_extra=access.MEMBERS_WRITE)
async def add_base_image(
    id: UUID,  # noqa: A002
    body: BaseImageCreate,
    uow: Uow,
    media: CurrentMedia,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    expected: IfMatch,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> BaseImagePublic:
    """Give the subject its base image for a shot type, in place of its old one; the ETag is the subject's."""
    subject, base_image = await use_cases.add_base_image(
        uow, media, principal, id, organization_id, expected, body
    )
    tag(response, subject)
    return BaseImagePublic.of(base_image, cdn)


@router.get("/{id}/base_images", openapi_extra=access.MEMBERS_READ_OR_PUBLIC)
async def list_base_images(
    id: UUID,  # noqa: A002
    uow: Uow,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    organization_id: OrganizationQuery = None,
    shot_type: Annotated[UUID | None, Query(description="Only that shot type's.")] = None,
) -> BaseImageListResponse:
    """List the subject's base images."""
    found = await use_cases.list_base_images(uow, principal, id, organization_id, shot_type)
    return BaseImageListResponse(data=[BaseImagePublic.of(one, cdn) for one in found])


@router.delete("/{id}/base_images", openapi_extra=access.MEMBERS_WRITE)
async def remove_base_image(
    id: UUID,  # noqa: A002
    uow: Uow,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    expected: IfMatch,
    url: Annotated[str, Query(max_length=2048, description="The base image's URL, as it was answered.")],
    organization_id: OrganizationQuery = None,
) -> Message:
    """Remove the base image with this URL."""
    await use_cases.remove_base_images(uow, cdn, principal, id, organization_id, expected, url)
    return Message(message="Base image removed.")
