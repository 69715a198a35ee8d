"""HTTP to use case, for organizations and their members."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from atelier.contracts.organizations import Role
from atelier.contracts.public.messages import Message
from atelier.identity.organizations import use_cases
from atelier.identity.organizations.schemas import (
    MemberAdd,
    MemberPublic,
    MembersPublic,
    MemberUpdate,
    OrganizationCreate,
    OrganizationPublic,
    OrganizationsPublic,
    OrganizationUpdate,
    OwnershipTransfer,
)
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.pages import Paged
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.versions import IfMatch, tag

router = api_router("/organizations", "organizations")


@router.post("/", status_code=201, openapi_extra=access.ANY_LOGIN)
async def create_organization(
    body: OrganizationCreate, uow: Uow, principal: CurrentPrincipal, response: Response
) -> OrganizationPublic:
    """Create an organization; who does becomes its owner."""
    organization = await use_cases.create(uow, principal, body)
    tag(response, organization)
    return OrganizationPublic.of(organization, Role.OWNER)


@router.get("/", openapi_extra=access.ANY_LOGIN)
async def list_organizations(uow: Uow, principal: CurrentPrincipal, page: Paged) -> OrganizationsPublic:
    """List the organizations that one is a member of, newest first."""
    organizations, count = await use_cases.list_(uow, principal, page)
    data = [OrganizationPublic.of(organization, role) for organization, role in organizations]
    return OrganizationsPublic(data=data, count=count)


@router.get("/{id}", openapi_extra=access.MEMBERS_READ)
async def read_organization(
    id: UUID,  # noqa: A002 - as everywhere
    uow: Uow,
    principal: CurrentPrincipal,
    response: Response,
) -> OrganizationPublic:
    """Read one organization (its members)."""
    organization, role = await use_cases.read(uow, principal, id)
    tag(response, organization)
    return OrganizationPublic.of(organization, role)


@router.patch("/{id}", openapi_extra=access.ADMINS_MANAGE)
async def update_organization(
    id: UUID,  # noqa: A002
    body: OrganizationUpdate,
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
    response: Response,
) -> OrganizationPublic:
    """Change the fields that are sent (admins and the owner)."""
    organization = await use_cases.update(uow, principal, id, expected, body)
    tag(response, organization)
    mine = organization.member(principal.user_id)
    return OrganizationPublic.of(organization, mine.role if mine else None)


@router.delete("/{id}", openapi_extra=access.OWNER_ONLY)
async def delete_organization(
    id: UUID,  # noqa: A002
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
) -> Message:
    """Delete an organization without other members (the owner); what it had becomes the owner's."""
    await use_cases.delete(uow, principal, id, expected)
    return Message(message="Organization deleted.")


@router.post("/{id}/transfer-ownership", openapi_extra=access.OWNER_ONLY)
async def transfer_ownership(
    id: UUID,  # noqa: A002
    body: OwnershipTransfer,
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
    response: Response,
) -> OrganizationPublic:
    """Make another member the owner (the owner), who is an admin from then on."""
    organization, role = await use_cases.transfer_ownership(uow, principal, id, expected, body)
    tag(response, organization)
    return OrganizationPublic.of(organization, role)


@router.get("/{id}/members", openapi_extra=access.MEMBERS_READ)
async def list_members(
    id: UUID,  # noqa: A002
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paged,
) -> MembersPublic:
    """List the members (members only), longest-standing first."""
    members, count = await use_cases.list_members(uow, principal, id, page)
    return MembersPublic(data=[MemberPublic.of(member, user) for member, user in members], count=count)


@router.post("/{id}/members", status_code=201, openapi_extra=access.ADMINS_MANAGE)
async def add_member(
    id: UUID,  # noqa: A002
    body: MemberAdd,
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
    response: Response,
) -> MemberPublic:
    """Take a user in, by id or address (admins and the owner). The ETag is the organization's."""
    organization, member, user = await use_cases.add_member(uow, principal, id, expected, body)
    tag(response, organization)
    return MemberPublic.of(member, user)


@router.patch("/{id}/members/{user_id}", openapi_extra=access.ADMINS_MANAGE)
async def change_member_role(
    id: UUID,  # noqa: A002
    user_id: UUID,
    body: MemberUpdate,
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
    response: Response,
) -> MemberPublic:
    """Give a member another role (admins and the owner). The ETag is the organization's."""
    organization, member, user = await use_cases.change_role(uow, principal, id, user_id, expected, body)
    tag(response, organization)
    return MemberPublic.of(member, user)


@router.delete("/{id}/members/{user_id}", openapi_extra=access.ADMINS_OR_OWN)
async def remove_member(
    id: UUID,  # noqa: A002
    user_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
) -> Message:
    """Remove a member (admins and the owner), or leave. `If-Match` is the organization's ETag."""
    await use_cases.remove_member(uow, principal, id, user_id, expected)
    return Message(message="Member removed.")
