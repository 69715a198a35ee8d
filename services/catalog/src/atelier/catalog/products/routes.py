"""HTTP to use case, for products."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from atelier.catalog.policy import Action, allowed
from atelier.catalog.products import use_cases
from atelier.catalog.products.models import Product
from atelier.catalog.products.schemas import ProductCreate, ProductCreateMode, ProductUpdate
from atelier.contracts.public.media import Cdn
from atelier.contracts.public.messages import Message
from atelier.contracts.public.products import ProductPublic
from atelier.runtime.auth import Principal
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.dependencies import CurrentCdn, CurrentMedia, CurrentReferences
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.scope import OrganizationQuery
from atelier.runtime.http.versions import IfMatch, tag

router = api_router("/products", "products")


@router.post("/", status_code=201, openapi_extra=access.MEMBERS_CREATE)
async def create_product(
    body: ProductCreate,
    uow: Uow,
    references: CurrentReferences,
    media: CurrentMedia,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    response: Response,
    organization_id: OrganizationQuery = None,
    mode: Annotated[
        ProductCreateMode, Query(description="`basic` begins a draft.")
    ] = ProductCreateMode.COMPLETE,
    sync_captioning: Annotated[
        bool, Query(description="Wait for the caption, where there is a captioner.")
    ] = True,
) -> ProductPublic:
    """Register a product. There is no captioner yet, so nothing is waited for."""
    product = await use_cases.create(uow, references, media, principal, organization_id, mode, body)
    tag(response, product)
    return _shown(product, principal, cdn)


@router.get("/{id}", openapi_extra=access.MEMBERS_READ_OR_PUBLIC)
async def read_product(
    id: UUID,  # noqa: A002 - the contract's name
    uow: Uow,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> ProductPublic:
    """Read one product."""
    product = await use_cases.read(uow, principal, id, organization_id)
    tag(response, product)
    return _shown(product, principal, cdn)


@router.patch("/{id}", name="patch_product", openapi_extra=access.MEMBERS_WRITE)
@router.put("/{id}", openapi_extra=access.MEMBERS_WRITE)
async def update_product(
    id: UUID,  # noqa: A002
    body: ProductUpdate,
    uow: Uow,
    references: CurrentReferences,
    media: CurrentMedia,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    expected: IfMatch,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> ProductPublic:
    """Change the fields that are sent."""
    product = await use_cases.update(uow, references, media, principal, id, organization_id, expected, body)
    tag(response, product)
    return _shown(product, principal, cdn)


@router.delete("/{id}", openapi_extra=access.ADMINS_OR_OWN)
async def delete_product(
    id: UUID,  # noqa: A002
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
    organization_id: OrganizationQuery = None,
) -> Message:
    """Delete a product for good, with its pictures and generations."""
    await use_cases.delete(uow, principal, id, organization_id, expected)
    return Message(message="Product deleted.")


@router.patch("/{id}/archived", openapi_extra=access.MEMBERS_WRITE)
async def set_product_archived(
    id: UUID,  # noqa: A002
    archived: Annotated[bool, Query(description="Whether it is to be in the archive.")],
    uow: Uow,
    principal: CurrentPrincipal,
    cdn: CurrentCdn,
    expected: IfMatch,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> ProductPublic:
    """Put a product into the archive or take it out again."""
    product = await use_cases.set_archived(uow, principal, id, organization_id, expected, archived)
    tag(response, product)
    return _shown(product, principal, cdn)


def _shown(product: Product, principal: Principal, cdn: Cdn) -> ProductPublic:
    """The product with what other services feed of it, which is its tenant's own: not for all its readers.

    Nothing is exported to an integration yet.
    """
    if not allowed(principal, Action.READ, product):
        return ProductPublic.of(product.state(), cdn)
    return ProductPublic.of(
        product.state(),
        cdn,
        shot_status=product.shot_status,
        shot_status_shooting_look_id=product.shot_status_look_id,
        exports_completed=0,
        exports_total=0,
    )
