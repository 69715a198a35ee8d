"""Bodies of the products' operations."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import orjson
from pydantic import BeforeValidator, Field, JsonValue, StrictBool

from atelier.catalog.pictures import Image, Images
from atelier.contracts.enums import AgeClass, ProductGender, ProductPlacement
from atelier.contracts.types import UtcDatetime
from atelier.runtime.http.bodies import RequestBody

DEEPEST = 16
"""Levels of lists and objects inside of each other in a brand's own metadata."""
LARGEST = 64 * 1024
"""Bytes of a brand's own metadata as JSON: events carry it beside everything else of a product."""
TOO_LARGE = f"this may take at most {LARGEST} bytes as JSON"


class ProductCreateMode(StrEnum):
    """How a product begins: as a draft that a wizard completes, or complete."""

    BASIC = "basic"
    COMPLETE = "complete"


def _bounded(metadata: JsonValue) -> JsonValue:
    """Raise ValueError for what JSON can't hold, few can read, or no event could carry.

    It looks before the model does, which would take a minute for what fits into a body.
    """
    level: list[JsonValue] = [metadata]
    for _ in range(DEEPEST):
        if len(level) > LARGEST:
            raise ValueError(TOO_LARGE)
        if any(isinstance(one, float) and not math.isfinite(one) for one in level):
            raise ValueError("a number is out of range")
        level = [part for one in level for part in _parts(one)]
    if level:
        raise ValueError(f"lists and objects may be nested {DEEPEST} levels deep")
    if len(orjson.dumps(metadata)) > LARGEST:
        raise ValueError(TOO_LARGE)
    return metadata


def _parts(value: JsonValue) -> list[JsonValue]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


Name = Annotated[str, Field(min_length=1, max_length=255)]
Word = Annotated[str, Field(max_length=100)]
Line = Annotated[str, Field(max_length=255)]
Text = Annotated[str, Field(max_length=1000)]
Year = Annotated[int, Field(strict=True, ge=1, le=9999)]
OldImages = Annotated[list[Annotated[str, Field(min_length=1)]], Field(max_length=100)]
DEPRECATED = Field(json_schema_extra={"deprecated": True})  # pydantic's own flag warns at each reading
Metadata = Annotated[dict[str, JsonValue], BeforeValidator(_bounded)]


class ProductFields(RequestBody):
    """What is known of an article, all of it optional.

    `type` is the old name of `product_type`; `category` is taken for it where neither is known.
    `data_images` is the old name of `reference_images`.
    """

    sku: Line | None = None
    brand: Text | None = None
    master_item_code: Line | None = None
    product_family: Line | None = None
    product_type: Line | None = None
    product_type_id: UUID | None = None
    gender: ProductGender | None = None
    age_class: AgeClass | None = None
    placement: ProductPlacement | None = None
    zone: Line | None = None
    type: Annotated[Line | None, DEPRECATED] = None
    category: Annotated[Line | None, DEPRECATED] = None
    sleeve_type: Word | None = None
    neckline: Word | None = None
    closure_type: Word | None = None
    fit_type: Word | None = None
    length_type: Word | None = None
    pattern: Line | None = None
    materials: Text | None = None
    colour: Line | None = None
    season: Word | None = None
    year: Year | None = None
    style_code: Line | None = None
    in_store_date: UtcDatetime | None = None
    theme: Line | None = None
    brand_collection: Line | None = None
    description: Annotated[str, Field(max_length=3000)] | None = None
    back_description: Text | None = None
    ecommerce_description: Annotated[str, Field(max_length=5000)] | None = None
    brand_metadata: Metadata | None = None
    back_image: Image | None = None
    reference_images: Images | None = None
    data_images: Annotated[OldImages | None, DEPRECATED] = None
    is_filler: StrictBool | None = None
    owner_id: UUID | None = None
    organization_id: UUID | None = None


class ProductCreate(ProductFields):
    """A new product. Only administrators may set `owner_id`.

    Where `is_filler` isn't given, it is one whose SKU starts with `FILLER`, in any case of letters.
    """

    name: Name
    gender: ProductGender | None = ProductGender.UNISEX
    cover_image: Image
    public: StrictBool = False


class ProductUpdate(ProductFields):
    """Changes of a product: what isn't sent stays. `organization_id: null` makes it personal.

    Null clears the other fields, but name, gender, the pictures' list and what is true or false,
    which it leaves as they are. `enabled: true` ends a draft. Lists are replaced whole.
    """

    name: Name | None = None
    cover_image: Image | None = None
    public: StrictBool | None = None
    enabled: StrictBool | None = None
