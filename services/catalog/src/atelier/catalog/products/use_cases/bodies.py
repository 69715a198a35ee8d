"""What bodies of products say: plain fields, old names, pictures, and what nobody can name yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from atelier.catalog.pictures import SentPictures
from atelier.catalog.products.schemas import ProductCreate, ProductUpdate
from atelier.contracts.products import ProductState
from atelier.runtime.errors import InvalidError

PLAIN = (
    "sku",
    "brand",
    "master_item_code",
    "product_family",
    "age_class",
    "placement",
    "zone",
    "category",
    "sleeve_type",
    "neckline",
    "closure_type",
    "fit_type",
    "length_type",
    "pattern",
    "materials",
    "colour",
    "season",
    "year",
    "style_code",
    "in_store_date",
    "theme",
    "brand_collection",
    "description",
    "back_description",
    "ecommerce_description",
    "brand_metadata",
)
"""Fields that are kept as they are sent; null clears them."""
REFERENCES = ("reference_images", "data_images")
"""The names of the list, the old one last."""


def require_product_type(sent: Mapping[str, Any]) -> None:
    """No product types exist yet, so every id of one is unknown."""
    if sent.get("product_type_id") is not None:
        raise InvalidError.unknown("body", "product_type_id")


def product_type(sent: Mapping[str, Any], known: str | None = None) -> str | None:
    """The product type after a body: by its name, or its old one, or the category where there is none."""
    named = [sent[name] for name in ("product_type", "type") if name in sent]
    given = next((name for name in named if name is not None), None if named else known)
    return sent.get("category") if given is None else given


def is_filler(sku: str | None) -> bool:
    """Whether a SKU is a filler's."""
    return sku is not None and sku.upper().startswith("FILLER")


def reference_field(body: ProductCreate | ProductUpdate) -> str | None:
    """The field that names the reference images, the old one only without the new; None without both."""
    return next((name for name in REFERENCES if getattr(body, name) is not None), None)


def sent_pictures(id_: UUID, body: ProductCreate | ProductUpdate) -> SentPictures:
    """The pictures of a body on their way into the product."""
    sent = SentPictures(ProductState, id_, "PRODUCT")
    sent.one("cover_image", body.cover_image)
    sent.one("back_image", body.back_image)
    field = reference_field(body)
    if field is not None:
        sent.several("reference_images", getattr(body, field), field)
    return sent
