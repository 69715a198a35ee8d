"""Changing products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from atelier.catalog.pictures import Pictures
from atelier.catalog.products.models import Product
from atelier.catalog.products.schemas import ProductUpdate
from atelier.catalog.products.use_cases.bodies import (
    PLAIN,
    product_type,
    reference_field,
    require_product_type,
    sent_pictures,
)
from atelier.catalog.products.use_cases.finding import changeable, locked
from atelier.catalog.products.use_cases.shots import stand_anew
from atelier.contracts.products import ProductUpdated
from atelier.runtime import tenancy
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Ownership
from atelier.runtime.entities import change
from atelier.runtime.http.versions import Expected
from atelier.runtime.media_client import MediaClient
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

REQUIRED = ("name", "gender", "public", "enabled", "is_filler")
PICTURES = ("cover_image", "back_image")


async def update(
    uow: UnitOfWork,
    references: References,
    media: MediaClient,
    principal: Principal,
    id_: UUID,
    organization_id: UUID | None,
    expected: Expected,
    body: ProductUpdate,
) -> Product:
    """Change what is sent; a change of nothing is none, without a new version."""
    sent = body.sent()
    require_product_type(sent)
    tenancy.same_organization(organization_id, sent)
    await tenancy.verify(uow, references, principal, sent)
    pictures = await _ingested(uow, media, principal, id_, organization_id, expected, body)
    product = await locked(uow, principal, id_, organization_id, expected)
    before = Ownership(product.owner_id, product.organization_id)
    ownership = tenancy.move(principal, product, sent)
    pictures.require_stored_for(ownership)
    changes = _changes(product, sent) | _changed_pictures(body, sent, pictures)
    changes |= {"owner_id": ownership.owner_id, "organization_id": ownership.organization_id}
    if change(product, changes):
        uow.emit(product, ProductUpdated)
    if ownership != before:
        await stand_anew(uow, [product])
    return product


async def _ingested(
    uow: UnitOfWork,
    media: MediaClient,
    principal: Principal,
    id_: UUID,
    organization_id: UUID | None,
    expected: Expected,
    body: ProductUpdate,
) -> Pictures:
    """The pictures of the body, stored for whose the product will be; no transaction waits meanwhile."""
    sent = sent_pictures(id_, body)
    if not sent:
        return Pictures.none()
    product = await changeable(uow, principal, id_, organization_id, expected)
    ownership = tenancy.move(principal, product, body.sent())
    await uow.pause()
    return await sent.ingest(media, principal, ownership)


def _changes(product: Product, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent of the plain fields; null clears where the answer may be null."""
    changes = {name: sent[name] for name in PLAIN if name in sent}
    changes |= {name: sent[name] for name in REQUIRED if sent.get(name) is not None}
    return changes | {"product_type": product_type(sent, product.product_type)}


def _changed_pictures(body: ProductUpdate, sent: Mapping[str, Any], pictures: Pictures) -> dict[str, Any]:
    """What is sent of the pictures: one by one, null clearing, and the references all at once."""
    changed: dict[str, Any] = {name: pictures.one(name) for name in PICTURES if name in sent}
    field = reference_field(body)
    return changed | ({"reference_images": pictures.several(field)} if field else {})
