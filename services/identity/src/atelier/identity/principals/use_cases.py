"""What a user may do."""

from __future__ import annotations

from uuid import UUID

from atelier.identity.organizations import use_cases as organizations
from atelier.identity.users import use_cases as users
from atelier.runtime.auth import Principal
from atelier.runtime.unit_of_work import UnitOfWork


async def principal_of(uow: UnitOfWork, user_id: UUID) -> Principal:
    """The rights of an active user as they are now; raises `NotFoundError` for anybody else."""
    user = await users.active(uow, user_id)
    return Principal(user.id, user.is_superuser, await organizations.roles_of(uow, user.id))
