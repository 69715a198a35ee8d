"""Who may do what in production: the house's table. Children carry the tenancy of their shooting."""

from __future__ import annotations

from uuid import UUID

from atelier.contracts.products import ProductState
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Action, Owned, admit, require_visible, visible_to
from atelier.runtime.errors import ConflictError

__all__ = [
    "Action",
    "admit",
    "require_unmoved",
    "require_visible",
    "require_visible_product",
    "visible_to",
]


def require_visible_product(
    principal: Principal, product: ProductState | None, organization_id: UUID | None
) -> ProductState:
    """The product, as `require_visible` says; a public one may be read by anybody with a login."""
    if product is not None and product.public and organization_id is None:
        return product
    return require_visible(principal, product, "Product", organization_id)


def require_unmoved(seen: Owned, now: Owned) -> None:
    """Raise `ConflictError` where something isn't whose it was when it was looked at before its lock.

    What was read or stored for its old tenant isn't used in its new one.
    """
    if (seen.owner_id, seen.organization_id) != (now.owner_id, now.organization_id):
        raise ConflictError("The shooting was moved just now; repeat the request.")
