"""`organization_id` in the query: which part of what the caller may see is meant."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from atelier.runtime.authorization import Scope

OrganizationQuery = Annotated[
    UUID | None, Query(description="That organization's; without it, the caller's personal ones.")
]


async def _owned_scope(
    organization_id: OrganizationQuery = None,
    owner_id: Annotated[
        UUID | None, Query(description="Only that user's; others' for administrators only.")
    ] = None,
) -> Scope:
    return Scope(organization_id, owner_id)


async def _scope(organization_id: OrganizationQuery = None) -> Scope:
    return Scope(organization_id)


ListScope = Annotated[Scope, Depends(_scope)]
OwnedListScope = Annotated[Scope, Depends(_owned_scope)]
