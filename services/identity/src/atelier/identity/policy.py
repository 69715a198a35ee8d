"""Who may do what in identity: the house's table, roles as they are in this database right now."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select, true

from atelier.contracts.organizations import Role
from atelier.identity.organizations.models import Member, Organization
from atelier.identity.users.models import User
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Action, require, require_visible, visible_to
from atelier.runtime.errors import ConflictError, ForbiddenError

__all__ = [
    "Action",
    "as_member",
    "organizations_visible_to",
    "require",
    "require_administrator",
    "require_other_than_owner",
    "require_visible",
    "users_visible_to",
]


def require_administrator(principal: Principal) -> None:
    """Raise `ForbiddenError` for anybody but a superuser."""
    if not principal.superuser:
        raise ForbiddenError("Only administrators may do this.")


def as_member(principal: Principal, organization: Organization | None, role: Role | None) -> Principal:
    """The caller with the role that they have in this organization now.

    A token's roles are some seconds old; who asks their owner gets the ones that hold.
    """
    if organization is None or role is None:
        return replace(principal, organizations={})
    return replace(principal, organizations={organization.id: role})


def require_other_than_owner(principal: Principal, organization: Organization, user_id: UUID) -> None:
    """Raise `ForbiddenError` for an admin who would change the owner, `ConflictError` for all others.

    `Action.MANAGE` isn't looked at here.
    """
    if user_id != organization.owner_id:
        return
    require(principal, Action.MOVE_OUT, organization)
    raise ConflictError("An organization always has its owner, who can't leave or get another role.")


def users_visible_to(principal: Principal) -> ColumnElement[bool]:
    """Oneself, and who is in an organization with the caller."""
    if principal.sees_all:
        return true()
    if principal.user_id is None:
        return false()
    mine = Member.organization_id.in_(list(principal.organizations))
    return or_(User.id == principal.user_id, User.id.in_(select(Member.user_id).where(mine)))


def organizations_visible_to(principal: Principal) -> ColumnElement[bool]:
    """The caller's organizations."""
    return visible_to(principal, Organization)
