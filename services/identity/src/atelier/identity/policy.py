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
    "caller",
    "organizations_visible_to",
    "require",
    "require_administrator",
    "require_login",
    "require_other_than_owner",
    "require_unconfined",
    "require_visible",
    "users_visible_to",
]


def caller(principal: Principal) -> UUID:
    """The user who asks."""
    assert principal.user_id is not None, "a user asks"
    return principal.user_id


def require_login(principal: Principal) -> UUID:
    """The session by which somebody logged in; raises `ForbiddenError` for whoever has none.

    Who holds a key may not make another one of it, nor lock its owner out.
    """
    if principal.session_id is None:
        raise ForbiddenError("An API key can't do this; log in with your password first.")
    return principal.session_id


def require_unconfined(principal: Principal) -> None:
    """Raise `ForbiddenError` for a key that is for one organization."""
    if principal.confined_to is not None:
        raise ForbiddenError("This API key is for one organization and can do nothing beside it.")


def require_administrator(principal: Principal) -> None:
    """Raise `ForbiddenError` for anybody but a superuser."""
    if not principal.superuser:
        raise ForbiddenError("Only administrators may do this.")


def as_member(principal: Principal, organization: Organization | None, role: Role | None) -> Principal:
    """The caller with the role that they have in this organization now.

    A token's roles are some seconds old; who asks their owner gets the ones that hold.
    """
    if organization is None or role is None or principal.confined_to not in (None, organization.id):
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
