"""Answers of the principals' operation."""

from uuid import UUID

from atelier.contracts.organizations import Role
from atelier.contracts.public.model import PublicModel


class PrincipalPublic(PublicModel):
    """A user's rights: whether they are a superuser, and their role by organization."""

    user_id: UUID
    superuser: bool
    organizations: dict[UUID, Role]
