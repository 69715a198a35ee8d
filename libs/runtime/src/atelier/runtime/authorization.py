"""The permission table of organizations and personal entities; each service's policy builds on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, true

from atelier.contracts.organizations import Role
from atelier.runtime.auth import Principal
from atelier.runtime.errors import ForbiddenError, NotFoundError


class Action(Enum):
    """What somebody wants to do with an entity."""

    READ = auto()
    WRITE = auto()
    """Create, change, start, approve, export."""
    DELETE = auto()
    MOVE_OUT = auto()
    """Take it out of its organization."""
    MANAGE = auto()
    """Change the organization itself and its members."""
    ADMINISTER = auto()
    """What only superusers do, such as a restore; no role in an organization is enough."""


ALLOWED: dict[Role, frozenset[Action]] = {
    Role.VIEWER: frozenset({Action.READ}),
    Role.MEMBER: frozenset({Action.READ, Action.WRITE}),
    Role.ADMIN: frozenset({Action.READ, Action.WRITE, Action.DELETE, Action.MANAGE}),
    Role.OWNER: frozenset(Action) - {Action.ADMINISTER},
}


class Owned(Protocol):
    """What tenancy is decided on."""

    @property
    def owner_id(self) -> UUID | None: ...
    @property
    def organization_id(self) -> UUID | None: ...


OwnedRow = type[Any]
"""A mapped class with the columns `owner_id` and `organization_id`."""


E = TypeVar("E", bound=Owned)


@dataclass(frozen=True)
class Ownership:
    """Whose something is, or will be."""

    owner_id: UUID | None
    organization_id: UUID | None


def allowed(principal: Principal, action: Action, entity: Owned) -> bool:
    """Whether the table lets this principal do that.

    A personal entity is its owner's alone. In an organization the role decides; `owner_id`
    counts only for a member, who may delete what is their own.
    """
    if principal.sees_all:
        return True
    if action is Action.ADMINISTER:
        return False
    if entity.organization_id is None:
        owner = principal.user_id is not None and principal.user_id == entity.owner_id
        return owner and principal.confined_to is None
    role = principal.role_in(entity.organization_id)
    if role is None:
        return False
    own = principal.user_id is not None and principal.user_id == entity.owner_id
    return action in ALLOWED[role] or (role is Role.MEMBER and action is Action.DELETE and own)


def require(principal: Principal, action: Action, entity: Owned) -> None:
    """Raise `ForbiddenError` unless the table allows it."""
    if not allowed(principal, action, entity):
        raise ForbiddenError("You may not do this here; ask for a role in the organization that may.")


def visible_to(principal: Principal, row: OwnedRow) -> ColumnElement[bool]:
    """The rows that this principal may read, as a criterion for a WHERE."""
    if principal.sees_all:
        return true()
    if principal.user_id is None:
        return false()
    shared = row.organization_id.in_(list(principal.organizations)) if principal.organizations else false()
    if principal.confined_to is not None:
        return shared
    return or_(and_(row.organization_id.is_(None), row.owner_id == principal.user_id), shared)


@dataclass(frozen=True)
class Scope:
    """Which part of what a caller may see a list shows: an organization's, or their own."""

    organization_id: UUID | None = None
    owner_id: UUID | None = None

    def criterion(self, principal: Principal, row: OwnedRow) -> ColumnElement[bool]:
        """Rows of the scope.

        Raises `ForbiddenError` for an organization that the caller isn't in, and for somebody
        else's `owner_id` from anybody but a superuser.
        """
        if self.owner_id not in (None, principal.user_id) and not principal.sees_all:
            raise ForbiddenError("Only administrators may list what another user owns.")
        if self.organization_id is not None:
            require_member(principal, self.organization_id)
            within = row.organization_id == self.organization_id
            return within if self.owner_id is None else and_(within, row.owner_id == self.owner_id)
        if principal.confined_to is not None:
            raise ForbiddenError("This API key is for one organization; name it by `organization_id`.")
        owner = self.owner_id or principal.user_id
        return and_(row.organization_id.is_(None), row.owner_id == owner)


def require_visible(
    principal: Principal, entity: E | None, what: str, organization_id: UUID | None = None
) -> E:
    """The entity, if the caller may read it and it is of the organization that they name, if any.

    Raises `NotFoundError`, the same for what doesn't exist and what isn't theirs to know, and
    `ForbiddenError` for a named organization that the caller isn't in.
    """
    if organization_id is not None:
        require_member(principal, organization_id)
    if entity is None or not allowed(principal, Action.READ, entity):
        raise NotFoundError.of(what)
    if organization_id is not None and entity.organization_id != organization_id:
        raise NotFoundError.of(what)
    return entity


def admit(
    principal: Principal, action: Action, entity: E | None, what: str, organization_id: UUID | None = None
) -> E:
    """The entity, if the caller may read it and do that with it.

    Raises `NotFoundError` and `ForbiddenError` as `require_visible` and `require` do.
    """
    visible = require_visible(principal, entity, what, organization_id)
    require(principal, action, visible)
    return visible


def require_member(principal: Principal, organization_id: UUID) -> None:
    """Raise `ForbiddenError` unless the caller is a member of the organization they name."""
    if not principal.sees_all and principal.role_in(organization_id) is None:
        raise ForbiddenError("You are not a member of this organization.")
