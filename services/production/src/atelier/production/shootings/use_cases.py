"""What can be done with shootings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from atelier.contracts.shootings import ShootingCreated, ShootingDeleted, ShootingUpdated
from atelier.production.looks import use_cases as looks
from atelier.production.policy import Action, admit, require_visible
from atelier.production.progress import status_at
from atelier.production.shootings import repository
from atelier.production.shootings.models import Shooting
from atelier.production.shootings.schemas import (
    ShootingCreate,
    ShootingLookComputedStatus,
    ShootingStatusCount,
    ShootingSummary,
    ShootingUpdate,
)
from atelier.runtime import tenancy
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Ownership, Scope
from atelier.runtime.clock import new_id
from atelier.runtime.entities import change
from atelier.runtime.errors import InvalidError
from atelier.runtime.http.pages import Page
from atelier.runtime.http.versions import Expected
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

WHAT = "Shooting"
REQUIRED = ("name", "archived")
CLEARABLE = ("description", "due_date", "season", "collection", "brand", "default_guidelines_id")


async def create(
    uow: UnitOfWork,
    references: References,
    principal: Principal,
    organization_id: UUID | None,
    body: ShootingCreate,
) -> Shooting:
    """Plan a shooting, personal or of an organization in which the caller may create."""
    sent = body.sent()
    _require_guidelines(sent)
    await tenancy.verify(uow, references, principal, tenancy.named(organization_id, sent))
    ownership = tenancy.place(principal, organization_id, sent)
    assert ownership.owner_id is not None, "a user asks"
    shooting = Shooting(
        id=new_id(),
        created_at=uow.now,
        updated_at=uow.now,
        owner_id=ownership.owner_id,
        organization_id=ownership.organization_id,
        name=body.name,
        description=body.description,
        due_date=body.due_date,
        archived=body.archived,
        season=body.season,
        collection=body.collection,
        brand=body.brand,
    )
    uow.add(shooting)
    uow.emit(shooting, ShootingCreated)
    return shooting


async def read(uow: UnitOfWork, principal: Principal, id_: UUID, organization_id: UUID | None) -> Shooting:
    """A shooting that the caller may read."""
    return require_visible(principal, await repository.get(uow, id_), WHAT, organization_id)


async def writable(
    uow: UnitOfWork, principal: Principal, id_: UUID, organization_id: UUID | None
) -> Shooting:
    """A shooting that the caller may change; not locked."""
    return admit(principal, Action.WRITE, await repository.get(uow, id_), WHAT, organization_id)


async def list_(
    uow: UnitOfWork, principal: Principal, scope: Scope, statuses: Collection[str], page: Page
) -> tuple[Sequence[Shooting], int]:
    """A page of the scope's shootings in one of the statuses, newest first, and their number in all."""
    return await repository.page(uow, scope, principal, statuses, page)


async def summarize(
    uow: UnitOfWork, principal: Principal, scope: Scope, shooting_id: UUID | None
) -> ShootingSummary:
    """Counts over the looks of one shooting that the caller may read, or of all of the scope."""
    if shooting_id is not None:
        await read(uow, principal, shooting_id, scope.organization_id)
    counts = await looks.count(uow, principal, scope, shooting_id)
    return ShootingSummary(
        total_products=counts.products,
        total_shooting_looks=sum(counts.by_progress.values()),
        status_breakdown=[
            ShootingStatusCount(status=ShootingLookComputedStatus(status_at(progress)), count=count)
            for progress, count in sorted(counts.by_progress.items())
        ],
    )


async def update(
    uow: UnitOfWork,
    references: References,
    principal: Principal,
    id_: UUID,
    organization_id: UUID | None,
    expected: Expected,
    body: ShootingUpdate,
) -> Shooting:
    """Change what is sent; a change of nothing is none, without a new version."""
    sent = body.sent()
    _require_guidelines(sent)
    tenancy.same_organization(organization_id, sent)
    await tenancy.verify(uow, references, principal, sent)
    shooting = await locked(uow, principal, id_, organization_id, Action.WRITE, expected)
    ownership = tenancy.move(principal, shooting, sent)
    changes = {name: sent[name] for name in CLEARABLE if name in sent}
    changes |= {name: sent[name] for name in REQUIRED if sent.get(name) is not None}
    changes |= {"owner_id": ownership.owner_id, "organization_id": ownership.organization_id}
    moved = ownership != Ownership(shooting.owner_id, shooting.organization_id)
    if change(shooting, changes):
        uow.emit(shooting, ShootingUpdated)
    if moved:
        await looks.follow(uow, [shooting])
    return shooting


async def delete(
    uow: UnitOfWork, principal: Principal, id_: UUID, organization_id: UUID | None, expected: Expected
) -> None:
    """Delete a shooting for good, with its looks and their shots."""
    shooting = await locked(uow, principal, id_, organization_id, Action.DELETE, expected)
    await looks.delete_of_shooting(uow, shooting)
    await uow.remove(shooting, ShootingDeleted)


async def locked(
    uow: UnitOfWork,
    principal: Principal,
    id_: UUID,
    organization_id: UUID | None,
    action: Action = Action.WRITE,
    expected: Expected | None = None,
) -> Shooting:
    """A shooting on which the caller may do that, in the version that they expect, for changing."""
    shooting = admit(principal, action, await repository.lock(uow, id_), WHAT, organization_id)
    if expected is not None:
        expected.require(shooting)
    return shooting


def _require_guidelines(sent: Mapping[str, Any]) -> None:
    """No guidelines exist yet, so every id of some is unknown."""
    if sent.get("default_guidelines_id") is not None:
        raise InvalidError.unknown("body", "default_guidelines_id")
