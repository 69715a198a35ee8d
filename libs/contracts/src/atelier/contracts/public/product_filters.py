"""Which products are meant, by their properties."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StrictBool

from atelier.contracts.enums import ProductGender, ProductSortField, ShotStatusFilter, SortOrder
from atelier.contracts.public.model import PublicModel

Part = Annotated[str, Field(max_length=255)]


class ProductFilters(PublicModel):
    """The filters of the products' list, in a body; a key that isn't known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    archived: StrictBool | None = None
    enabled: StrictBool | None = None
    demo: StrictBool | None = None
    brand: Part | None = None
    brand_collection: Annotated[list[Part], Field(max_length=1000)] | None = None
    search: Part | None = None
    shooting_id: UUID | None = None
    shot_statuses: Annotated[list[ShotStatusFilter], Field(max_length=100)] | None = None
    gender: ProductGender | None = None
    product_type: Part | None = None
    sort_by: ProductSortField | None = None
    sort_order: SortOrder = SortOrder.DESC
    skip: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] | None = None
