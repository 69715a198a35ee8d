"""HTTP to use case, for invitations."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from atelier.contracts.public.messages import Message
from atelier.identity.dependencies import CurrentSettings
from atelier.identity.invitations import use_cases
from atelier.identity.invitations.schemas import (
    InvitationAccept,
    InvitationCreate,
    InvitationCreated,
    InvitationPublic,
    InvitationsPublic,
)
from atelier.identity.organizations.schemas import MemberPublic
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.pages import Paged
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.versions import IfMatch, tag

router = api_router("", "organizations")


@router.post("/organizations/{id}/invitations", status_code=201, openapi_extra=access.ADMINS_MANAGE)
async def create_invitation(
    id: UUID,  # noqa: A002 - as everywhere
    body: InvitationCreate,
    uow: Uow,
    settings: CurrentSettings,
    principal: CurrentPrincipal,
    expected: IfMatch,
    response: Response,
) -> InvitationCreated:
    """Invite an address (admins and the owner). The ETag is the organization's."""
    uow.shown_once = ("token",)
    organization, invitation, token = await use_cases.create(
        uow, principal, id, expected, body, settings.invitation_lifetime
    )
    tag(response, organization)
    return InvitationCreated.of(invitation, token)


@router.get("/organizations/{id}/invitations", openapi_extra=access.ADMINS_MANAGE)
async def list_invitations(
    id: UUID,  # noqa: A002
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paged,
) -> InvitationsPublic:
    """List the invitations that can be accepted (admins and the owner), newest first."""
    invitations, count = await use_cases.list_(uow, principal, id, page)
    data = [InvitationPublic.model_validate(invitation) for invitation in invitations]
    return InvitationsPublic(data=data, count=count)


@router.delete("/organizations/{id}/invitations/{invitation_id}", openapi_extra=access.ADMINS_MANAGE)
async def revoke_invitation(
    id: UUID,  # noqa: A002
    invitation_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
) -> Message:
    """Take an invitation back (admins and the owner). `If-Match` is the organization's ETag."""
    await use_cases.revoke(uow, principal, id, invitation_id, expected)
    return Message(message="Invitation revoked.")


@router.post("/invitations/accept", openapi_extra=access.ANY_LOGIN)
async def accept_invitation(
    body: InvitationAccept, uow: Uow, principal: CurrentPrincipal, response: Response
) -> MemberPublic:
    """Become a member by an invitation to one's own address. The ETag is the organization's."""
    organization, member, user = await use_cases.accept(uow, principal, body.token.get_secret_value())
    tag(response, organization)
    return MemberPublic.of(member, user)
