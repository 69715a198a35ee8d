"""Whose a new entity is, and whose a changed one becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from atelier.contracts.organizations import OrganizationState
from atelier.contracts.users import UserState
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Action, Owned, Ownership, require, require_member
from atelier.runtime.errors import ForbiddenError, InvalidError
from atelier.runtime.references import References, require_reference
from atelier.runtime.unit_of_work import UnitOfWork

OWNER, ORGANIZATION = "owner_id", "organization_id"


async def verify(
    uow: UnitOfWork, references: References, principal: Principal, sent: Mapping[str, Any]
) -> None:
    """Check what a body says of owner and organization; call it before the first statement.

    Raises `ForbiddenError` for an owner that the caller may not set and an organization that they
    aren't in, `InvalidError` for an administrator's unknown user or organization.
    """
    owner_id, organization_id = sent.get(OWNER), sent.get(ORGANIZATION)
    if owner_id is not None:
        if not principal.sees_all:
            raise ForbiddenError("Only administrators may set the owner.")
        owners = await references.fresh(uow, UserState, {owner_id}, principal)
        require_reference(owners, owner_id, "body", OWNER)
    if organization_id is not None:
        require_member(principal, organization_id)
        if principal.role_in(organization_id) is None:
            known = await references.fresh(uow, OrganizationState, {organization_id}, principal)
            require_reference(known, organization_id, "body", ORGANIZATION)


def same_organization(in_query: UUID | None, sent: Mapping[str, Any]) -> None:
    """Raise `InvalidError` where query and body name different organizations."""
    if in_query is not None and ORGANIZATION in sent and sent[ORGANIZATION] != in_query:
        msg = "The organization in the body isn't the one in the query."
        raise InvalidError.field("body", ORGANIZATION, msg=msg)


def named(in_query: UUID | None, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What query and body name for a new entity; a null in the body names nothing."""
    return {ORGANIZATION: in_query} | {key: value for key, value in sent.items() if value is not None}


def place(principal: Principal, in_query: UUID | None, sent: Mapping[str, Any]) -> Ownership:
    """Whose a new entity is: the caller's or the named owner's, personal or an organization's.

    Raises `ForbiddenError` where the caller may not create there.
    """
    together = named(in_query, sent)
    same_organization(in_query, together)
    ownership = Ownership(together.get(OWNER, principal.user_id), together[ORGANIZATION])
    require(principal, Action.WRITE, ownership)
    return ownership


def move(principal: Principal, entity: Owned, sent: Mapping[str, Any]) -> Ownership:
    """Whose an entity is after a change; a null owner changes nothing, a null organization moves out.

    Raises `ForbiddenError` where the caller may not take it out of where it is, or put it there.
    """
    organization_id = sent.get(ORGANIZATION, entity.organization_id)
    after = Ownership(sent.get(OWNER) or entity.owner_id, organization_id)
    if organization_id != entity.organization_id:
        if entity.organization_id is not None:
            require(principal, Action.MOVE_OUT, entity)
        if organization_id is not None:
            require(principal, Action.WRITE, after)
    return after
