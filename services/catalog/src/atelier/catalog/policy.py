"""Who may do what in catalog: the house's table, and what is public may be read by anybody with a login."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, or_

from atelier.runtime import authorization
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Action, Owned, OwnedRow, allowed, require, require_member
from atelier.runtime.errors import ForbiddenError, NotFoundError

__all__ = ["Action", "admit", "allowed", "require_settable", "require_visible", "visible_to"]


class Publishable(Owned, Protocol):
    """What tenancy is decided on, where it can be public."""

    @property
    def public(self) -> bool: ...


P = TypeVar("P", bound=Publishable)


def visible_to(principal: Principal, row: OwnedRow) -> ColumnElement[bool]:
    """The rows that this principal may read, as a criterion for a WHERE."""
    theirs = authorization.visible_to(principal, row)
    return theirs if principal.user_id is None else or_(theirs, row.public)


def require_visible(
    principal: Principal, entity: P | None, what: str, organization_id: UUID | None = None
) -> P:
    """The entity, if the caller may read it and it is of the organization that they name, if any.

    Raises `NotFoundError`, the same for what doesn't exist and what isn't theirs to know, and
    `ForbiddenError` for a named organization that the caller isn't in.
    """
    if entity is None or not entity.public or principal.user_id is None:
        return authorization.require_visible(principal, entity, what, organization_id)
    if organization_id is not None:
        require_member(principal, organization_id)
        if entity.organization_id != organization_id:
            raise NotFoundError.of(what)
    return entity


def admit(
    principal: Principal, action: Action, entity: P | None, what: str, organization_id: UUID | None = None
) -> P:
    """The entity, if the caller may read it and do that with it.

    Raises `NotFoundError` and `ForbiddenError` as `require_visible` and the house's table do.
    """
    visible = require_visible(principal, entity, what, organization_id)
    require(principal, action, visible)
    return visible


ADMINISTRATORS_ONLY = ("local_model_path", "lora_status", "lora_trigger")
"""Fields of bodies, beside the owner, that describe trained weights."""


def require_settable(principal: Principal, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Raise `ForbiddenError` where a field that only administrators may set would change.

    Sent as it is already, it is no change: clients may send back what they were answered.
    """
    if principal.sees_all:
        return
    for name in ADMINISTRATORS_ONLY:
        if name in after and after[name] != before[name]:
            raise ForbiddenError(f"Only administrators may set {name}.")
