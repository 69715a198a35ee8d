"""Products, as catalog owns them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from uuid import UUID

from pydantic import JsonValue

from atelier.contracts.enums import AgeClass, ProductGender, ProductPlacement
from atelier.contracts.media import Attached, Attaching, StoredMedia, one, several
from atelier.contracts.model import Event, Open
from atelier.contracts.types import UtcDatetime


class ProductState(Attaching):
    """An article of a brand's catalogue. What other services feed (shot status, exports) is no part of it.

    A filler completes an outfit and is not itself the subject of a look; `enabled` is false while
    it is a draft.
    """

    kind: ClassVar[str] = "products"

    sku: str | None = None
    name: str
    brand: str | None = None
    master_item_code: str | None = None
    product_family: str | None = None
    product_type: str | None = None
    product_type_id: UUID | None = None
    gender: Open[ProductGender]
    age_class: Open[AgeClass] | None = None
    placement: Open[ProductPlacement] | None = None
    zone: str | None = None
    category: str | None = None
    sleeve_type: str | None = None
    neckline: str | None = None
    closure_type: str | None = None
    fit_type: str | None = None
    length_type: str | None = None
    pattern: str | None = None
    materials: str | None = None
    colour: str | None = None
    season: str | None = None
    year: int | None = None
    style_code: str | None = None
    in_store_date: UtcDatetime | None = None
    theme: str | None = None
    brand_collection: str | None = None
    description: str | None = None
    back_description: str | None = None
    ecommerce_description: str | None = None
    brand_metadata: dict[str, JsonValue] | None = None
    cover_image: StoredMedia | None = None
    back_image: StoredMedia | None = None
    reference_images: tuple[StoredMedia, ...] = ()
    enabled: bool = True
    archived: bool = False
    demo: bool = False
    is_filler: bool = False

    def attached(self) -> Iterator[Attached]:
        """Cover, back and reference images."""
        yield from one("PRODUCT", self.id, "cover_image", self.cover_image)
        yield from one("PRODUCT", self.id, "back_image", self.back_image)
        yield from several("PRODUCT", self.id, "reference_images", self.reference_images)


class ProductCreated(Event[ProductState]):
    """A product is registered."""


class ProductUpdated(Event[ProductState]):
    """What is known of it, its pictures, or whose it is, changed."""


class ProductArchived(Event[ProductState]):
    """It was put into the archive or taken out again, as `state.archived` says."""


class ProductDeleted(Event[ProductState]):
    """The product is gone for good; looks that use it keep its last known state."""
