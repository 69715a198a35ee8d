"""What can be done with invitations. They change under the lock of their organization."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from atelier.contracts.organizations import InvitationRevoked, MemberInvited, Role
from atelier.identity.invitations import repository
from atelier.identity.invitations.models import Invitation
from atelier.identity.invitations.schemas import InvitationCreate
from atelier.identity.organizations import use_cases as organizations
from atelier.identity.organizations.models import Member, Organization
from atelier.identity.policy import Action, caller, require
from atelier.identity.secret_tokens import INVITATION, digest_of, new_secret
from atelier.identity.users import use_cases as users
from atelier.identity.users.models import User
from atelier.runtime.auth import Principal
from atelier.runtime.clock import new_id
from atelier.runtime.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from atelier.runtime.http.pages import Page
from atelier.runtime.http.versions import Expected
from atelier.runtime.unit_of_work import UnitOfWork

WHAT = "Invitation"
MOST = 200
"""Invitations that an organization may have open at once."""
MEMBER_ALREADY = "This user is a member already; change their role instead."


async def create(
    uow: UnitOfWork,
    principal: Principal,
    organization_id: UUID,
    expected: Expected,
    body: InvitationCreate,
    lasts: timedelta,
) -> tuple[Organization, Invitation, str]:
    """Invite an address; the token is answered to the inviter and kept nowhere."""
    organization = await organizations.lock_to_manage(uow, principal, organization_id, expected)
    user = await users.named(uow, None, body.email)
    if user is not None and organization.member(user.id) is not None:
        raise ConflictError(MEMBER_ALREADY)
    await repository.remove_of(uow, organization.id, body.email)
    if (await repository.page(uow, organization.id, Page(limit=1)))[1] >= MOST:
        raise ConflictError(f"The organization has {MOST} open invitations; take one back first.")
    token = new_secret(INVITATION)
    invitation = Invitation(
        id=new_id(),
        organization_id=organization.id,
        invited_by=caller(principal),
        created_at=uow.now,
        expires_at=uow.now + lasts,
        email=body.email,
        role=Role(body.role),
        digest=digest_of(token),
    )
    uow.add(invitation)
    happened = {"invitation_id": invitation.id, "role": invitation.role, "expires_at": invitation.expires_at}
    uow.emit(organization, MemberInvited, **happened)
    return organization, invitation, token


async def list_(
    uow: UnitOfWork, principal: Principal, organization_id: UUID, page: Page
) -> tuple[Sequence[Invitation], int]:
    """A page of the invitations that can be accepted, newest first, for who manages members."""
    organization, who = await organizations.read_as(uow, principal, organization_id)
    require(who, Action.MANAGE, organization)
    return await repository.page(uow, organization.id, page)


async def revoke(
    uow: UnitOfWork, principal: Principal, organization_id: UUID, id_: UUID, expected: Expected
) -> None:
    """Take an invitation back that nobody has accepted."""
    organization = await organizations.lock_to_manage(uow, principal, organization_id, expected)
    invitation = await repository.get(uow, organization.id, id_)
    if invitation is None:
        raise NotFoundError.of(WHAT)
    await uow.delete(invitation)
    uow.emit(organization, InvitationRevoked, invitation_id=id_)


async def accept(uow: UnitOfWork, principal: Principal, token: str) -> tuple[Organization, Member, User]:
    """Become a member, once, by the token that came to one's own address.

    Raises `InvalidError`, the same for a token that never was, is used, taken back or expired, and
    for somebody else's.
    """
    if principal.confined_to is not None:
        raise ForbiddenError("This API key is for one organization; log in to join another.")
    user = await users.active(uow, caller(principal))
    invitation = await _acceptable(uow, digest_of(token), user)
    organization = await organizations.lock_existing(uow, invitation.organization_id)
    invitation = await _acceptable(uow, digest_of(token), user)  # nobody else takes it any more
    if organization is None:
        raise _unknown()
    if organization.member(user.id) is not None:
        raise ConflictError("You are a member of this organization already.")
    await uow.delete(invitation)
    return organization, organizations.join(uow, organization, user.id, invitation.role), user


async def remove_expired(uow: UnitOfWork, limit: int) -> int:
    """Remove at most so many that nobody can accept any more; how many they were."""
    return await repository.remove_expired(uow, limit)


async def _acceptable(uow: UnitOfWork, digest: bytes, user: User) -> Invitation:
    invitation = await repository.with_digest(uow, digest)
    if invitation is None or invitation.expires_at <= uow.now:
        raise _unknown()
    if invitation.email.lower() != user.email.lower():
        raise _unknown()
    return invitation


def _unknown() -> InvalidError:
    return InvalidError.field(
        "body",
        "token",
        msg="This invitation isn't valid (any more) for your address; ask for another one.",
        type_="unknown_token",
    )
