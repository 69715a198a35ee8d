"""Making products."""

from __future__ import annotations

from uuid import UUID

from atelier.catalog.products.models import Product
from atelier.catalog.products.schemas import ProductCreate, ProductCreateMode
from atelier.catalog.products.use_cases.bodies import (
    PLAIN,
    is_filler,
    product_type,
    reference_field,
    require_product_type,
    sent_pictures,
)
from atelier.contracts.enums import ProductGender
from atelier.contracts.products import ProductCreated
from atelier.runtime import tenancy
from atelier.runtime.auth import Principal
from atelier.runtime.clock import new_id
from atelier.runtime.media_client import MediaClient
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork


async def create(
    uow: UnitOfWork,
    references: References,
    media: MediaClient,
    principal: Principal,
    organization_id: UUID | None,
    mode: ProductCreateMode,
    body: ProductCreate,
) -> Product:
    """Register a product, personal or of an organization in which the caller may create."""
    sent, id_ = body.sent(), new_id()
    require_product_type(sent)
    await tenancy.verify(uow, references, principal, tenancy.named(organization_id, sent))
    ownership = tenancy.place(principal, organization_id, sent)
    assert ownership.owner_id is not None, "a user asks"
    pictures = await sent_pictures(id_, body).ingest(media, principal, ownership)
    field = reference_field(body)
    product = Product(
        id=id_,
        created_at=uow.now,
        updated_at=uow.now,
        owner_id=ownership.owner_id,
        organization_id=ownership.organization_id,
        public=body.public,
        name=body.name,
        **{name: getattr(body, name) for name in PLAIN},
        product_type=product_type(sent),
        gender=body.gender or ProductGender.UNISEX,
        cover_image=pictures.one("cover_image"),
        back_image=pictures.one("back_image"),
        reference_images=pictures.several(field) if field else [],
        enabled=mode is ProductCreateMode.COMPLETE,
        is_filler=is_filler(body.sku) if body.is_filler is None else body.is_filler,
    )
    uow.add(product)
    uow.emit(product, ProductCreated)
    return product
