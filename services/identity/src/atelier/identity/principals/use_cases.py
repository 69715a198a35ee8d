"""What a user may do, and what the holder of one of their keys."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from atelier.identity.api_keys import use_cases as api_keys
from atelier.identity.api_keys.models import ApiKey
from atelier.identity.organizations import use_cases as organizations
from atelier.identity.principals.schemas import PrincipalPublic
from atelier.identity.sessions import use_cases as sessions
from atelier.identity.users import use_cases as users
from atelier.identity.users.models import User
from atelier.runtime.auth import Principal
from atelier.runtime.unit_of_work import UnitOfWork


async def principal_of(uow: UnitOfWork, user_id: UUID, session_id: UUID | None) -> PrincipalPublic:
    """The rights of an active user as they are now; raises `NotFoundError` for anybody else."""
    user = await users.active(uow, user_id)
    principal = await _principal(uow, user)
    return PrincipalPublic(
        user_id=user.id,
        superuser=principal.superuser,
        organizations=dict(principal.organizations),
        not_before=user.tokens_not_before,
        session_revoked=session_id is not None and not await sessions.is_good(uow, session_id, user.id),
    )


async def principal_of_key(uow: UnitOfWork, digest: bytes) -> tuple[ApiKey, Principal]:
    """The key and what it lets do now: what its user may, or only in its organization.

    Raises `NotFoundError` for a key that isn't good, and for one of a deactivated user.
    """
    key = await api_keys.used(uow, digest)
    principal = await _principal(uow, await users.active(uow, key.user_id))
    return key, _confined(replace(principal, api_key_id=key.id), key.organization_id)


async def _principal(uow: UnitOfWork, user: User) -> Principal:
    return Principal(user.id, user.is_superuser, await organizations.roles_of(uow, user.id))


def _confined(principal: Principal, organization_id: UUID | None) -> Principal:
    if organization_id is None:
        return principal
    role = principal.role_in(organization_id)
    organizations = {} if role is None else {organization_id: role}
    return replace(principal, superuser=False, organizations=organizations, confined_to=organization_id)
