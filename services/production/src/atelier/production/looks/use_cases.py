"""What can be done with looks that are there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from atelier.contracts.looks import LookDeleted, LookUpdated
from atelier.production import statuses
from atelier.production.locks import lock_look
from atelier.production.looks import repository
from atelier.production.looks.models import Look
from atelier.production.looks.repository import Counts, Filters
from atelier.production.policy import Action, admit, require_visible
from atelier.production.shootings.models import Shooting
from atelier.production.shots import use_cases as shots
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Ownership, Scope
from atelier.runtime.errors import NotFoundError
from atelier.runtime.http.pages import Page
from atelier.runtime.http.versions import Expected
from atelier.runtime.unit_of_work import UnitOfWork

WHAT = "Look"


async def read(
    uow: UnitOfWork,
    principal: Principal,
    id_: UUID,
    organization_id: UUID | None = None,
    shooting_id: UUID | None = None,
) -> Look:
    """A look that the caller may read, with its outfit; of that shooting, where one is named."""
    look = require_visible(principal, await repository.get(uow, id_), WHAT, organization_id)
    _require_inside(look, shooting_id)
    return look


async def list_(
    uow: UnitOfWork, shooting: Shooting, filters: Filters, page: Page
) -> tuple[Sequence[Look], int]:
    """A page of the looks of a shooting that the caller may read, and how many match in all."""
    return await repository.page(uow, shooting.id, filters, page)


async def of_shooting(uow: UnitOfWork, shooting: Shooting) -> Sequence[Look]:
    """All looks of a shooting that the caller may read."""
    return await repository.of_shooting(uow, shooting.id)


async def count(uow: UnitOfWork, principal: Principal, scope: Scope, shooting_id: UUID | None) -> Counts:
    """How many looks there are, of one shooting that the caller may read or of the scope."""
    if shooting_id is not None:
        return await repository.count(uow, Look.shooting_id == shooting_id)
    return await repository.count(uow, scope.criterion(principal, Look))


async def delete(
    uow: UnitOfWork,
    principal: Principal,
    shooting_id: UUID,
    id_: UUID,
    organization_id: UUID | None,
    expected: Expected,
) -> None:
    """Delete a look for good, with its shots; its shooting may stand better afterwards."""
    shooting, look = await locked(uow, principal, id_, expected, organization_id, Action.DELETE, shooting_id)
    await _remove(uow, [look])
    await statuses.recount_shooting(uow, shooting)


async def delete_of_shooting(uow: UnitOfWork, shooting: Shooting) -> None:
    """Delete every look of a locked shooting for good, with their shots."""
    await _remove(uow, await repository.lock_of_shootings(uow, [shooting.id]))


async def follow(uow: UnitOfWork, shootings: Collection[Shooting]) -> None:
    """Give the looks of locked shootings, and their shots, the owner and organization of these now."""
    looks = await repository.lock_of_shootings(uow, [shooting.id for shooting in shootings])
    by_id = {shooting.id: shooting for shooting in shootings}
    for look in looks:
        shooting = by_id[look.shooting_id]
        look.owner_id, look.organization_id = shooting.owner_id, shooting.organization_id
        uow.emit(look, LookUpdated)
    for shooting in shootings:
        of_shooting = [look.id for look in looks if look.shooting_id == shooting.id]
        await shots.follow(uow, of_shooting, Ownership(shooting.owner_id, shooting.organization_id))


async def locked(
    uow: UnitOfWork,
    principal: Principal,
    id_: UUID,
    expected: Expected,
    organization_id: UUID | None = None,
    action: Action = Action.WRITE,
    shooting_id: UUID | None = None,
) -> tuple[Shooting, Look]:
    """A look on which the caller may do that, in the version that they expect, and its shooting."""
    found = await lock_look(uow, id_)
    if found is None:
        raise NotFoundError.of(WHAT)
    shooting, look = found
    require_visible(principal, look, WHAT, organization_id)
    _require_inside(look, shooting_id)
    admit(principal, action, look, WHAT)
    expected.require(look)
    return shooting, look


async def _remove(uow: UnitOfWork, looks: Sequence[Look]) -> None:
    """Shots before looks: who refers goes before what is referred to."""
    await shots.delete_of_looks(uow, [look.id for look in looks])
    for look in looks:
        await uow.remove(look, LookDeleted)
    await uow.flush()


def _require_inside(look: Look, shooting_id: UUID | None) -> None:
    if shooting_id is not None and look.shooting_id != shooting_id:
        raise NotFoundError.of(WHAT)
