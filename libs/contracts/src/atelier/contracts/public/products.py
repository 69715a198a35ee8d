"""Products: what is photographed."""

from uuid import UUID

from pydantic import JsonValue

from atelier.contracts.enums import (
    AgeClass,
    ProductGender,
    ProductPlacement,
    ProductShootingStatus,
)
from atelier.contracts.products import ProductState
from atelier.contracts.public.media import Cdn, MediaResourcePublic
from atelier.contracts.public.model import PublicEntity
from atelier.contracts.types import UtcDatetime


class ProductPublic(PublicEntity):
    """An article of a brand's catalogue.

    `type` and `category` are the old names of `product_type`, `data_image_urls` of
    `reference_images`. A filler completes an outfit and is not itself the subject of a look.
    `shot_status` is the least advanced over the product's shots and
    `shot_status_shooting_look_id` the look that has it. These two, `integration_name` and the
    export counts are fed by other services' events: null where another entity embeds the product.
    """

    sku: str | None = None
    name: str
    brand: str | None = None
    master_item_code: str | None = None
    product_family: str | None = None
    product_type: str | None = None
    product_type_id: UUID | None = None
    gender: ProductGender
    age_class: AgeClass | None = None
    placement: ProductPlacement | None = None
    zone: str | None = None
    type: str | None = None
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
    cover_image_url: str | None
    cover_image_media: MediaResourcePublic | None = None
    back_image_url: str | None = None
    back_image_media: MediaResourcePublic | None = None
    reference_images: tuple[str, ...]
    reference_images_media: tuple[MediaResourcePublic, ...] | None = None
    data_image_urls: tuple[str, ...] = ()
    public: bool
    enabled: bool
    archived: bool
    demo: bool
    is_filler: bool
    owner_id: UUID
    organization_id: UUID | None = None
    shot_status: ProductShootingStatus | None = None
    shot_status_shooting_look_id: UUID | None = None
    integration_name: str | None = None
    exports_completed: int | None = None
    exports_total: int | None = None
    shots: tuple[JsonValue, ...] = ()

    @classmethod
    def of(cls, state: ProductState, cdn: Cdn, **fed: object) -> "ProductPublic":
        """The product as clients see it; `fed` are the fields that other services' events fill."""
        pictures = {
            "cover_image_url": cdn.url(state.cover_image),
            "cover_image_media": cdn.show(state.cover_image),
            "back_image_url": cdn.url(state.back_image),
            "back_image_media": cdn.show(state.back_image),
            "reference_images": cdn.urls(state.reference_images),
            "reference_images_media": cdn.show_all(state.reference_images),
            "data_image_urls": cdn.urls(state.reference_images),
        }
        own = {name: getattr(state, name) for name in cls.model_fields if hasattr(state, name)}
        return cls.model_validate(own | {"type": state.product_type} | pictures | fed)
