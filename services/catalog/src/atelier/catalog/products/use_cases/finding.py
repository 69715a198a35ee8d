"""The product that a command is about, if the caller may, and the commands that need no more."""

from __future__ import annotations

from uuid import UUID

from atelier.catalog.policy import Action, admit, require_visible
from atelier.catalog.products import repository
from atelier.catalog.products.models import Product
from atelier.contracts.products import ProductArchived, ProductDeleted
from atelier.runtime.auth import Principal
from atelier.runtime.entities import change
from atelier.runtime.http.versions import Expected
from atelier.runtime.unit_of_work import UnitOfWork

WHAT = "Product"


async def read(uow: UnitOfWork, principal: Principal, id_: UUID, organization_id: UUID | None) -> Product:
    """A product that the caller may read."""
    return require_visible(principal, await repository.get(uow, id_), WHAT, organization_id)


async def set_archived(
    uow: UnitOfWork,
    principal: Principal,
    id_: UUID,
    organization_id: UUID | None,
    expected: Expected,
    archived: bool,
) -> Product:
    """Put a product into the archive or take it out; where it is already, nothing changes."""
    product = await locked(uow, principal, id_, organization_id, expected)
    if change(product, {"archived": archived}):
        uow.emit(product, ProductArchived)
    return product


async def delete(
    uow: UnitOfWork, principal: Principal, id_: UUID, organization_id: UUID | None, expected: Expected
) -> None:
    """Delete a product for good; its pictures and generations follow the event."""
    product = admit(principal, Action.DELETE, await repository.lock(uow, id_), WHAT, organization_id)
    expected.require(product)
    await uow.remove(product, ProductDeleted)


async def changeable(
    uow: UnitOfWork, principal: Principal, id_: UUID, organization_id: UUID | None, expected: Expected
) -> Product:
    """A product that the caller may change; not locked yet, for what must be asked before."""
    product = admit(principal, Action.WRITE, await repository.get(uow, id_), WHAT, organization_id)
    expected.require(product)
    return product


async def locked(
    uow: UnitOfWork, principal: Principal, id_: UUID, organization_id: UUID | None, expected: Expected
) -> Product:
    """A product that the caller may change, locked until the commit."""
    product = admit(principal, Action.WRITE, await repository.lock(uow, id_), WHAT, organization_id)
    expected.require(product)
    return product
